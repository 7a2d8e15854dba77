"""What a renewal is: how much, when, for how long (domain 5.6). Asks the terms, writes nothing.

Figures of a plan are those of one seat: a pool receives them for each active one.
"""

from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta

from accounts.clock import FOREVER
from billing import periods
from billing.models import PlanVersion, Subscription
from billing.models.subscription import Interval


def period_bounds(subscription: Subscription, n: int) -> tuple[datetime, datetime]:
    """`[from, until)` of the subscription's period `n`."""
    clock = subscription.plan_version.allotment_clock
    return periods.period_bounds(anchor_at=subscription.anchor_at, clock=clock, n=n)


def amount(terms: PlanVersion, *, anchor_at: datetime, n: int, contract: int | None = None, seats: int = 1) -> int:
    """Credits of period `n`: the terms' figure or the contract's, for each seat.

    Only the first month by the calendar can be prorated.
    """
    figure = terms.allotment if contract is None else contract
    by_days = terms.first_partial_month == PlanVersion.FirstMonth.PRORATED
    if n == 0 and by_days and terms.allotment_clock == PlanVersion.Clock.CALENDAR_MONTH:
        figure = periods.prorated(figure, anchor_at=anchor_at)
    return figure * seats


def cap(subscription: Subscription, *, seats: int) -> int | None:
    """Most plan credits the wallet holds after a renewal; it grows with a contract's figure as with the seats.

    A pool all of whose seats are parked keeps what one seat may hold.
    """
    terms, contract = subscription.plan_version, subscription.contract_allotment
    if terms.cap is None:
        return None
    of_a_seat = terms.cap if not (contract and terms.allotment) else terms.cap * contract // terms.allotment
    return of_a_seat * max(seats, 1)


def lot_end(subscription: Subscription, *, starts_at: datetime, ends_at: datetime) -> datetime:
    """When the credits of a period end: with it (reset), or after their own life (accumulate).

    That life begins with the period, or by the terms with a payment that came later.
    """
    terms = subscription.plan_version
    if terms.renewal == PlanVersion.Renewal.RESET:
        return ends_at
    if terms.credit_life_days is None:
        return FOREVER
    begins_at = starts_at
    if terms.credit_life_from == PlanVersion.LifeFrom.PAYMENT:
        begins_at = max(starts_at, subscription.paid_at or starts_at)
    return begins_at + timedelta(days=terms.credit_life_days)


def subscription_end(subscription: Subscription, *, grace_days: int) -> datetime | None:
    """When the subscription ends, as things stand: cancelled to an instant, or unpaid past the grace."""
    is_endless = subscription.paid_through >= FOREVER
    unpaid_at = None if is_endless else subscription.paid_through + timedelta(days=grace_days)
    return min((at for at in (subscription.cancel_at, unpaid_at) if at is not None), default=None)


def next_renewal(subscription: Subscription) -> datetime | None:
    """When the period `next_n` starts; None when none will, as things stand.

    Every verb that moves `paid_through`, `cancel_at`, `changes_at`, `ended_at` or `next_n` stores it in `renews_at`.
    """
    clock, n = subscription.plan_version.allotment_clock, subscription.next_n
    starts_at = periods.period_start(anchor_at=subscription.anchor_at, clock=clock, n=n)
    return starts_at if _goes_on_at(subscription, starts_at) else None


def next_bonus(subscription: Subscription) -> datetime | None:
    """When the yearly term `next_term` starts, if the terms give a bonus for it and it will come."""
    if subscription.interval != Interval.YEAR or not subscription.plan_version.annual_bonus_credits:
        return None
    starts_at, _ = term_bounds(subscription, subscription.next_term)
    return starts_at if _goes_on_at(subscription, starts_at) else None


def term_bounds(subscription: Subscription, number: int) -> tuple[datetime, datetime]:
    """`[from, until)` of the yearly or monthly term of this number: what one payment pays for."""
    months = periods.MONTHS_OF_TERM[subscription.interval]
    anchor_at = subscription.anchor_at.astimezone(UTC)
    return (
        anchor_at + relativedelta(months=months * number),
        anchor_at + relativedelta(months=months * (number + 1)),
    )


def next_term_end(subscription: Subscription) -> datetime:
    """To when one more payment pays: a term of the plan held, or of the one that waits to take its place by then."""
    until, changes_at = subscription.paid_through, subscription.changes_at
    if changes_at is not None and changes_at <= until:
        return periods.term_end_after(until, anchor_at=changes_at, interval=subscription.next_interval)
    return periods.term_end_after(until, anchor_at=subscription.anchor_at, interval=subscription.interval)


def _goes_on_at(subscription: Subscription, instant: datetime) -> bool:
    """Whether the subscription, as things stand, starts something at `instant`."""
    if subscription.ended_at is not None:
        return False
    ends = (subscription.paid_through, subscription.cancel_at, subscription.changes_at)
    return all(instant < end for end in ends if end is not None)
