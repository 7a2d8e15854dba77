"""R6 with a clock: what a working worker would have posted by now. Nothing is broken, something is off."""

from datetime import datetime, timedelta

from billing.models import Charge, Lot, Subscription

RETURN_WITHIN = timedelta(minutes=1)
SWEEP_WITHIN = timedelta(minutes=15)


def late(*, at: datetime) -> list[str]:
    """A sentence for each kind of work that waits longer than it may."""
    waiting = {
        "returns": Charge.objects.due(at - RETURN_WITHIN),
        "renewals": Subscription.objects.running().filter(renews_at__lte=at - SWEEP_WITHIN),
        "expiries": Lot.objects.filter(closed_at=None, expires_at__lte=at - SWEEP_WITHIN),
    }
    counts = {what: rows.count() for what, rows in waiting.items()}
    return [f"{number} {what} are late: is the worker running?" for what, number in counts.items() if number]
