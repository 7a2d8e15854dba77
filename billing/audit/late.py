"""R16, and R6 with a clock: what a working worker would have done by now. Nothing is broken, something is off."""

from datetime import datetime, timedelta

from accounts.models import Notice
from billing import sweeps
from billing.models import Adjustment, Charge, PaymentEvent

RETURN_WITHIN = timedelta(minutes=1)
EVENT_WITHIN = timedelta(minutes=15)
SWEEP_WITHIN = timedelta(minutes=15)
MAIL_WITHIN = timedelta(minutes=15)
# The hourly task, and the 72 hours that it waits for.
LAPSE_WITHIN = timedelta(hours=74)


def late(*, at: datetime) -> list[str]:
    """A sentence for each kind of work that waits longer than it may."""
    mails = Notice.objects.filter(sent_at=None, failed_at=None, not_after__gt=at)
    proposals = Adjustment.objects.filter(state=Adjustment.State.WAITING)
    waiting = {
        "returns": Charge.objects.due(at - RETURN_WITHIN),
        "renewals or plan ends": sweeps.subscriptions_due(at - SWEEP_WITHIN),
        "expiries": sweeps.lots_over(at - SWEEP_WITHIN),
        "payment events": PaymentEvent.objects.filter(handled_at=None, received_at__lte=at - EVENT_WITHIN),
        "mails": mails.filter(next_try_at__lte=at - MAIL_WITHIN),
        "adjustments": proposals.filter(proposed_at__lte=at - LAPSE_WITHIN),
    }
    counts = {what: rows.count() for what, rows in waiting.items()}
    return [f"{number} {what} are late: is the worker running?" for what, number in counts.items() if number]
