"""The moderation queue, and the alarms: what waits for a decision, the gravest first (domain 8.6, 8.7)."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.clock import now
from config.console_pages import need, page
from messaging import appealing, conduct, signals
from messaging.models import Case

SHOWN = 50
ALARMS_OF = timedelta(days=30)


def queue(request: HttpRequest) -> HttpResponse:
    """Closings and appeals that wait for a second moderator, then open cases by harm and age."""
    need(request, "messaging.view_case")
    closings = conduct.closings_waiting().select_related("case__about", "decided_by").order_by("decided_at")
    appeals = appealing.waiting().select_related("decision__case__about", "decision__restriction")
    cases = _open_cases(request)
    context = {
        "title": _("Queue"),
        "closings": closings[:SHOWN],
        "appeals": appeals[:SHOWN],
        "cases": [(case, signals.label_of(case)) for case in cases[:SHOWN]],
        "count": cases.count(),
        "shown": SHOWN,
    }
    return page(request, "queue", context)


def patterns(request: HttpRequest) -> HttpResponse:
    """Each alarm with what it looks for, how often it rang in 30 days, and the cases it opened."""
    need(request, "messaging.view_case")
    since = now() - ALARMS_OF
    alarms = Case.objects.filter(source=Case.Source.SIGNAL, opened_at__gte=since).select_related("about")
    rung = list(alarms.order_by("-opened_at", "-pk")[:500])
    context = {"title": _("Patterns"), "alarms": [_alarm(kind, rung) for kind in signals.LABELS]}
    return page(request, "patterns", context)


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "queue": ("messaging/queue/", queue),
    "patterns": ("patterns/", patterns),
}


def counts() -> dict[str, int]:
    """What the first page of the console says of the queue."""
    waiting = appealing.waiting().count()
    return {"cases": conduct.queue().count(), "appeals": waiting, "closings": conduct.closings_waiting().count()}


def _open_cases(request: HttpRequest) -> QuerySet[Case]:
    """`is_mine`: somebody else decides, as it is about the reader or was reported by them."""
    mine = Count("reports", filter=Q(reports__reporter=request.user))
    waiting = conduct.closings_waiting().values("case")
    return conduct.queue().exclude(pk__in=waiting).select_related("about").annotate(
        report_count=Count("reports"), own_reports=mine
    )  # fmt: skip


def _alarm(kind: str, rung: list[Case]) -> dict[str, Any]:
    cases = [case for case in rung if case.evidence.get("signal") == kind]
    states = Counter(case.closed_at is None for case in cases)
    return {"words": signals.LABELS[kind], "cases": cases, "open": states[True], "closed": states[False]}
