"""All the money of an order is gone: so is the plan that rests on it, and what was owed to the holder because of it.

A plan rests on the order of its term, and on those before whose unused share was set against the price: one change of
plan after another. Whatever of all this is not covered by the money that went back stays the holder's, as bill credit.
"""

from contextlib import suppress
from datetime import datetime

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from billing import ledger, subscriptions
from billing.models import BillCredit, Order, Subscription, Wallet
from billing.plan_money import unused_share
from billing.prices import post_bill_credit
from billing.subscriptions import NotRunning

from .paying import give_credit_back

Kind = Order.Kind
# Bill credit that comes of unused shares, by the beginning of its key.
SHARES = ("upgrade:", "order-share:", "undone:")


def undo(order: Order, *, at: datetime) -> None:
    """Under the order's lock, once. An order that was paid and not granted ends nothing: another one paid the plan."""
    give_credit_back(order, key=f"order-undone:{order.pk}", reason=f"Order {order.public_id} was paid back", at=at)
    if order.kind == Kind.PACK or order.mismatch or order.paid_at is None:
        return
    wallet = ledger.lock_by_id(order.lines.get().wallet_id)
    ledger.settle(wallet, at=at)
    next_term = _after(order, wallet).exclude(kind=Kind.UPGRADE).order_by("paid_at", "pk").first()
    unused = 0 if next_term else _end_plan(order, wallet, at=at)
    shares = _shares(order, wallet, until=next_term and next_term.paid_at)
    went_back = order.amount + order.bill_credit_used
    post_bill_credit(
        wallet=wallet,
        amount=max(unused - went_back, -shares),
        currency=order.currency,
        reason=_("Order %(number)s was paid back") % {"number": order.public_id},
        key=f"undone:{order.pk}",
        at=at,
    )


def _after(order: Order, wallet: Wallet) -> QuerySet[Order]:
    """What was paid for plans of this wallet, and granted, after this order."""
    granted = Order.objects.filter(lines__wallet=wallet, mismatch="").exclude(kind=Kind.PACK)
    return granted.filter(Q(paid_at__gt=order.paid_at) | Q(paid_at=order.paid_at, pk__gt=order.pk))


def _end_plan(order: Order, wallet: Wallet, *, at: datetime) -> int:
    """End the plan that rests on this order; answers what the days of it that are left have cost."""
    held = Subscription.objects.running().filter(wallet=wallet, paid_at__gte=order.paid_at).first()
    if held is None:
        # None, or one that staff gave since.
        return 0
    unused = unused_share(held, at=at)
    with suppress(NotRunning):
        subscriptions.end(subscription=held, at=at)
    return unused


def _shares(order: Order, wallet: Wallet, *, until: datetime | None) -> int:
    """What is owed because of unused shares in which money of this order may be."""
    of_shares = Q()
    for beginning in SHARES:
        of_shares |= Q(key__startswith=beginning)
    posted = BillCredit.objects.filter(of_shares, wallet=wallet, currency=order.currency, posted_at__gte=order.paid_at)
    if until is not None:
        posted = posted.filter(posted_at__lt=until)
    return max(posted.aggregate(sum=Sum("amount"))["sum"] or 0, 0)
