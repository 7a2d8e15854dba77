"""How long an unpaid plan goes on: days of the policy that ruled when the payment was missing (domain 5.6)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from accounts.site_policy import SitePolicy, timeline


def running(at: datetime) -> Q:
    """Subscriptions that are paid at `at`, or in the grace of a payment."""
    return reduce(or_, (span & Q(paid_through__gt=unpaid_since) for span, unpaid_since in _spans(at)))


def over(at: datetime) -> Q:
    """Subscriptions whose grace was over by `at`, whether or not a worker has ended them since."""
    return reduce(or_, (span & Q(paid_through__lte=unpaid_since) for span, unpaid_since in _spans(at)))


def ends_at(paid_through: datetime) -> datetime:
    """When a plan that is paid until then ends, if nothing more is paid."""
    return paid_through + timedelta(days=timeline().at(paid_through).payment_grace_days)


def _spans(at: datetime) -> Iterator[tuple[Q, datetime]]:
    """Of payments that were missing while one number of days ruled: which, and since when they are too late."""
    values = timeline().values_of("payment_grace_days") or [(at, SitePolicy(version=0).payment_grace_days)]
    ends = [begins for begins, _ in values[1:]]
    for number, (begins, days) in enumerate(values):
        span = Q() if number == 0 else Q(paid_through__gte=begins)
        if number < len(ends):
            span &= Q(paid_through__lt=ends[number])
        yield span, at - timedelta(days=days)
