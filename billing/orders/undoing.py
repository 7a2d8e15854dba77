"""All the money of an order is gone: so is the plan that rests on it, and what was owed to the holder because of it.

A plan rests on the order of its term, and on those before whose unused share was set against the price: one change of
plan after another. Whatever of all this is not covered by the money that went back stays the holder's, as bill credit.
"""

from contextlib import suppress
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from billing import ledger, subscriptions
from billing.models import BillCredit, Dispute, Order, Subscription, Wallet
from billing.plan_money import PART_BACK, cost_of_days_left, money_back
from billing.prices import post_bill_credit
from billing.subscriptions import NotRunning

from .paying import give_credit_back

Kind = Order.Kind
# Bill credit that comes of unused shares, by the beginning of its key.
SHARES = ("upgrade:", "order-share:", "undone:", PART_BACK)


def undo(order: Order, *, at: datetime) -> None:
    """Under the order's lock, once. An order that was paid and not granted ends nothing: another one paid the plan."""
    give_credit_back(order, key=f"order-undone:{order.pk}", reason=f"Order {order.public_id} was paid back", at=at)
    if order.kind == Kind.PACK or order.mismatch or order.paid_at is None:
        return
    wallet = ledger.lock_by_id(order.lines.get().wallet_id)
    ledger.settle(wallet, at=at)
    unused, went_back = _end_plan(order, wallet, at=at)
    kept = unused - went_back - order.bill_credit_used
    _post(order, wallet, max(kept, -_shares(order, wallet)), key=f"undone:{order.pk}", at=at)


def undo_part(order: Order, *, amount: int, cause: str, at: datetime) -> None:
    """A part went back: the plan goes on, and its unused share is less, but first of all what is owed because of it."""
    if order.kind == Kind.PACK or order.mismatch:
        return
    wallet = ledger.lock_by_id(order.lines.get().wallet_id)
    _post(order, wallet, -min(amount, _shares(order, wallet)), key=f"{PART_BACK}{cause}", at=at)


def _post(order: Order, wallet: Wallet, amount: int, *, key: str, at: datetime) -> None:
    reason = _("Order %(number)s was paid back") % {"number": order.public_id}
    post_bill_credit(wallet=wallet, amount=amount, currency=order.currency, reason=reason, key=key, at=at)


def _next_term(order: Order, wallet: Wallet) -> Order | None:
    """The order by which another term was paid since, and whose money is here: what follows rests on that."""
    lost = Sum("disputes__amount", filter=Q(disputes__state=Dispute.State.LOST), default=0)
    terms = _after(order, wallet).exclude(kind=Kind.UPGRADE).annotate(gone=F("repaid") + lost)
    return terms.filter(gone__lt=F("amount")).order_by("paid_at", "pk").first()


def _after(order: Order, wallet: Wallet) -> QuerySet[Order]:
    """What was paid for plans of this wallet, and granted, after this order."""
    granted = Order.objects.filter(lines__wallet=wallet, mismatch="").exclude(kind=Kind.PACK)
    return granted.filter(Q(paid_at__gt=order.paid_at) | Q(paid_at=order.paid_at, pk__gt=order.pk))


def _end_plan(order: Order, wallet: Wallet, *, at: datetime) -> tuple[int, int]:
    """End the plan that rests on this order: what its days left have cost, and what of its money went back."""
    held = Subscription.objects.running().filter(wallet=wallet, paid_at__gte=order.paid_at).first()
    if held is None or _next_term(order, wallet) is not None:
        # None, or one that staff gave since, or that was paid since.
        return 0, order.amount
    unused, went_back = cost_of_days_left(held, at=at), money_back(held, at=at)
    with suppress(NotRunning):
        subscriptions.end(subscription=held, at=at)
    return unused, went_back


def _shares(order: Order, wallet: Wallet) -> int:
    """What is owed because of unused shares in which money of this order may be."""
    of_shares = Q()
    for beginning in SHARES:
        of_shares |= Q(key__startswith=beginning)
    posted = BillCredit.objects.filter(of_shares, wallet=wallet, currency=order.currency, posted_at__gte=order.paid_at)
    if (next_term := _next_term(order, wallet)) is not None:
        posted = posted.filter(posted_at__lte=next_term.paid_at)
    return max(posted.aggregate(sum=Sum("amount"))["sum"] or 0, 0)
