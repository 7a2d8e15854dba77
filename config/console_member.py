"""One member in the console: facts, credits and plan; and the two things staff do there.

Message text is absent: this page knows when and to what cost, never what.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.clock import now
from accounts.models import Member
from accounts.public_ids import new_public_id
from billing import journal, subscriptions
from billing.models import Entry, Lot, PlanRequest
from billing.standing import standing
from config import console_adjustments, console_member_cases, console_plans
from config.console_forms import AdjustForm
from config.console_pages import need, page
from messaging import leaving
from messaging.models import Outreach

LINES_SHOWN = 10


def overview(request: HttpRequest, member_id: int) -> HttpResponse:
    """Standing, balance by lot, the last journal lines, the plan, what was sent and answered."""
    need(request, "accounts.view_member")
    member = _member(member_id)
    return _page(request, member, "overview", **_facts(member))


def adjust(request: HttpRequest, member_id: int) -> HttpResponse:
    """Give or take credits with a reason the member reads; above one person's limits it waits for a second."""
    need(request, "billing.add_adjustment")
    member = _member(member_id)
    form = AdjustForm(request.POST if request.method == "POST" else None, initial={"form_key": new_public_id()})
    if request.method == "POST" and form.is_valid() and console_adjustments.propose(request, member, form):
        return redirect("admin:member_overview", member.pk)
    return _page(request, member, "adjust", form=form, balance=standing(member, at=now()).balance)


def subscription(request: HttpRequest, member_id: int) -> HttpResponse:
    """Start a plan, or extend, cancel and resume the running one, by the verbs the member uses."""
    need(request, "billing.add_subscription")
    member = _member(member_id)
    running = subscriptions.running(member, at=now())
    form = console_plans.form_of(request, member, running)
    if request.method == "POST" and console_plans.acted(request, member, running, form):
        return redirect("admin:member_overview", member.pk)
    return _page(request, member, "subscription", running=running, form=form)


def standing_change(request: HttpRequest, member_id: int) -> HttpResponse:
    """Deactivate a member, or let them back in; asked first, and written into the member's history."""
    need(request, "accounts.change_member")
    member = _member(member_id)
    if member.is_superuser and not request.user.is_superuser:
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, member, "standing")
    _change_standing(request, member)
    return redirect("admin:member_overview", member.pk)


PAGES: dict[str, Callable[..., HttpResponse]] = {
    "overview": overview,
    "adjust": adjust,
    "subscription": subscription,
    "standing": standing_change,
    "cases": console_member_cases.cases,
}


def _member(member_id: int) -> Member:
    return get_object_or_404(Member.objects.select_related("profile", "reach"), pk=member_id)


def _page(request: HttpRequest, member: Member, name: str, **facts: Any) -> HttpResponse:
    return page(request, f"member_{name}", {"member": member, "title": member.name, "tab": name, **facts})


def _facts(member: Member) -> dict[str, Any]:
    at = now()
    sent = Outreach.objects.filter(message__sender=member, message__undone_at=None)
    return {
        "standing": standing(member, at=at),
        "lots": Lot.objects.filter(wallet__member=member).alive(at).filter(remaining__gt=0).in_spend_order(),
        "lines": _lines(member, at=at),
        "running": subscriptions.running(member, at=now()),
        "waiting": PlanRequest.objects.filter(member=member, state=PlanRequest.State.WAITING).first(),
        "sent": sent.count(),
        "answered": sent.exclude(answered_at=None).count(),
    }


def _lines(member: Member, *, at: datetime) -> list[tuple[journal.Line, Member | None]]:
    """The newest of the journal in the words the member reads, each with who of the staff posted it."""
    newest = journal.with_facts(journal.entries_of(member)).select_related("actor")[:LINES_SHOWN]
    entries: list[Entry] = list(newest)
    return list(zip(journal.read(entries, at=at), (entry.actor for entry in entries), strict=True))


def _change_standing(request: HttpRequest, member: Member) -> None:
    if member.is_active:
        leaving.deactivate(member=member, at=now())
        said = gettext_noop("Deactivated")
    else:
        leaving.reactivate(member=member)
        said = gettext_noop("Reactivated")
    LogEntry.objects.log_actions(
        user_id=cast("int", request.user.pk),
        queryset=Member.objects.filter(pk=member.pk),
        action_flag=CHANGE,
        change_message=said,
        single_object=True,
    )
    messages.success(request, f"{_(said)}.")
