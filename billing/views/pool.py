"""The pool of a team: its lots, its journal by seat, and the journal as CSV."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.site_policy import policy_in_force
from accounts.views import MemberRequest
from billing import meter, packs, pool_journal, spreadsheet, subscriptions
from billing.forms import JournalFilter
from billing.standing import standing
from billing.views.credits import expiring, named_lots
from billing.views.team import team_or_404


@require_safe
def pool(request: MemberRequest) -> HttpResponse:
    """What there is and when it ends; every line, fifty a page."""
    team, at = team_or_404(request), now()
    chosen = _chosen(request)
    entries = pool_journal.entries_of(team, kind=chosen["kind"])
    held, plan = standing(team, at=at), subscriptions.running(team, at=at)
    context = {
        "at": at,
        "team": team,
        "standing": held,
        "waits": bool(held.balance and plan is None and not policy_in_force(at).credits_without_plan),
        "parts": meter.parts(held),
        "meter": meter.meter(held),
        "meter_says": meter.sentence(held),
        "lots": named_lots(held, plan),
        "expiring": expiring(held, plan, at=at),
        "packs": packs.on_offer(team, at=at),
        "buy_page": "billing:pool_buy",
        "form": JournalFilter(request.GET),
        "kind": chosen["kind"],
        "page": pool_journal.page(entries, before=chosen["before"], after=chosen["after"]),
    }
    return render(request, "billing/team_pool.html", context)


@require_safe
def pool_csv(request: MemberRequest) -> StreamingHttpResponse:
    """All lines of the page."""
    entries = pool_journal.entries_of(team_or_404(request), kind=_chosen(request)["kind"])
    head = (_("When"), _("What"), _("Seat"), _("Credits"), _("Change"), _("Balance"))
    chunks = pool_journal.in_chunks(entries)
    return spreadsheet.download(chunks, head=head, row=_row, name="pool", at=now())


def _row(line: pool_journal.Line) -> tuple[str | int, ...]:
    return spreadsheet.when(line.at), line.what, line.who, line.source, line.delta, line.balance


def _chosen(request: MemberRequest) -> dict[str, Any]:
    form = JournalFilter(request.GET)
    if not form.is_valid():
        raise BadRequest("no such lines")
    return form.cleaned_data
