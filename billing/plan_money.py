"""What a change of plan costs: minor units, and days of 24 hours of which a begun one is used.

Only money that came counts: of a plan that staff gave there is no share to set against anything.
"""

from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta

from accounts.clock import FOREVER

from . import periods
from .models import PlanVersion, Subscription
from .prices import term_price

DAY = timedelta(days=1)


def monthly_price(version: PlanVersion, interval: str) -> int:
    """One seat, one month, paid in this rhythm."""
    return version.price_billed_yearly if interval == "year" else version.price_billed_monthly


def saving(version: PlanVersion) -> int:
    """By how many whole per cent a year is cheaper than twelve months."""
    monthly, yearly = version.price_billed_monthly, version.price_billed_yearly
    return (monthly - yearly) * 100 // monthly if monthly > yearly else 0


def days_left(subscription: Subscription, *, at: datetime) -> tuple[int, int]:
    """Whole days that are paid and not begun, and the days of their term; (0, 1) if nothing was paid."""
    until = subscription.paid_through
    if subscription.paid_at is None or until >= FOREVER or until <= at:
        return 0, 1
    starts_at, ends_at = _term_before(until, subscription)
    return (until - at) // DAY, (ends_at - starts_at) // DAY


def unused_share(subscription: Subscription, *, at: datetime) -> int:
    """What the days left of the old term have cost, rounded down."""
    left, whole = days_left(subscription, at=at)
    price = term_price(subscription.plan_version, subscription.interval, seats=subscription.seats)
    return price * left // whole


def upgrade_price(subscription: Subscription, version: PlanVersion, interval: str, *, seats: int, at: datetime) -> int:
    """Due for another plan now: its first term without the unused share of the old one; never below 0."""
    return max(_difference(subscription, version, interval, seats=seats, at=at), 0)


def credit_left_over(
    subscription: Subscription, version: PlanVersion, interval: str, *, seats: int, at: datetime
) -> int:
    """By how much the unused share exceeds the new price: it is owed to the holder."""
    return max(-_difference(subscription, version, interval, seats=seats, at=at), 0)


def _difference(subscription: Subscription, version: PlanVersion, interval: str, *, seats: int, at: datetime) -> int:
    price = term_price(version, interval, seats=seats)
    # Money of one currency pays nothing in another.
    is_same = version.currency == subscription.plan_version.currency
    return price - (unused_share(subscription, at=at) if is_same else 0)


def _term_before(until: datetime, subscription: Subscription) -> tuple[datetime, datetime]:
    """The whole term, counted from the anchor, in which the paid time ends."""
    anchor_at = subscription.anchor_at.astimezone(UTC)
    months = periods.MONTHS_OF_TERM[subscription.interval]
    terms = max(((until.year - anchor_at.year) * 12 + until.month - anchor_at.month) // months, 1)
    while anchor_at + relativedelta(months=months * terms) < until:
        terms += 1
    starts_at = anchor_at + relativedelta(months=months * (terms - 1))
    return starts_at, anchor_at + relativedelta(months=months * terms)
