"""The moderation queue, and the alarms: what waits for a decision, the gravest first (domain 8.6, 8.7)."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.clock import now
from config.console_pages import need, page
from messaging import appealing, conduct, signals
from messaging.models import Case, Report

SHOWN = 50
LARGEST_ID = 2**63 - 1
ALARMS_OF = timedelta(days=30)


class AfterForm(forms.Form):
    """Behind which case a page of the queue begins."""

    after = forms.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


def queue(request: HttpRequest) -> HttpResponse:
    """Closings and appeals that wait for a second moderator, then open cases by harm and age: fifty a page."""
    need(request, "messaging.view_case")
    after = _after(request)
    cases = list(_open_cases(request, after)[: SHOWN + 1])
    reasons = _reasons(cases[:SHOWN])
    context = {
        "title": _("Queue"),
        **(_second_looks() if after is None else {}),
        "cases": [(case, signals.label_of(case) or reasons.get(case.pk, "")) for case in cases[:SHOWN]],
        "count": _open_cases(request).count(),
        "is_later_page": after is not None,
        "following": cases[SHOWN - 1].pk if len(cases) > SHOWN else None,
    }
    return page(request, "queue", context)


def _second_looks() -> dict[str, Any]:
    closings = conduct.closings_waiting().select_related("case__about", "decided_by").order_by("decided_at")
    appeals = appealing.waiting().select_related("decision__case__about", "decision__restriction")
    return {"closings": closings[:SHOWN], "appeals": appeals[:SHOWN]}


def _reasons(cases: list[Case]) -> dict[int, str]:
    """What members reported in each case, by its key: "Scam, Spam"."""
    given: dict[int, list[str]] = defaultdict(list)
    rows = Report.objects.filter(case__in=cases).order_by("reason").values_list("case", "reason").distinct()
    for case, reason in rows:
        given[case].append(str(Report.Reason(reason).label))
    return {case: ", ".join(labels) for case, labels in given.items()}


def _after(request: HttpRequest) -> Case | None:
    """Its place holds although the case was decided meanwhile."""
    form = AfterForm(request.GET)
    if not form.is_valid():
        raise BadRequest("no such place in the queue")
    if form.cleaned_data["after"] is None:
        return None
    case = Case.objects.filter(pk=form.cleaned_data["after"]).first()
    if case is None:
        raise Http404
    return case


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


def _open_cases(request: HttpRequest, after: Case | None = None) -> QuerySet[Case]:
    """`is_mine`: somebody else decides, as it is about the reader or was reported by them."""
    mine = Count("reports", filter=Q(reports__reporter=request.user))
    waiting = conduct.closings_waiting().values("case")
    cases = conduct.queue() if after is None else conduct.queue_after(after)
    counted = cases.exclude(pk__in=waiting).select_related("about")
    return counted.annotate(report_count=Count("reports"), own_reports=mine)


def _alarm(kind: str, rung: list[Case]) -> dict[str, Any]:
    cases = [case for case in rung if case.evidence.get("signal") == kind]
    states = Counter(case.closed_at is None for case in cases)
    return {"words": signals.LABELS[kind], "cases": cases, "open": states[True], "closed": states[False]}
