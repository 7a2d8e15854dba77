"""Alarms of domain 8.7: patterns that open a case with their figures, once a member, kind and month.

None of them punishes, and none withholds a return: a moderator looks. What would need data on devices, as the domain's
"shared devices", is not there: this installation keeps none.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, StopRequest
from accounts.site_policy import policy_in_force
from billing.models import Entry
from messaging.conduct import open_case
from messaging.models import Case, Outreach, Report

Evidence = dict[str, int | float]
Found = Iterator[tuple[int, Evidence]]

SPAN = timedelta(days=30)
NEW_FOR = timedelta(days=7)
# More charges than this, of which more than so many percent came back.
CHARGES_LEAST, RETURNED_PERCENT = 20, 95
# So many answers, most of them from new accounts; so many with a median below two minutes.
ANSWERS_LEAST, QUICK = 10, timedelta(minutes=2)
# So many returns, nearly all of them from people who get theirs in the same circle.
RING_RETURNS, RING_PERCENT = 4, 80
# So many new accounts with one text, or to one recipient, within a day.
SWARM_LEAST, SWARM_SPAN = 3, timedelta(days=1)
BURST_SPAN = timedelta(hours=1)
# Of so many delivered, this share was answered with a stop, or reported.
SENT_LEAST, STOPS_PERCENT, REPORTS_PERCENT = 20, 10, 5

LABELS = {
    "returns": _("Nearly every credit came back"),
    "young": _("Answered by new accounts"),
    "quick": _("Answered within two minutes"),
    "ring": _("Returns within a closed circle"),
    "burst": _("One text many times in an hour"),
    "swarm": _("New accounts with one text, or to one person"),
    "stops": _("Many stops"),
    "reports": _("Many reports"),
}


def look(*, at: datetime) -> int:
    """Open a case for every member whose figures ring; counts the new ones. Twice is once."""
    kinds: dict[str, Callable[..., Found]] = {
        "returns": _returns,
        "young": _young,
        "quick": _quick,
        "ring": _ring,
        "burst": _burst,
        "swarm": _swarm,
        "stops": _stops,
        "reports": _reports,
    }
    before = Case.objects.filter(source=Case.Source.SIGNAL).count()
    for kind, find in kinds.items():
        for member_id, evidence in find(at=at):
            _open(kind, member_id, evidence, at=at)
    return Case.objects.filter(source=Case.Source.SIGNAL).count() - before


def label_of(case: Case) -> str:
    """What rang, for the queue."""
    return str(LABELS.get(str(case.evidence.get("signal")), ""))


def _open(kind: str, member_id: int, evidence: Evidence, *, at: datetime) -> None:
    open_case(
        about=Member.objects.get(pk=member_id),
        source=Case.Source.SIGNAL,
        harm=Case.Harm.MEDIUM if kind in {"ring", "swarm", "reports"} else Case.Harm.LOW,
        key=f"signal:{kind}:{member_id}:{at:%Y-%m}",
        evidence={"signal": kind} | evidence,
        at=at,
    )


def _sent(*, at: datetime, span: timedelta = SPAN) -> QuerySet[Outreach]:
    """Outreach that was delivered within the span."""
    return Outreach.objects.filter(
        message__deliver_at__gt=at - span, message__deliver_at__lte=at, message__undone_at=None
    )


def _charged(*, at: datetime) -> QuerySet[Any]:
    returned = Entry.objects.filter(charge=OuterRef("charge"), kind=Entry.Kind.REFUND)
    return _sent(at=at).filter(charge__isnull=False).annotate(came_back=Exists(returned))


def _returns(*, at: datetime) -> Found:
    rows = (
        _charged(at=at)
        .values(sender=F("message__sender"))
        .annotate(charges=Count("pk"), returned=Count("pk", filter=Q(came_back=True)))
        .filter(charges__gt=CHARGES_LEAST, returned__gt=F("charges") * RETURNED_PERCENT / 100.0)
    )
    for row in rows:
        yield row["sender"], {"charges": row["charges"], "returned": row["returned"]}


def _answered(*, at: datetime) -> QuerySet[Any]:
    return _charged(at=at).filter(answered_at__lte=at)


def _young(*, at: datetime) -> Found:
    is_new = Q(message__recipient__joined_at__gt=F("answered_at") - NEW_FOR)
    rows = (
        _answered(at=at)
        .values(sender=F("message__sender"))
        .annotate(answers=Count("pk"), new=Count("pk", filter=is_new))
        .filter(answers__gte=ANSWERS_LEAST, new__gt=F("answers") / 2.0)
    )
    for row in rows:
        yield row["sender"], {"answers": row["answers"], "from_new_accounts": row["new"]}


def _quick(*, at: datetime) -> Found:
    waits: dict[int, list[float]] = defaultdict(list)
    rows = _answered(at=at).values_list("message__sender", "answered_at", "message__deliver_at")
    for sender, answered_at, deliver_at in rows.iterator():
        assert answered_at is not None
        waits[sender].append((answered_at - deliver_at).total_seconds())
    for sender, known in waits.items():
        if len(known) >= ANSWERS_LEAST and (middle := median(known)) < QUICK.total_seconds():
            yield sender, {"answers": len(known), "median_seconds": int(middle)}


def _ring(*, at: datetime) -> Found:
    """Whoever sends and answers only within one circle: those at its edge fall out, round by round."""
    to: dict[int, list[int]] = defaultdict(list)
    for sender, recipient in (
        _charged(at=at).filter(came_back=True).values_list("message__sender", "message__recipient")
    ):
        to[sender].append(recipient)
    circle = {sender for sender, recipients in to.items() if len(recipients) >= RING_RETURNS}
    while outside := {one for one in circle if _inside(to[one], circle) < RING_PERCENT}:
        circle -= outside
    for one in sorted(circle):
        yield one, {"returned": len(to[one]), "within_circle": sum(to_ in circle for to_ in to[one])}


def _inside(recipients: list[int], circle: set[int]) -> float:
    return 100 * sum(recipient in circle for recipient in recipients) / len(recipients)


def _burst(*, at: datetime) -> Found:
    least = policy_in_force(at).duplicate_warn_at
    rows = (
        _sent(at=at, span=BURST_SPAN)
        .values(sender=F("message__sender"), text=F("message__body"))
        .annotate(times=Count("pk"))
        .filter(times__gte=least)
    )
    for row in rows:
        yield row["sender"], {"times_in_an_hour": row["times"]}


def _swarm(*, at: datetime) -> Found:
    young = _sent(at=at, span=SWARM_SPAN).filter(message__sender__joined_at__gt=at - NEW_FOR)
    writers: dict[tuple[str, Any], set[int]] = defaultdict(set)
    for sender, recipient, text in young.values_list("message__sender", "message__recipient", "message__body"):
        writers["one_text", text].add(sender)
        writers["one_recipient", recipient].add(sender)
    worst: Counter[tuple[int, str]] = Counter()
    for (what, _which), senders in writers.items():
        if len(senders) >= SWARM_LEAST:
            for sender in senders:
                worst[sender, what] = max(worst[sender, what], len(senders))
    for (sender, what), accounts in sorted(worst.items()):
        yield sender, {f"new_accounts_{what}": accounts}


def _stops(*, at: datetime) -> Found:
    asked = StopRequest.objects.filter(asked_at__gt=at - SPAN, asked_at__lte=at)
    counts = Counter(asked.values_list("sender", flat=True))
    yield from _shares(counts, "stops", STOPS_PERCENT, at=at)


def _reports(*, at: datetime) -> Found:
    made = Report.objects.filter(reported_at__gt=at - SPAN, reported_at__lte=at)
    pairs = set(made.values_list("message__sender", "reporter"))
    yield from _shares(Counter(sender for sender, _reporter in pairs), "reports", REPORTS_PERCENT, at=at)


def _shares(counts: Counter[int], name: str, percent: int, *, at: datetime) -> Found:
    rows = _sent(at=at).filter(message__sender__in=counts).values(sender=F("message__sender"))
    for row in rows.annotate(sent=Count("pk")).filter(sent__gte=SENT_LEAST):
        if 100 * counts[row["sender"]] >= percent * row["sent"]:
            yield row["sender"], {"sent": row["sent"], name: counts[row["sender"]]}
