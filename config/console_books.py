"""Reconciliation and jobs in the console: what was checked, what differs, what is late, and running it again."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.clock import now
from accounts.hints import hint
from accounts.models import FailedJob, Notice
from billing import sweeps
from billing.models import Charge, Difference, PaymentEvent, ReconciliationRun
from config import console_figures
from config.console_pages import need, page

FRESH = timedelta(hours=26)
RUNS_SHOWN = 20
FAILURES_SHOWN = 50

# What each check of domain 10 asks of the books, in the operator's words.
RULES: dict[str, tuple[str, object]] = {
    "R1": ("ledger", gettext_lazy("Entries = balance = credits in lots, per wallet")),
    "R2": ("ledger", gettext_lazy("A lot holds what its entries say")),
    "R3": ("ledger", gettext_lazy("Entries are numbered without gap, balances chain")),
    "R4": ("ledger", gettext_lazy("Each charge took exactly its cost")),
    "R5": ("ledger", gettext_lazy("Each credit came back at most once, after an answer in time")),
    "R6": ("ledger", gettext_lazy("Each answer in time has its return")),
    "R7": ("ledger", gettext_lazy("Each paid period has one grant, of its terms’ amount")),
    "R8": ("ledger", gettext_lazy("Periods follow one another from the anchor")),
    "R9": ("ledger", gettext_lazy("Nothing was spent outside a lot’s life")),
    "R10": ("ledger", gettext_lazy("Bought credits = paid orders")),
    "R11": ("ledger", gettext_lazy("No entry moves credits between wallets")),
    "R12": ("ledger", gettext_lazy("Time never runs backwards in a journal")),
    "R13": ("ledger", gettext_lazy("The journals’ hash chains verify")),
    "R14": ("ledger", gettext_lazy("Granted − lost − spent + returned = outstanding")),
    "R15": ("ledger", gettext_lazy("Constraints and triggers are in place")),
    "R16": ("ledger", gettext_lazy("Nothing waits beyond its limit")),
    "payment": ("payments", gettext_lazy("Orders agree with the payment provider")),
}
JOBS_OF_BOOKS = {"ledger": "billing.tasks.verify_ledger", "payments": "billing.tasks.gateway_reconcile"}


@dataclass(frozen=True)
class Check:
    """One row: `run` is the latest finished one of its books; fresh = within 26 hours."""

    rule: str
    what: str
    run: ReconciliationRun | None
    is_fresh: bool
    differences: int


def reconciliation(request: HttpRequest) -> HttpResponse:
    """A row for each invariant, the runs, and running them now."""
    need(request, "billing.view_reconciliationrun")
    if request.method == "POST":
        return _run_now(request)
    context = {
        "title": _("Reconciliation"),
        "checks": checks(at=now()),
        "runs": ReconciliationRun.objects.order_by("-started_at")[:RUNS_SHOWN],
        "may_run": request.user.has_perm("billing.add_adjustment"),
    }
    return page(request, "reconciliation", context)


def reconciliation_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run's differences, each with the wallet it is about."""
    need(request, "billing.view_reconciliationrun")
    run = get_object_or_404(ReconciliationRun, pk=run_id)
    found = run.differences.select_related("wallet__member", "wallet__team").order_by("rule", "pk")
    context = {"title": str(run), "run": run, "differences": found[:500], "rules": _rules_of(found)}
    return page(request, "reconciliation_run", context)


def jobs(request: HttpRequest) -> HttpResponse:
    """Each job's last success and what waits for it; failed tasks, to be tried again."""
    need(request, "accounts.view_jobrun")
    if request.method == "POST":
        return _retry(request)
    at = now()
    context = {
        "title": _("Jobs"),
        "jobs": console_figures.jobs(at=at),
        "backlog": backlog(at=at),
        "failures": FailedJob.objects.order_by("-failed_at")[:FAILURES_SHOWN],
        "may_retry": request.user.has_perm("accounts.view_failedjob"),
    }
    return page(request, "jobs", context)


def checks(*, at: datetime) -> list[Check]:
    """The state of every invariant, of the latest finished run of its books."""
    latest = {kind: _latest(kind) for kind in ReconciliationRun.Kind.values}
    counts = {kind: _counts(run) for kind, run in latest.items()}
    return [
        Check(rule, str(what), latest[books], _is_fresh(latest[books], at), _count(rule, counts[books]))
        for rule, (books, what) in RULES.items()
        if latest[books] is not None or books == "ledger"
    ]


def backlog(*, at: datetime) -> list[tuple[str, int]]:
    """What waits in the database now, job by job."""
    waiting: list[tuple[str, QuerySet[Any]]] = [
        (_("Returns due"), Charge.objects.due(at)),
        (_("Renewals and plan ends due"), sweeps.subscriptions_due(at)),
        (_("Lots over"), sweeps.lots_over(at)),
        (_("Payment events"), PaymentEvent.objects.filter(handled_at=None)),
        (_("Mail"), Notice.objects.filter(sent_at=None, failed_at=None, due_at__lte=at)),
    ]
    return [(name, rows.count()) for name, rows in waiting]


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "reconciliation": ("reconciliation/", reconciliation),
    "reconciliation_run": ("reconciliation/<int:run_id>/", reconciliation_run),
    "jobs": ("jobs/", jobs),
}


def _latest(kind: str) -> ReconciliationRun | None:
    finished = ReconciliationRun.objects.filter(kind=kind).exclude(finished_at=None)
    return finished.order_by("-started_at").first()


def _counts(run: ReconciliationRun | None) -> Counter[str]:
    found = Difference.objects.filter(run=run) if run else Difference.objects.none()
    return Counter(found.values_list("rule", flat=True))


def _count(rule: str, counts: Counter[str]) -> int:
    """The payments' rules are the provider's own words: all count as one row."""
    return counts.total() if rule == "payment" else counts[rule]


def _is_fresh(run: ReconciliationRun | None, at: datetime) -> bool:
    return run is not None and run.started_at > at - FRESH


def _rules_of(found: QuerySet[Difference]) -> list[tuple[str, str, int]]:
    counts = Counter(found.values_list("rule", flat=True))
    return [(rule, str(RULES.get(rule, ("", rule))[1]), number) for rule, number in sorted(counts.items())]


def _run_now(request: HttpRequest) -> HttpResponse:
    need(request, "billing.add_adjustment")
    task = JOBS_OF_BOOKS.get(request.POST.get("books", ""))
    if task is None:
        messages.error(request, _("Say which books."))
    else:
        hint(task)
        messages.success(request, _("The worker runs it now. This page shows the result when it is done."))
    return redirect("admin:reconciliation")


def _retry(request: HttpRequest) -> HttpResponse:
    """The task is asked for again with the ids it had; running it twice is harmless, as its docstring says."""
    need(request, "billing.add_adjustment")
    number = request.POST.get("failure", "")
    failure = FailedJob.objects.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    if failure is None:
        messages.error(request, _("It is gone: somebody was quicker."))
        return redirect("admin:jobs")
    hint(failure.task, *(int(part) for part in failure.arguments.split(", ") if part.isdecimal()))
    failure.delete()
    messages.success(request, _("The worker tries it again now."))
    return redirect("admin:jobs")
