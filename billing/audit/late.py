"""R6 with a clock: what a working worker would have posted by now. Nothing is broken, something is off."""

from datetime import datetime, timedelta

from billing import sweeps
from billing.models import Charge

RETURN_WITHIN = timedelta(minutes=1)
SWEEP_WITHIN = timedelta(minutes=15)


def late(*, at: datetime) -> list[str]:
    """A sentence for each kind of work that waits longer than it may."""
    waiting = {
        "returns": Charge.objects.due(at - RETURN_WITHIN),
        "renewals or plan ends": sweeps.subscriptions_due(at - SWEEP_WITHIN),
        "expiries": sweeps.lots_over(at - SWEEP_WITHIN),
    }
    counts = {what: rows.count() for what, rows in waiting.items()}
    return [f"{number} {what} are late: is the worker running?" for what, number in counts.items() if number]
