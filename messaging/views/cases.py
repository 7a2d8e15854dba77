"""A member's standing: what limits them, their figures, what was decided about them, and their appeals."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import restrictions
from accounts.clock import now
from accounts.models import Member
from accounts.site_policy import policy_in_force
from billing.entitlements import entitlements
from messaging import appealing, conduct, quality
from messaging.conduct_refusals import ConductRefused
from messaging.forms import AppealForm
from messaging.models import Appeal, Decision
from messaging.receipts import opened_share
from messaging.sender_facts import caps_of
from messaging.views import MemberRequest


@require_safe
def cases(request: MemberRequest) -> HttpResponse:
    """The whole picture, also when there is nothing wrong with it."""
    at = now()
    policy = policy_in_force(at)
    context = {
        "limits": restrictions.limits_of(request.user, at=at),
        "caps": _caps(request.user, at=at),
        "quality": quality.measure(request.user, at=at, policy=policy),
        "opened": opened_share(request.user, at=at),
        "decisions": conduct.standing_decisions(request.user),
        "at": at,
    }
    return render(request, "messaging/cases.html", context)


@require_safe
def case(request: MemberRequest, public_id: str) -> HttpResponse:
    """One decision about the member: facts, rule, how it was found, until when; 404 for everybody else."""
    decision = _own(request.user, public_id)
    context = {"decision": decision, "restriction": decision.restriction, "at": now(), **appeal_of(decision)}
    return render(request, "messaging/case.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: MemberRequest, public_id: str) -> HttpResponse:
    """Asked once, within six months; afterwards the decision's page says how it stands."""
    decision = _own(request.user, public_id)
    known = appeal_of(decision)
    if known["appeal"] is not None or not known["can_appeal"]:
        return redirect(decision)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return _ask(request, decision, form.cleaned_data["statement"])
    context = {"form": form, "decision": decision, **known}
    return render(request, "messaging/appeal.html", context, status=422 if form.is_bound else 200)


def _ask(request: MemberRequest, decision: Decision, statement: str) -> HttpResponse:
    try:
        appealing.appeal(decision=decision, member=request.user, statement=statement, at=now())
    except ConductRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your appeal is in. Somebody else decides, and you are told why."))
    return redirect(decision)


def _own(member: Member, public_id: str) -> Decision:
    return get_object_or_404(conduct.standing_decisions(member), public_id=public_id)


def appeal_of(decision: Decision) -> dict[str, Any]:
    """For a page about a decision: appeal (or None), appeal_until, can_appeal."""
    until = appealing.appealable_until(decision)
    return {
        "appeal": Appeal.objects.filter(decision=decision).first(),
        "appeal_until": until,
        "can_appeal": now() < until,
    }


def _caps(member: Member, *, at: datetime) -> dict[str, Any]:
    """With `open_profile_cap`: of what may go out today, no more than this to Open Profiles."""
    policy = policy_in_force(at)
    caps = caps_of(member, entitlements(member, at=at), at=at, policy=policy)
    share = min(100 * caps["sent_today"] // max(caps["daily_cap"], 1), 100)
    to_open = min(caps["daily_cap"], policy.open_profile_daily_cap)
    return caps | {"parts": [("a", 0, share)] if share else [], "open_profile_cap": to_open}
