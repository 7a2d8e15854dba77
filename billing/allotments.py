"""What a renewal is: how much, when, for how long (domain 5.6). Asks the terms, writes nothing."""

from datetime import datetime, timedelta

from accounts.clock import FOREVER
from billing import periods
from billing.models import PlanVersion, Subscription


def period_bounds(subscription: Subscription, n: int) -> tuple[datetime, datetime]:
    """`[from, until)` of the subscription's period `n`."""
    clock = subscription.plan_version.allotment_clock
    return periods.period_bounds(anchor_at=subscription.anchor_at, clock=clock, n=n)


def amount(terms: PlanVersion, *, anchor_at: datetime, n: int) -> int:
    """Credits of period `n`; only the first month by the calendar can be prorated."""
    by_days = terms.first_partial_month == PlanVersion.FirstMonth.PRORATED
    if n == 0 and by_days and terms.allotment_clock == PlanVersion.Clock.CALENDAR_MONTH:
        return periods.prorated(terms.allotment, anchor_at=anchor_at)
    return terms.allotment


def lot_end(terms: PlanVersion, *, starts_at: datetime, ends_at: datetime) -> datetime:
    """When the credits of a period end: with it (reset), or after their own life (accumulate)."""
    if terms.renewal == PlanVersion.Renewal.RESET:
        return ends_at
    if terms.credit_life_days is None:
        return FOREVER
    return starts_at + timedelta(days=terms.credit_life_days)


def subscription_end(subscription: Subscription) -> datetime | None:
    """When the subscription ends, as things stand: cancelled to an instant, or unpaid past the grace."""
    unpaid_at = None if subscription.paid_through >= FOREVER else subscription.paid_through + periods.PAYMENT_GRACE
    return min((at for at in (subscription.cancel_at, unpaid_at) if at is not None), default=None)


def next_renewal(subscription: Subscription) -> datetime | None:
    """When the period `next_n` starts; None when none will, as things stand.

    Every verb that moves `paid_through`, `cancel_at`, `ended_at` or `next_n` stores it in `renews_at`.
    """
    if subscription.ended_at is not None:
        return None
    starts_at, _ = period_bounds(subscription, subscription.next_n)
    if starts_at >= subscription.paid_through:
        return None
    if subscription.cancel_at is not None and starts_at >= subscription.cancel_at:
        return None
    return starts_at
