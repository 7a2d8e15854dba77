"""Taking a plan or changing to another: what will happen to credits and bill, then the order, request or change."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import now
from accounts.views import MemberRequest
from billing import orders, plan_changes, plan_requests, plan_words, subscriptions
from billing.catalog import versions_on_offer
from billing.forms import AskForm, ChangeForm, IntervalForm
from billing.ledger import KeyReused
from billing.models import PlanVersion, Subscription
from billing.payments import provider
from billing.plan_preview import Change
from billing.prices import term_price
from billing.subscriptions import SubscriptionRefused
from billing.words import day, life


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: MemberRequest, code: str) -> HttpResponse:
    """What will happen, then the order, or on a site that collects no money the request to staff."""
    at = now()
    terms = get_object_or_404(versions_on_offer(at=at), plan__code=code)
    if subscriptions.running(request.user, at=at) is not None:
        return redirect("billing:plan_change", code)
    form = AskForm(request.POST or None, terms=terms, initial={"interval": "year"})
    if request.method == "POST" and form.is_valid():
        return _asked(request, terms, at=at, **form.cleaned_data)
    shown = {"version": terms, "plan": terms.plan, "life": life(terms)}
    context = {"form": form, "terms": shown, "is_sold": _is_sold(terms)}
    return render(request, "billing/plan_ask.html", context, status=422 if form.errors else 200)


def _is_sold(terms: PlanVersion) -> bool:
    """What costs nothing is asked for, also where somebody collects money."""
    return provider() is not None and term_price(terms, "month") > 0


def _asked(request: MemberRequest, terms: PlanVersion, *, interval: str, form_key: str, at: datetime) -> HttpResponse:
    try:
        if _is_sold(terms):
            order = orders.order_plan(buyer=request.user, version=terms, interval=interval, form_key=form_key, at=at)
            return redirect("billing:order", order.public_id)
        plan_requests.ask_for_plan(member=request.user, plan=terms.plan, interval=interval, at=at)
        messages.success(request, _("You asked for %(plan)s.") % {"plan": terms.plan})
    except (SubscriptionRefused, orders.OrderRefused, KeyReused) as refusal:
        messages.error(request, sentence(refusal))
    return redirect("billing:plan")


def sentence(refusal: Exception) -> str:
    """Why nothing was ordered."""
    if isinstance(refusal, KeyReused):
        return _("This page was used for another order. Look at what you ordered.")
    return str(refusal)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, code: str) -> HttpResponse:
    """Three blocks (interface 5.4); confirmed only if what they say still holds (409)."""
    at = now()
    held = subscriptions.running(request.user, at=at)
    if held is None:
        terms = get_object_or_404(versions_on_offer(at=at), plan__code=code)
        return redirect("billing:plan_ask", terms.plan.code)
    version = wanted(held, code, at=at)
    form = ChangeForm(request.POST or None)
    posted = form.cleaned_data if form.is_valid() else {}
    interval = posted.get("interval") or _chosen_interval(request, held, version)
    try:
        preview = plan_changes.preview(subscription=held, version=version, interval=interval, at=at)
        if posted and posted["shown"] == preview.digest:
            return _change(request, held, preview, form_key=posted["form_key"], at=at)
    except SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("billing:plan")
    except plan_changes.FiguresChanged as changed:
        preview = changed.change
    return _preview_page(request, held, preview)


def wanted(held: Subscription, code: str, *, at: datetime) -> PlanVersion:
    """Who pays the plan held in another rhythm keeps its terms; of others those in force count."""
    if held.plan_version.plan.code == code:
        return held.plan_version
    return get_object_or_404(versions_on_offer(at=at), plan__code=code)


def _chosen_interval(request: MemberRequest, held: Subscription, version: PlanVersion) -> str:
    """As the address says, or as the plan held is paid; of that plan itself the other one."""
    form = IntervalForm(request.GET)
    if form.is_valid() and form.cleaned_data["interval"]:
        return str(form.cleaned_data["interval"])
    is_same = held.plan_version_id == version.pk
    return {"month": "year", "year": "month"}[held.interval] if is_same else held.interval


def _change(
    request: MemberRequest, held: Subscription, preview: Change, *, form_key: str, at: datetime
) -> HttpResponse:
    assert preview.version is not None
    chosen: dict[str, Any] = {"version": preview.version, "interval": preview.interval, "at": at}
    plan = {"plan": preview.version.plan}
    if preview.kind == "downgrade":
        done = plan_changes.confirm(subscription=held, shown=preview.digest, **chosen)
        said = _("%(plan)s begins on %(day)s.") % (plan | {"day": day(done.takes_effect_at)})
    elif provider() is not None:
        return _order(request, held, form_key=form_key, **chosen)
    else:
        plan_requests.ask_for_plan(member=request.user, plan=preview.version.plan, interval=preview.interval, at=at)
        said = _("You asked for %(plan)s.") % plan
    messages.success(request, said)
    return redirect("billing:plan")


def _order(request: MemberRequest, held: Subscription, **chosen: Any) -> HttpResponse:
    try:
        order = orders.order_upgrade(buyer=request.user, subscription=held, **chosen)
    except (orders.OrderRefused, KeyReused) as refusal:
        messages.error(request, sentence(refusal))
        return redirect("billing:plan")
    return redirect("billing:order", order.public_id)


def _preview_page(request: MemberRequest, held: Subscription, preview: Change) -> HttpResponse:
    is_posted = request.method == "POST"
    context = {
        "held": held,
        "preview": preview,
        "plan": preview.version and preview.version.plan,
        "compared": plan_words.compared(held.plan_version, held.interval, preview),
        "credits": list(plan_words.credit_rows(preview)),
        "warnings": list(plan_words.warnings(preview)),
        "bill": list(plan_words.bill_rows(preview)),
        "form": ChangeForm(initial={"interval": preview.interval, "shown": preview.digest}),
        "is_sold": provider() is not None,
        "has_changed": is_posted,
    }
    return render(request, "billing/plan_change.html", context, status=409 if is_posted else 200)


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


@require_POST
def stay(request: MemberRequest) -> HttpResponse:
    """Keep the plan held instead of the one that waits."""
    return staying(request, subscriptions.running(request.user, at=now()), back="billing:plan")


def staying(request: MemberRequest, held: Subscription | None, *, back: str) -> HttpResponse:
    """Forget the change that waits for a member's or a team's plan."""
    if held is not None and held.changes_at is not None:
        try:
            plan_changes.withdraw(subscription=held, at=now())
            messages.success(request, _("%(plan)s goes on.") % {"plan": held.plan_version.plan})
        except SubscriptionRefused as refusal:
            messages.error(request, str(refusal))
    return redirect(back)
