"""What the payment for a plan does: the plan starts, changes, or goes on for one more term."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.clock import FOREVER
from billing import allotments, ledger, subscriptions
from billing.models import Order, OrderLine, Subscription
from billing.periods import term_end_after
from billing.plan_money import upgrade_price
from billing.prices import post_bill_credit
from billing.subscriptions import NotRunning, SubscriptionRefused

Kind = Order.Kind
OPEN = (Order.State.CREATED, Order.State.PENDING)


def grant(order: Order, line: OrderLine, *, subscription: str, at: datetime) -> None:
    """Under the order's lock. Raises SubscriptionRefused when the plan cannot be had any more.

    Terms count from our own anchor, one for each payment: the provider's clock decides nothing.
    """
    if order.kind == Kind.RENEWAL:
        _go_on(order, line, subscription=subscription, at=at)
        return
    assert line.plan_version is not None
    facts: dict[str, Any] = {
        "interval": line.interval,
        "seats": line.seats,
        "paid_through": term_end_after(at, anchor_at=at, interval=line.interval),
        "provider": order.provider,
        "provider_reference": subscription,
        "started_by": order.buyer,
        "paid_at": at,
        "at": at,
    }
    if order.kind == Kind.UPGRADE:
        held = _running(line, at=at)
        _owe_what_was_paid_since(order, line, held, at=at)
        _give_up_terms(line, at=at)
        subscriptions.upgrade(subscription=held, version=line.plan_version, **facts)
    else:
        subscriptions.subscribe(member=order.team or order.buyer, plan_version=line.plan_version, **facts)


def _owe_what_was_paid_since(order: Order, line: OrderLine, held: Subscription, *, at: datetime) -> None:
    """While the order waited another term was paid: its share could not be set against the price, and is owed."""
    assert line.plan_version is not None
    due = upgrade_price(held, line.plan_version, line.interval, seats=line.seats, at=at)
    post_bill_credit(
        wallet=line.wallet,
        amount=max(order.amount + order.bill_credit_used - due, 0),
        currency=order.currency,
        reason=_("Unused share of %(plan)s") % {"plan": held.plan_version.plan},
        key=f"order-share:{order.pk}",
        at=at,
    )


def _give_up_terms(line: OrderLine, *, at: datetime) -> None:
    """Of the plan that ends here nothing more is to be paid; the sweep closes what asks for it."""
    terms = Order.objects.filter(lines__wallet=line.wallet, kind=Kind.RENEWAL, state__in=OPEN, lapses_at__gt=at)
    Order.objects.filter(pk__in=list(terms.values_list("pk", flat=True))).update(lapses_at=at)


def _go_on(order: Order, line: OrderLine, *, subscription: str, at: datetime) -> None:
    held = _running(line, at=at)
    if subscription not in {"", held.provider_reference}:
        raise NotRunning("The plan that this paid for has ended.")
    if (line.interval, line.seats) not in _rhythms(held, line):
        raise SubscriptionRefused("It pays another plan, or other licences.")
    if held.paid_through >= FOREVER:
        raise SubscriptionRefused("The plan is paid for without end.")
    until = allotments.next_term_end(held)
    subscriptions.pay_through(subscription=held, until=until, actor=order.confirmed_by, at=at)


def _rhythms(held: Subscription, line: OrderLine) -> list[tuple[str, int]]:
    """How the plan of the line is paid, as it is held or follows: interval and licences."""
    assert line.plan_version is not None
    ways = [(held.plan_version, held.interval, held.seats)]
    if held.next_version is not None:
        ways.append((held.next_version, held.next_interval, held.next_seats or held.seats))
    return [(interval, seats) for version, interval, seats in ways if version.plan_id == line.plan_version.plan_id]


def _running(line: OrderLine, *, at: datetime) -> Subscription:
    """The plan of the line's wallet, with all that is due by now posted: a change that waited may have begun."""
    ledger.settle(ledger.lock_by_id(line.wallet_id), at=at)
    held = Subscription.objects.running().filter(wallet=line.wallet).first()
    if held is None:
        raise NotRunning("There is no plan any more.")
    return held


def end(order: Order, *, at: datetime) -> None:
    """All the money of a term went back: the plan that it pays for now ends at once."""
    latest = Order.objects.filter(lines__wallet__in=order.lines.values("wallet"), paid_at__isnull=False)
    if order.kind == Kind.PACK or latest.exclude(kind=Kind.PACK).order_by("paid_at", "pk").last() != order:
        return
    held = Subscription.objects.running().filter(wallet__in=order.lines.values("wallet")).first()
    if held is not None:
        with suppress(NotRunning):
            subscriptions.end(subscription=held, at=at)
