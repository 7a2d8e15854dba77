"""What the payment for a plan does: the plan starts, changes, or goes on for one more term."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.clock import FOREVER
from billing import allotments, ledger, subscriptions
from billing.models import Order, OrderLine, PlanVersion, Subscription
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
        if line.changes_id not in {None, held.pk}:
            # Its unused share was set against the price, and is gone with it.
            raise NotRunning("The plan that it was to change has ended.")
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
    if held.paid_through >= FOREVER:
        raise SubscriptionRefused("The plan is paid for without end.")
    until = _end_of_paid_term(held, line)
    subscriptions.pay_through(subscription=held, until=until, actor=order.confirmed_by, paid_at=at, at=at)


def _end_of_paid_term(held: Subscription, line: OrderLine) -> datetime:
    """A payment pays a term as it was ordered: of the plan that waits for it, or of the one held, which then goes on.

    Raises SubscriptionRefused where it is neither.
    """
    if held.next_version is not None and _is_of(line, held.next_version, held.next_interval, held.next_seats, held):
        return allotments.next_term_end(held)
    if not _is_of(line, held.plan_version, held.interval, held.seats, held):
        raise SubscriptionRefused("It pays another plan, or other licences.")
    until = term_end_after(held.paid_through, anchor_at=held.anchor_at, interval=held.interval)
    if held.changes_at is not None:
        held.changes_at = until
        subscriptions.store(held, "changes_at")
    return until


def _is_of(line: OrderLine, version: PlanVersion, interval: str, seats: int | None, held: Subscription) -> bool:
    assert line.plan_version is not None
    terms = (version.plan_id, interval, seats or held.seats)
    return (line.plan_version.plan_id, line.interval, line.seats) == terms


def _running(line: OrderLine, *, at: datetime) -> Subscription:
    """The plan of the line's wallet, with all that is due by now posted: a change that waited may have begun."""
    ledger.settle(ledger.lock_by_id(line.wallet_id), at=at)
    held = Subscription.objects.running().filter(wallet=line.wallet).first()
    if held is None:
        raise NotRunning("There is no plan any more.")
    return held
