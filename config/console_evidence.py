"""What led to a case, in words: figures of rules and alarms. Never message text."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member, Restriction
from accounts.site_policy import policy_in_force
from messaging import quality
from messaging.models import Case, Outreach, Report

RECORD_OF = timedelta(days=90)
STEPS_SHOWN = 10

# The alarms of domain 8.7: the kind in the case's evidence, and what it looks for.
KINDS: dict[str, object] = {
    "returns": gettext_lazy("More than 95% of over 20 charges came back in 30 days"),
    "young_answers": gettext_lazy("Answers come from accounts younger than 7 days"),
    "ring": gettext_lazy("Members who answer one another in turn"),
    "quick_answers": gettext_lazy("Half of the answers came within 2 minutes"),
    "burst": gettext_lazy("Bursts of identical texts"),
    "new_accounts": gettext_lazy("New accounts that write alike, in bursts"),
    "unwelcome": gettext_lazy("Many stops or reports among few messages"),
}
LABELS: dict[str, object] = {
    "repeats": gettext_lazy("Texts like it, of the last days"),
    "likeness_percent": gettext_lazy("The most alike, in percent"),
    "why": gettext_lazy("Why"),
    "opened_by": gettext_lazy("Opened by"),
    "sent": gettext_lazy("First messages"),
    "answered": gettext_lazy("Answered of those"),
    "percent": gettext_lazy("Answered, in percent"),
    "low": gettext_lazy("Likely at least, in percent"),
    "high": gettext_lazy("Likely at most, in percent"),
}
# Named by ids, or said elsewhere on the page.
UNSAID = {"messages", "kind"}


def lines(case: Case) -> list[tuple[str, str]]:
    """Label and value of each figure, the alarm itself first."""
    evidence = dict(case.evidence)
    kind = evidence.get("kind")
    first = [(_("Alarm"), str(KINDS.get(kind, kind)))] if kind else []
    return first + [(_label(name), _words(value)) for name, value in evidence.items() if name not in UNSAID]


def record(member: Member, *, case: Case | None = None, at: datetime) -> dict[str, Any]:
    """The member's conduct so far: steps of the ladder, reports of 90 days, cases, what was sent and answered."""
    since = at - RECORD_OF
    sent = Outreach.objects.filter(message__sender=member, message__undone_at=None, message__sent_at__gte=since)
    reports = Report.objects.filter(message__sender=member, reported_at__gte=since)
    return {
        "steps": Restriction.objects.filter(member=member).order_by("-starts_at", "-pk")[:STEPS_SHOWN],
        "reports": reports.count(),
        "reporters": reports.values("reporter").distinct().count(),
        "sent": sent.count(),
        "answered": sent.filter(answered_at__lte=at).count(),
        "other_cases": Case.objects.filter(about=member).exclude(pk=case.pk if case else 0).count(),
        "days": RECORD_OF.days,
        "quality": quality.measure(member, at=at, policy=policy_in_force(at)),
    }


def _label(name: str) -> str:
    return str(LABELS.get(name, name.replace("_", " ").capitalize()))


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
