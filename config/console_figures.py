"""What the console shows first: today's figures and whether the background work is on time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import FailedJob, JobRun, Member, Notice, PolicyVersion
from billing.models import (
    Adjustment,
    Charge,
    Lot,
    Order,
    PaymentEvent,
    PlanRequest,
    PlanVersion,
    ReconciliationRun,
    Wallet,
)
from messaging.models import Outreach

# Job, how it is called here, and after how long without success it is late.
JOBS = (
    ("heartbeat", _("Worker and timetable"), timedelta(minutes=5)),
    ("refund_answered_charges", _("Return credits"), timedelta(minutes=5)),
    ("renew_due_allotments", _("Renew allotments"), timedelta(minutes=5)),
    ("expire_lots", _("Expire credits"), timedelta(minutes=20)),
    ("announce_delivered", _("Tell recipients"), timedelta(minutes=5)),
    ("send_due", _("Send what was scheduled"), timedelta(minutes=5)),
    ("tell_of_reminders", _("Remind members"), timedelta(minutes=20)),
    ("send_due_notices", _("Send mail"), timedelta(minutes=5)),
    ("give_campaigns", _("Give campaigns"), timedelta(minutes=20)),
    ("give_referral_bonuses", _("Give referral bonuses"), timedelta(minutes=20)),
    ("tell_of_credits", _("Tell of credits that move"), timedelta(minutes=10)),
    ("tell_of_requests", _("List requests"), timedelta(minutes=45)),
    ("remind_recipients", _("Remind recipients"), timedelta(minutes=45)),
    ("tell_of_ends", _("Tell of credits that end"), timedelta(minutes=45)),
    ("lapse_adjustments", _("Lapse proposals"), timedelta(hours=3)),
    ("gateway_work_off", _("Ask the payment provider"), timedelta(minutes=5)),
    ("reconcile_payments", _("Compare payments"), timedelta(hours=3)),
    ("invoice_next_terms", _("Invoice next terms"), timedelta(hours=3)),
    ("verify_ledger", _("Verify the ledger"), timedelta(hours=26)),
)


# A payment event that waits longer was not worked off.
EVENT_PATIENCE = timedelta(minutes=15)
BAR_WIDTH, BAR_STEP = 340, 42


@dataclass(frozen=True)
class Bar:
    """One row of the chart: credits that end within a span; `y` and `width` in the drawing's units."""

    name: str
    credits: int
    y: int
    width: int


@dataclass(frozen=True)
class Today:
    members: int
    joined: int
    sent: int
    answered: int
    returns_due: int
    oldest_return_due_at: datetime | None
    requests_waiting: int
    wallets_on_hold: int
    adjustments_waiting: int
    versions_waiting: int
    orders_in_doubt: int
    events_waiting: int
    mails_waiting: int
    mails_failed: int
    failed_jobs: int


@dataclass(frozen=True)
class Job:
    name: str
    last: JobRun | None
    outcome: str
    is_late: bool

    @property
    def never_ran(self) -> bool:
        return self.last is None and self.outcome == ""


def today(*, at: datetime) -> Today:
    """Counts of now and of the last 24 hours."""
    since = at - timedelta(hours=24)
    members = Member.objects.aggregate(all=Count("pk"), joined=Count("pk", filter=Q(joined_at__gt=since)))
    sent = Outreach.objects.filter(message__sent_at__gt=since, message__undone_at=None)
    outreach = sent.aggregate(all=Count("pk"), answered=Count("pk", filter=Q(answered_at__isnull=False)))
    due = Charge.objects.filter(return_due_at__lte=at).aggregate(all=Count("pk"), oldest=Min("return_due_at"))
    unsent = Notice.objects.filter(sent_at=None)
    return Today(
        members=members["all"],
        joined=members["joined"],
        sent=outreach["all"],
        answered=outreach["answered"],
        returns_due=due["all"],
        oldest_return_due_at=due["oldest"],
        requests_waiting=PlanRequest.objects.filter(state=PlanRequest.State.WAITING).count(),
        wallets_on_hold=Wallet.objects.exclude(frozen_at=None).count(),
        versions_waiting=_drafts(PolicyVersion.objects.all()) + _drafts(PlanVersion.objects.all()),
        adjustments_waiting=Adjustment.objects.filter(state=Adjustment.State.WAITING).count(),
        orders_in_doubt=Order.objects.exclude(mismatch="").exclude(state=Order.State.REPAID).count(),
        events_waiting=PaymentEvent.objects.filter(handled_at=None, received_at__lte=at - EVENT_PATIENCE).count(),
        mails_waiting=unsent.filter(failed_at=None, due_at__lte=at).count(),
        mails_failed=unsent.exclude(failed_at=None).filter(failed_at__gt=since).count(),
        failed_jobs=FailedJob.objects.filter(failed_at__gt=since).count(),
    )


def _drafts(versions: QuerySet[Any]) -> int:
    return versions.filter(approved_at=None).count()


def outstanding(*, at: datetime) -> list[Bar]:
    """What members and teams could still spend, by the time to its end."""
    alive = Lot.objects.alive(at)
    in_30, in_90 = at + timedelta(days=30), at + timedelta(days=90)
    sums = [
        (_("< 30 days"), _credits(alive.filter(expires_at__lt=in_30))),
        (_("30 to 90"), _credits(alive.filter(expires_at__gte=in_30, expires_at__lt=in_90))),
        (_("over 90"), _credits(alive.filter(expires_at__gte=in_90))),
    ]
    most = max(credits for _name, credits in sums) or 1
    return [
        Bar(str(name), credits, 6 + BAR_STEP * row, BAR_WIDTH * credits // most)
        for row, (name, credits) in enumerate(sums)
    ]


def ledger_check() -> dict[str, object]:
    """The latest finished check of the ledger, and how many differences it found."""
    finished = ReconciliationRun.objects.filter(kind=ReconciliationRun.Kind.LEDGER).exclude(finished_at=None)
    last = finished.order_by("-started_at").first()
    return {"last_ledger_run": last, "differences": last.differences.count() if last else 0}


def _credits(lots: QuerySet[Lot]) -> int:
    return lots.aggregate(credits=Sum("remaining"))["credits"] or 0


def jobs(*, at: datetime) -> list[Job]:
    """Each job with its last success; late when that is too long ago."""
    return [_job(key, str(name), patience, at) for key, name, patience in JOBS]


def _job(key: str, name: str, patience: timedelta, at: datetime) -> Job:
    runs = JobRun.objects.filter(job=key).order_by("-started_at")
    last = runs.filter(succeeded=True).first()
    newest = runs.first()
    outcome = newest.outcome if newest else ""
    return Job(name=name, last=last, outcome=outcome, is_late=last is None or last.started_at < at - patience)
