"""What a change of plan costs: minor units, and days of 24 hours of which a begun one is used.

Only money that came counts: of a plan that staff gave there is no share to set against anything.
"""

from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.db.models import QuerySet, Sum

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
    """What the days left have cost, without money for them that went back since."""
    costs = _costs_of_days_left(subscription, at=at)
    if not any(costs):
        return 0
    return sum(max(cost - back, 0) for cost, back in zip(costs, _money_back(subscription, at=at), strict=True))


def cost_of_days_left(subscription: Subscription, *, at: datetime) -> int:
    """Rounded down."""
    return sum(_costs_of_days_left(subscription, at=at))


def money_back(subscription: Subscription, *, at: datetime) -> int:
    """Of the money for the days left, what went back since they were reckoned, and was not taken from what is owed."""
    return sum(_money_back(subscription, at=at))


def _costs_of_days_left(subscription: Subscription, *, at: datetime) -> tuple[int, int]:
    """Of the term that runs, and of one that is paid ahead, which may be of the plan that waits."""
    price = term_price(subscription.plan_version, subscription.interval, seats=subscription.seats)
    left, whole = days_left(subscription, at=at)
    begins = _begin_of_last_term(subscription) if left else at
    if begins <= at:
        return price * left // whole, 0
    starts_at, _ends_at = _term_before(begins, anchor_at=subscription.anchor_at, interval=subscription.interval)
    of_now = price * ((begins - at) // DAY) // ((begins - starts_at) // DAY)
    if not is_next_paid(subscription) or subscription.next_version is None:
        return of_now, price
    seats = subscription.next_seats or subscription.seats
    return of_now, term_price(subscription.next_version, subscription.next_interval, seats=seats)


def _begin_of_last_term(subscription: Subscription) -> datetime:
    """Of those that are paid."""
    if is_next_paid(subscription) and subscription.changes_at is not None:
        return subscription.changes_at
    until, anchor_at = subscription.paid_through, subscription.anchor_at
    return _term_before(until, anchor_at=anchor_at, interval=subscription.interval)[0]


def _money_back(subscription: Subscription, *, at: datetime) -> tuple[int, int]:
    """Of the same two terms: all orders since the first was paid, but for the last, which may have paid the second."""
    paid = Order.objects.filter(lines__wallet=subscription.wallet, paid_at__isnull=False, mismatch="")
    paid = paid.exclude(kind=Order.Kind.PACK)
    is_ahead = _begin_of_last_term(subscription) > at
    terms = list(paid.exclude(kind=Order.Kind.UPGRADE).order_by("-paid_at", "-pk")[: 2 if is_ahead else 1])
    if terms:
        paid = paid.filter(paid_at__gte=terms[-1].paid_at)
    # Not one that is being granted just now.
    changes = paid.filter(kind=Order.Kind.UPGRADE, paid_at__lte=subscription.paid_at).order_by("paid_at")
    reckoned_by = changes.last() or (terms[-1] if terms else None)
    reckoned_at = reckoned_by.paid_at if reckoned_by else subscription.paid_at
    ahead = paid.filter(pk=terms[0].pk) if is_ahead and len(terms) > 1 else paid.none()
    return _went_back(paid.exclude(pk__in=ahead), since=reckoned_at), _went_back(ahead, since=reckoned_at)


def _went_back(orders: QuerySet[Order], *, since: datetime | None) -> int:
    repaid = Repayment.objects.filter(order__in=orders, repaid_at__gte=since)
    lost = Dispute.objects.filter(order__in=orders, state=Dispute.State.LOST, closed_at__gte=since)
    causes = [f"repayment-{pk}" for pk in repaid.values_list("pk", flat=True)]
    causes += [f"dispute-{pk}" for pk in lost.values_list("pk", flat=True)]
    taken = BillCredit.objects.filter(key__in=[f"{PART_BACK}{cause}" for cause in causes])
    return sum(rows.aggregate(sum=Sum("amount"))["sum"] or 0 for rows in (repaid, lost, taken))


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
