"""What the payment for a plan does: the plan starts, changes, or goes on for one more term."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from accounts.clock import FOREVER
from billing import allotments, ledger, subscriptions
from billing.models import Order, OrderLine, Subscription
from billing.periods import term_end_after
from billing.subscriptions import NotRunning, SubscriptionRefused

Kind = Order.Kind


def grant(order: Order, line: OrderLine, *, subscription: str, at: datetime) -> None:
    """Under the order's lock. Raises SubscriptionRefused when the plan cannot be had any more.

    Terms count from our own anchor, one for each payment: the provider's clock decides nothing.
    """
    if order.kind == Kind.RENEWAL:
        _go_on(order, line, at=at)
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
        subscriptions.upgrade(subscription=held, version=line.plan_version, **facts)
    else:
        subscriptions.subscribe(member=order.team or order.buyer, plan_version=line.plan_version, **facts)


def _go_on(order: Order, line: OrderLine, *, at: datetime) -> None:
    held = _running(line, at=at)
    if held.paid_through >= FOREVER:
        raise SubscriptionRefused("The plan is paid for without end.")
    until = allotments.next_term_end(held)
    subscriptions.pay_through(subscription=held, until=until, actor=order.confirmed_by, at=at)


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
