"""What led to a case, in words: figures of rules and alarms. Never message text."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member, Restriction
from accounts.site_policy import policy_in_force
from messaging import quality, signals
from messaging.models import Case, Outreach, Report

RECORD_OF = timedelta(days=90)
STEPS_SHOWN = 10

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
    "charges": gettext_lazy("Charges, 30 days"),
    "returned": gettext_lazy("Credits that came back"),
    "within_circle": gettext_lazy("Of those within the circle"),
    "answers": gettext_lazy("Answers"),
    "from_new_accounts": gettext_lazy("Of those from new accounts"),
    "median_seconds": gettext_lazy("Half of them within, in seconds"),
    "times_in_an_hour": gettext_lazy("Times in an hour"),
    "new_accounts_one_text": gettext_lazy("New accounts with one text"),
    "new_accounts_one_recipient": gettext_lazy("New accounts to one person"),
    "stops": gettext_lazy("Stops"),
    "reports": gettext_lazy("Reports"),
}
# Named by ids, or said elsewhere on the page.
UNSAID = {"messages", "signal"}


def lines(case: Case) -> list[tuple[str, str]]:
    """Label and value of each figure, the alarm itself first."""
    evidence = dict(case.evidence)
    first = [(_("Alarm"), rang)] if (rang := signals.label_of(case)) else []
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
