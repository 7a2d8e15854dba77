"""The plan page: what plans there are, the one held; cancelling it and taking that back."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import now
from accounts.models import Member, Team
from accounts.site_policy import policy_in_force, timeline
from accounts.templatetags.postern import deadline_words
from accounts.views import MemberRequest
from billing import allotments, orders, plan_changes, plan_requests, plan_words, subscriptions
from billing.catalog import versions_in_force
from billing.forms import CancelForm
from billing.models import PlanVersion, Subscription
from billing.orders.words import what
from billing.payments import provider
from billing.plan_changes import Kind
from billing.plan_money import saving
from billing.prices import owed
from billing.rules import change_rules
from billing.standing import Standing, standing
from billing.subscriptions import SubscriptionRefused
from billing.words import is_without_end, life


@require_safe
def plan(request: MemberRequest) -> HttpResponse:
    """All plans side by side; the one held or asked for, and what can be done about it."""
    member, at = request.user, now()
    held = subscriptions.running(member, at=at)
    now_held = standing(member, at=at)
    context = {
        "at": at,
        "held": held,
        "standing": now_held,
        "waiting": plan_requests.waiting_request(member),
        "is_sold": provider() is not None,
        "plans": [card(version, held) for version in shown(at, held)],
        "ask_page": "billing:plan_ask",
        "change_page": "billing:plan_change",
        "rules": change_rules(policy_in_force(at)),
        **ordered(member, at=at),
    }
    if held is not None:
        context |= _facts(held, now_held, at=at)
    return render(request, "billing/plan.html", context)


def _facts(held: Subscription, now_held: Standing, *, at: datetime) -> dict[str, Any]:
    """What the card of the plan held says, beside its terms."""
    is_endless = is_without_end(held.paid_through)
    is_past_due = not is_endless and held.paid_through <= at and held.cancel_at is None
    grace = timedelta(days=timeline().at(held.paid_through).payment_grace_days) if is_past_due else timedelta(0)
    figure = held.plan_version.allotment if held.contract_allotment is None else held.contract_allotment
    return {
        "figure": figure,
        "cap": allotments.cap(held, seats=1),
        "price": plan_words.price(held.plan_version, held.interval),
        "paid_through": None if is_endless else held.paid_through,
        "past_due_until": held.paid_through + grace if is_past_due else None,
        "could_be_lost": sum(lot.remaining for lot in now_held.lots if lot.priority == lot.Priority.PLAN),
        "owed": owed(held.wallet, held.plan_version.currency),
        "other_interval": _other_interval(held),
    }


def ordered(holder: Member | Team, *, at: datetime) -> dict[str, Any]:
    """A plan, a change or a further term that waits to be paid: the order, and what it is called."""
    order = orders.waiting_plan_order(holder, at=at)
    return {"ordered": order, "ordered_what": order and what(order)}


def _other_interval(held: Subscription) -> str:
    """The rhythm in which it could be paid instead; "" for a contract and for what costs nothing."""
    if held.contract_allotment is not None or not held.plan_version.price_billed_monthly:
        return ""
    return "month" if held.interval == "year" else "year"


def shown(at: datetime, held: Subscription | None) -> list[PlanVersion]:
    """What is offered, with the held plan on the terms it is held on."""
    in_force = versions_in_force(at).filter(plan__is_offered=True)
    return [held.plan_version if held and held.plan_version.plan_id == one.plan_id else one for one in in_force]


def card(version: PlanVersion, held: Subscription | None) -> dict[str, Any]:
    """`way`: how the holder comes to it: take, upgrade, downgrade, or "" (held already, or not to be had)."""
    way = "take" if version.is_paid else ""
    if held is not None and version.is_paid:
        is_free_to_change = held.contract_allotment is None and held.plan_version_id != version.pk
        way = _way(held, version) if is_free_to_change else ""
    return {"version": version, "plan": version.plan, "life": life(version), "saving": saving(version), "way": way}


def _way(held: Subscription, version: PlanVersion) -> str:
    kind = plan_changes.kind_of(held, version, held.interval)
    # A plan that is cancelled may be left at once for a dearer one, but nothing waits for its end.
    return "" if kind == Kind.DOWNGRADE and held.cancel_at is not None else str(kind)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest) -> HttpResponse:
    """What is lost and when, by the verb's own reckoning; confirmed only if that still holds (409)."""
    return cancelling(request, held_or_404(request.user, at=now()), back="billing:plan")


def cancelling(request: MemberRequest, held: Subscription, *, back: str) -> HttpResponse:
    """The page of cancelling a member's or a team's plan; `back` names the page of that plan."""
    at = now()
    if held.cancel_at is not None:
        return redirect(back)
    preview = plan_changes.preview_of_cancelling(subscription=held, at=at)
    form = CancelForm(request.POST or None)
    is_posted = request.method == "POST"
    if is_posted and form.is_valid() and form.cleaned_data["shown"] == preview.digest:
        return _cancelled(request, held, back=back, at=at)
    policy = policy_in_force(preview.takes_effect_at)
    context = {
        "at": at,
        "held": held,
        "team": held.wallet.team,
        "back": back,
        "preview": preview,
        "credits": list(plan_words.credit_rows(preview)),
        "warnings": list(plan_words.warnings(preview)),
        "waits": bool(preview.kept) and not policy.credits_without_plan,
        "may_return": policy.return_enabled or preview.may_come_back,
        "has_changed": is_posted,
    }
    return render(request, "billing/plan_cancel.html", context, status=409 if is_posted else 200)


def held_or_404(holder: Member | Team, *, at: datetime) -> Subscription:
    """The plan that a member or a team holds."""
    held = subscriptions.running(holder, at=at)
    if held is None:
        raise Http404
    return held


def _cancelled(request: MemberRequest, held: Subscription, *, back: str, at: datetime) -> HttpResponse:
    try:
        ends_at = subscriptions.cancel(subscription=held, at=at)
        words = {"plan": held.plan_version.plan, "instant": deadline_words(ends_at)}
        messages.success(request, _("%(plan)s ends on %(instant)s.") % words)
    except SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(back)


@require_POST
def resume(request: MemberRequest) -> HttpResponse:
    """Keep the plan after all."""
    return resuming(request, held_or_404(request.user, at=now()), back="billing:plan")


def resuming(request: MemberRequest, held: Subscription, *, back: str) -> HttpResponse:
    """Take the cancellation of a member's or a team's plan back."""
    try:
        subscriptions.resume(subscription=held, at=now())
        messages.success(request, _("%(plan)s goes on.") % {"plan": held.plan_version.plan})
    except SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(back)
