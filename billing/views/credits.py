"""The credits page: what there is to use, what may come back, every line of the journal; and the lines as CSV."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.models import Member
from accounts.site_policy import policy_in_force
from accounts.views import MemberRequest
from billing import journal, meter, outstanding, packs, pools, referrals, spreadsheet, statement, subscriptions
from billing.forecast import forecast
from billing.forms import CodeForm, CreditsFilter
from billing.lot_line import end_of, lot_line
from billing.models import Lot, PlanVersion, Subscription
from billing.months import Month, month_of, months_between
from billing.standing import Standing, standing
from billing.words import how_credits_work, is_without_end, lot_name

SOON = timedelta(days=7)
MONTHS_LISTED = 36


@require_safe
def credits_page(request: MemberRequest) -> HttpResponse:
    """To use now, may come back, came back; what ends when; the journal, fifty lines a page."""
    member, at = request.user, now()
    form = _filter(request, at)
    chosen = form.cleaned_data
    entries = journal.entries_of(member, kind=chosen["kind"], month=chosen["month"])
    page = journal.page(entries, before=chosen["before"], after=chosen["after"], at=at)
    context = {"page": page, "form": form, "kind": chosen["kind"], "month": chosen["month"], "at": at}
    context["sheet"] = chosen["month"] or month_of(at)
    return render(request, "billing/credits.html", context | _figures(member, at=at))


@require_safe
def statement_page(request: MemberRequest, month: Month) -> HttpResponse:
    """A month on one sheet, as it prints."""
    at = now()
    try:
        sheet = statement.statement(request.user, month, at=at)
    except statement.NoStatement as error:
        raise Http404 from error
    return render(request, "billing/statement.html", {"sheet": sheet, "at": at})


def _filter(request: MemberRequest, at: datetime) -> CreditsFilter:
    """The months of the list are those since the first credits. Raises BadRequest."""
    first = statement.first_month(request.user, at=at)
    form = CreditsFilter(request.GET, months=months_between(first, month_of(at), limit=MONTHS_LISTED))
    if not form.is_valid():
        raise BadRequest("no such lines")
    return form


def _figures(member: Member, *, at: datetime) -> dict[str, Any]:
    now_held = standing(member, at=at)
    held = subscriptions.running(member, at=at)
    came_back, spent = journal.this_month(member, at=at)
    policy = policy_in_force(at)
    return {
        "standing": now_held,
        "parts": meter.parts(now_held),
        "meter": meter.meter(now_held),
        "meter_says": meter.sentence(now_held),
        "line": lot_line(now_held, held, at=at),
        "waits": bool(now_held.balance and held is None and not policy.credits_without_plan),
        "out": outstanding.on_the_way_back(member, at=at),
        "forecast": forecast(member, now_held, at=at),
        "expiring": expiring(now_held, held, at=at),
        "held": held,
        "share": pools.share_of(member, at=at),
        "came_back": came_back,
        "spent": spent,
        "rules": how_credits_work(policy, _terms(held)),
        "code_form": CodeForm(),
        "refers": referrals.are_rewarded(policy),
        "packs": packs.on_offer(member, at=at),
        "buy_page": "billing:buy",
    }


def _terms(held: Subscription | None) -> PlanVersion | None:
    return held.plan_version if held else None


def named_lots(now_held: Standing, held: Subscription | None) -> list[dict[str, Any]]:
    """In spending order, each with its end as things stand; without one where there is none."""
    ends = {lot.pk: end_of(lot, cancel_at=held.cancel_at if held else None) for lot in now_held.lots}
    return [
        {
            "name": lot_name(lot),
            "remaining": lot.remaining,
            "is_plans": lot.priority == Lot.Priority.PLAN,
            "expires_at": None if is_without_end(ends[lot.pk]) else ends[lot.pk],
            "with_plan": ends[lot.pk] < lot.expires_at,
        }
        for lot in now_held.lots
    ]


def expiring(now_held: Standing, held: Subscription | None, *, at: datetime) -> dict[str, Any]:
    """The credits that end within a week, by themselves or with the plan held, and when the last of them does."""
    ends = [(end_of(lot, cancel_at=held.cancel_at if held else None), lot.remaining) for lot in now_held.lots]
    soon = [(end, credits) for end, credits in ends if end <= at + SOON]
    return {"credits": sum(credits for _end, credits in soon), "by": max((end for end, _ in soon), default=None)}


# --- CSV ----------------------------------------------------------------------------------------


@require_safe
def ledger_csv(request: MemberRequest) -> StreamingHttpResponse:
    """The lines of the page and its filter as CSV in UTF-8, all of them, sent as they are read."""
    chosen = _filter(request, now()).cleaned_data
    entries = journal.entries_of(request.user, kind=chosen["kind"], month=chosen["month"])
    head = (_("When"), _("What"), _("Why"), _("Change"), _("Balance"))
    at = now()
    return spreadsheet.download(journal.in_chunks(entries, at=at), head=head, row=_row, name="credits", at=at)


def _row(line: journal.Line) -> tuple[str | int, ...]:
    return spreadsheet.when(line.at), line.what, str(line.why), line.delta, line.balance
