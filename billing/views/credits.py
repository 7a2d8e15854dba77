"""The credits page: what there is to use, what may come back, every line of the journal; and the lines as CSV."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.models import Member
from accounts.site_policy import policy_in_force
from accounts.views import MemberRequest
from billing import journal, meter, spreadsheet, subscriptions
from billing.forms import JournalFilter
from billing.models import Lot, PlanVersion, Subscription
from billing.standing import Standing, standing
from billing.words import how_credits_work, is_without_end, lot_name

SOON = timedelta(days=7)


@require_safe
def credits_page(request: MemberRequest) -> HttpResponse:
    """To use now, may come back, came back; what expires when; the journal, fifty lines a page."""
    chosen = _chosen(request)
    member, at = request.user, now()
    entries = journal.entries_of(member, kind=chosen["kind"])
    page = journal.page(entries, before=chosen["before"], after=chosen["after"], at=at)
    context = {"page": page, "form": JournalFilter(request.GET), "kind": chosen["kind"], "at": at}
    return render(request, "billing/credits.html", context | _figures(member, at=at))


def _chosen(request: MemberRequest) -> dict[str, Any]:
    form = JournalFilter(request.GET)
    if not form.is_valid():
        raise BadRequest("no such lines")
    return form.cleaned_data


def _figures(member: Member, *, at: datetime) -> dict[str, Any]:
    now_held = standing(member, at=at)
    held = subscriptions.running(member, at=at)
    came_back, spent = journal.this_month(member, at=at)
    return {
        "standing": now_held,
        "parts": meter.parts(now_held),
        "meter": meter.meter(now_held),
        "meter_says": meter.sentence(now_held),
        "lots": named_lots(now_held),
        "expiring": expiring(now_held, at=at),
        "held": held,
        "came_back": came_back,
        "spent": spent,
        "rules": how_credits_work(policy_in_force(at), _terms(held)),
    }


def _terms(held: Subscription | None) -> PlanVersion | None:
    return held.plan_version if held else None


def named_lots(now_held: Standing) -> list[dict[str, Any]]:
    """In spending order; without an end where there is none."""
    return [
        {
            "name": lot_name(lot),
            "remaining": lot.remaining,
            "is_plans": lot.priority == Lot.Priority.PLAN,
            "expires_at": None if is_without_end(lot.expires_at) else lot.expires_at,
        }
        for lot in now_held.lots
    ]


def expiring(now_held: Standing, *, at: datetime) -> dict[str, Any]:
    """The credits that end within a week, and when the last of them does."""
    soon = [lot for lot in now_held.lots if lot.expires_at <= at + SOON]
    return {"credits": sum(lot.remaining for lot in soon), "by": max((lot.expires_at for lot in soon), default=None)}


# --- CSV ----------------------------------------------------------------------------------------


@require_safe
def ledger_csv(request: MemberRequest) -> StreamingHttpResponse:
    """The lines of the page as CSV in UTF-8, all of them, sent as they are read."""
    entries = journal.entries_of(request.user, kind=_chosen(request)["kind"])
    head = (_("When"), _("What"), _("Why"), _("Change"), _("Balance"))
    at = now()
    return spreadsheet.download(journal.in_chunks(entries, at=at), head=head, row=_row, name="credits", at=at)


def _row(line: journal.Line) -> tuple[str | int, ...]:
    return spreadsheet.when(line.at), line.what, str(line.why), line.delta, line.balance
