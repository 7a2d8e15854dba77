"""What the console shows first: today's figures and whether the background work is on time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import FailedJob, JobRun, Member, Notice
from billing.models import Charge, PlanRequest, Wallet
from messaging.models import Outreach

# Job, how it is called here, and after how long without success it is late.
JOBS = (
    ("heartbeat", _("Worker and timetable"), timedelta(minutes=5)),
    ("refund_answered_charges", _("Return credits"), timedelta(minutes=5)),
    ("renew_due_allotments", _("Renew allotments"), timedelta(minutes=5)),
    ("expire_lots", _("Expire credits"), timedelta(minutes=20)),
    ("announce_delivered", _("Tell recipients"), timedelta(minutes=5)),
    ("send_due_notices", _("Send mail"), timedelta(minutes=5)),
    ("verify_ledger", _("Verify the ledger"), timedelta(hours=26)),
)


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
        mails_waiting=unsent.filter(failed_at=None, due_at__lte=at).count(),
        mails_failed=unsent.exclude(failed_at=None).filter(failed_at__gt=since).count(),
        failed_jobs=FailedJob.objects.filter(failed_at__gt=since).count(),
    )


def jobs(*, at: datetime) -> list[Job]:
    """Each job with its last success; late when that is too long ago."""
    return [_job(key, str(name), patience, at) for key, name, patience in JOBS]


def _job(key: str, name: str, patience: timedelta, at: datetime) -> Job:
    runs = JobRun.objects.filter(job=key).order_by("-started_at")
    last = runs.filter(succeeded=True).first()
    newest = runs.first()
    outcome = newest.outcome if newest else ""
    return Job(name=name, last=last, outcome=outcome, is_late=last is None or last.started_at < at - patience)
