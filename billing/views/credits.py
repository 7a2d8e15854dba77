"""The credits page: what there is to use, what may come back, every line of the journal; and the lines as CSV."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.models import Member
from accounts.site_policy import policy_in_force
from accounts.views import MemberRequest
from billing import journal, meter, subscriptions
from billing.forms import JournalFilter
from billing.models import Entry, Lot, PlanVersion, Subscription
from billing.standing import Standing, standing
from billing.words import how_credits_work, is_without_end, lot_name

SOON = timedelta(days=7)
# What a spreadsheet takes for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


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
        "lots": _lots(now_held),
        "expiring": _expiring(now_held, at=at),
        "held": held,
        "came_back": came_back,
        "spent": spent,
        "rules": how_credits_work(policy_in_force(at), _terms(held)),
    }


def _terms(held: Subscription | None) -> PlanVersion | None:
    return held.plan_version if held else None


def _lots(now_held: Standing) -> list[dict[str, Any]]:
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


def _expiring(now_held: Standing, *, at: datetime) -> dict[str, Any]:
    """The credits that end within a week, and when the last of them does."""
    soon = [lot for lot in now_held.lots if lot.expires_at <= at + SOON]
    return {"credits": sum(lot.remaining for lot in soon), "by": max((lot.expires_at for lot in soon), default=None)}


# --- CSV ----------------------------------------------------------------------------------------


@require_safe
def ledger_csv(request: MemberRequest) -> StreamingHttpResponse:
    """The lines of the page as CSV in UTF-8, all of them, sent as they are read."""
    entries = journal.entries_of(request.user, kind=_chosen(request)["kind"])
    at = now()
    parts = _csv_parts(entries, at=at, zone=timezone.get_current_timezone(), language=translation.get_language())
    response = StreamingHttpResponse(_sent_while_read(parts), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="credits-{timezone.localtime(at):%Y-%m-%d}.csv"'
    return response


async def _sent_while_read(parts: Iterator[str]) -> AsyncIterator[str]:
    read_next = sync_to_async(partial(next, parts, ""))
    while part := await read_next():
        yield part


def _csv_parts(entries: QuerySet[Entry], *, at: datetime, zone: tzinfo, language: str) -> Iterator[str]:
    """Zone and language are given, because the request's own are gone when the lines are read."""
    # The mark makes spreadsheets read UTF-8.
    head = (_("When"), _("What"), _("Why"), _("Change"), _("Balance"))
    yield "\ufeff" + _csv([head])
    chunks = journal.in_chunks(entries, at=at)
    while True:
        with timezone.override(zone), translation.override(language):
            rows = [_row(line) for line in next(chunks, [])]
        if not rows:
            return
        yield _csv(rows)


def _row(line: journal.Line) -> tuple[str | int, ...]:
    when = timezone.localtime(line.at).isoformat(sep=" ", timespec="seconds")
    return when, _defused(line.what), _defused(str(line.why)), line.delta, line.balance


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _csv(rows: Iterable[Sequence[str | int]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
