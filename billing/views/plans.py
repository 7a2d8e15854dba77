"""The plan page: what plans there are, the one held, asking for one, cancelling and taking that back."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import now
from accounts.templatetags.postern import deadline_words
from accounts.views import MemberRequest
from billing import plan_changes, plan_requests, subscriptions
from billing.catalog import versions_in_force, versions_on_offer
from billing.forms import AskForm, CancelForm
from billing.models import PlanVersion, Subscription
from billing.standing import standing
from billing.subscriptions import SubscriptionRefused
from billing.words import is_without_end, life


@require_safe
def plan(request: MemberRequest) -> HttpResponse:
    """All plans side by side; the one held or asked for, and what can be done about it."""
    member, at = request.user, now()
    held = subscriptions.running(member, at=at)
    context = {
        "at": at,
        "held": held,
        "held_terms": _terms(held.plan_version) if held else None,
        "paid_through": _paid_through(held),
        "standing": standing(member, at=at),
        "waiting": plan_requests.waiting_request(member),
        "plans": [_terms(version) for version in _shown(at, held)],
    }
    return render(request, "billing/plan.html", context)


def _shown(at: datetime, held: Subscription | None) -> list[PlanVersion]:
    """What is offered, with the held plan on the terms it is held on."""
    in_force = versions_in_force(at).filter(plan__is_offered=True)
    return [held.plan_version if held and held.plan_version.plan_id == one.plan_id else one for one in in_force]


def _terms(version: PlanVersion) -> dict[str, Any]:
    return {"version": version, "plan": version.plan, "life": life(version)}


def _paid_through(held: Subscription | None) -> datetime | None:
    return None if held is None or is_without_end(held.paid_through) else held.paid_through


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: MemberRequest, code: str) -> HttpResponse:
    """What will happen, then the request to staff."""
    at = now()
    terms = get_object_or_404(versions_on_offer(at=at), plan__code=code)
    form = AskForm(request.POST or None, terms=terms, initial={"interval": "year"})
    if request.method == "POST" and form.is_valid():
        return _asked(request, terms, form.cleaned_data["interval"], at)
    context = {"form": form, "terms": _terms(terms), "held": subscriptions.running(request.user, at=at)}
    return render(request, "billing/plan_ask.html", context, status=422 if form.errors else 200)


def _asked(request: MemberRequest, terms: PlanVersion, interval: str, at: datetime) -> HttpResponse:
    try:
        plan_requests.ask_for_plan(member=request.user, plan=terms.plan, interval=interval, at=at)
        messages.success(request, _("You asked for %(plan)s.") % {"plan": terms.plan})
    except SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("billing:plan")


@require_POST
def withdraw(request: MemberRequest) -> HttpResponse:
    """No longer ask for a plan."""
    waiting = plan_requests.waiting_request(request.user)
    if waiting is not None:
        try:
            plan_requests.withdraw_request(request=waiting, at=now())
            messages.success(request, _("You no longer ask for %(plan)s.") % {"plan": waiting.plan})
        except SubscriptionRefused as refusal:
            messages.error(request, str(refusal))
    return redirect("billing:plan")


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest) -> HttpResponse:
    """What is lost and when, by the verb's own reckoning; confirmed only if that still holds (409)."""
    at = now()
    held = _held_or_404(request, at)
    if held.cancel_at is not None:
        return redirect("billing:plan")
    preview = plan_changes.preview_of_cancelling(subscription=held, at=at)
    form = CancelForm(request.POST or None)
    is_posted = request.method == "POST"
    if is_posted and form.is_valid() and form.cleaned_data["shown"] == preview.digest:
        return _cancelled(request, held, at)
    context = {"held": held, "preview": preview, "has_changed": is_posted}
    return render(request, "billing/plan_cancel.html", context, status=409 if is_posted else 200)


def _held_or_404(request: MemberRequest, at: datetime) -> Subscription:
    held = subscriptions.running(request.user, at=at)
    if held is None:
        raise Http404
    return held


def _cancelled(request: MemberRequest, held: Subscription, at: datetime) -> HttpResponse:
    try:
        ends_at = subscriptions.cancel(subscription=held, at=at)
        words = {"plan": held.plan_version.plan, "instant": deadline_words(ends_at)}
        messages.success(request, _("%(plan)s ends on %(instant)s.") % words)
    except SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("billing:plan")


@require_POST
def resume(request: MemberRequest) -> HttpResponse:
    """Keep the plan after all."""
    at = now()
    held = _held_or_404(request, at)
    try:
        subscriptions.resume(subscription=held, at=at)
        messages.success(request, _("%(plan)s goes on.") % {"plan": held.plan_version.plan})
    except SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("billing:plan")
