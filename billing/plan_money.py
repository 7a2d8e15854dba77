"""What a change of plan costs: minor units, and days of 24 hours of which a begun one is used.

Only money that came counts: of a plan that staff gave there is no share to set against anything.
"""

from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.db.models import Sum

from accounts.clock import FOREVER

from . import periods
from .models import BillCredit, Dispute, Order, PlanVersion, Repayment, Subscription
from .prices import term_price

DAY = timedelta(days=1)
# How the key begins by which a part of an order's money that went back is taken from what is owed.
PART_BACK = "part-back:"


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
    starts_at, ends_at = _term_before(until, anchor_at=subscription.anchor_at, interval=subscription.interval)
    return (until - at) // DAY, (ends_at - starts_at) // DAY


def is_next_paid(subscription: Subscription) -> bool:
    """Whether the term of the plan that waits is paid already, at that plan's price."""
    return subscription.changes_at is not None and subscription.changes_at < subscription.paid_through < FOREVER


def unused_share(subscription: Subscription, *, at: datetime) -> int:
    """What the days left of the old term have cost, without money that went back since."""
    cost = cost_of_days_left(subscription, at=at)
    return max(cost - money_back(subscription), 0) if cost else 0


def money_back(subscription: Subscription) -> int:
    """Of the money for the running term, what went back since its last payment and was not taken from what is owed."""
    wallet, since = subscription.wallet, subscription.paid_at
    paid = Order.objects.filter(lines__wallet=wallet, paid_at__isnull=False, mismatch="").exclude(kind=Order.Kind.PACK)
    term = paid.exclude(kind=Order.Kind.UPGRADE).order_by("paid_at", "pk").last()
    if term is not None:
        paid = paid.filter(paid_at__gte=term.paid_at)
    repaid = Repayment.objects.filter(order__in=paid, repaid_at__gte=since)
    lost = Dispute.objects.filter(order__in=paid, state=Dispute.State.LOST, closed_at__gte=since)
    taken = BillCredit.objects.filter(wallet=wallet, key__startswith=PART_BACK, posted_at__gte=since)
    return sum(rows.aggregate(sum=Sum("amount"))["sum"] or 0 for rows in (repaid, lost, taken))


def cost_of_days_left(subscription: Subscription, *, at: datetime) -> int:
    """Rounded down; the days of a plan that waits at that plan's price."""
    left, whole = days_left(subscription, at=at)
    price = term_price(subscription.plan_version, subscription.interval, seats=subscription.seats)
    if not left or not is_next_paid(subscription):
        return price * left // whole
    version, changes_at = subscription.next_version, subscription.changes_at
    assert version is not None and changes_at is not None
    starts_at, ends_at = _term_before(changes_at, anchor_at=subscription.anchor_at, interval=subscription.interval)
    of_now = price * max((changes_at - at) // DAY, 0) // ((ends_at - starts_at) // DAY)
    return of_now + term_price(version, subscription.next_interval, seats=subscription.next_seats or subscription.seats)


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


def _term_before(until: datetime, *, anchor_at: datetime, interval: str) -> tuple[datetime, datetime]:
    """The whole term, counted from the anchor, in which the paid time ends."""
    anchor_at = anchor_at.astimezone(UTC)
    months = periods.MONTHS_OF_TERM[interval]
    terms = max(((until.year - anchor_at.year) * 12 + until.month - anchor_at.month) // months, 1)
    while anchor_at + relativedelta(months=months * terms) < until:
        terms += 1
    starts_at = anchor_at + relativedelta(months=months * (terms - 1))
    return starts_at, anchor_at + relativedelta(months=months * terms)
