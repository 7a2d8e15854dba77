"""The team's plan, in its admin's hands: chosen with its licences, changed, cancelled, kept after all."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import now
from accounts.models import Seat, Team
from accounts.site_policy import policy_in_force
from accounts.views import MemberRequest
from billing import orders, plan_changes, plan_words, pools, subscriptions
from billing.catalog import versions_on_offer
from billing.conditions import TooFewLicences
from billing.forms import ChangeForm
from billing.ledger import KeyReused
from billing.models import PlanVersion, Subscription
from billing.orders.portal import wallet_at_gateway
from billing.payments import provider
from billing.plan_changes import Kind
from billing.plan_preview import Change
from billing.rules import change_rules
from billing.seat_forms import LicencesForm, TeamOrderForm
from billing.standing import standing
from billing.subscriptions import SubscriptionRefused
from billing.views.plan_choices import sentence, staying, wanted
from billing.views.plans import cancelling, card, held_or_404, ordered, resuming, shown
from billing.views.team import is_on_offer, is_past_due, paid_through, team_or_404
from billing.words import day, life

PAGE = "billing:team_plan"


@require_safe
def team_plan(request: MemberRequest) -> HttpResponse:
    """Licences, what a seat brings and costs, until when it is paid; and the plans a team can have."""
    own, at = team_or_404(request), now()
    terms, held = pools.terms_of(own, at=at), subscriptions.running(own, at=at)
    context = {
        "at": at,
        "team": own,
        "terms": terms,
        "held": held,
        "next_seats": held and (held.next_seats or held.seats),
        "active": Seat.objects.active().filter(team=own).count(),
        "standing": standing(own, at=at),
        "paid_through": paid_through(terms),
        "is_past_due": is_past_due(terms, at=at),
        "is_sold": provider() is not None,
        "has_portal": wallet_at_gateway(own) is not None,
        "is_on_offer": is_on_offer(at),
        "plans": _cards(held, at=at),
        "ask_page": "billing:team_plan_choose",
        "change_page": "billing:team_plan_change",
        "rules": change_rules(policy_in_force(at)),
        **ordered(own, at=at),
    }
    return render(request, "billing/team_plan.html", context)


def _cards(held: Subscription | None, *, at: datetime) -> list[dict[str, Any]]:
    """Plans by the seat. Where nobody collects money, more is not to be had by a button."""
    cards = [card(version, held) for version in shown(at, held) if version.is_per_seat]
    if provider() is None:
        for one in cards:
            one["way"] = one["way"] if one["way"] == Kind.DOWNGRADE else ""
    return cards


# --- The first plan ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: MemberRequest, code: str) -> HttpResponse:
    """How many licences, paid how; then the order. No page where nobody collects money."""
    team, at = team_or_404(request), now()
    if subscriptions.running(team, at=at) is not None:
        return redirect("billing:team_plan_change", code)
    terms = _on_offer(code, at=at)
    form = TeamOrderForm(request.POST or None, terms=terms, initial=_at_least(team))
    if request.method == "POST" and form.is_valid() and (answer := _ordered(request, team, terms, form, at=at)):
        return answer
    context = {"team": team, "form": form, "terms": {"version": terms, "plan": terms.plan, "life": life(terms)}}
    return render(request, "billing/team_plan_choose.html", context, status=422 if form.errors else 200)


def _on_offer(code: str, *, at: datetime) -> PlanVersion:
    if provider() is None:
        raise Http404
    return get_object_or_404(versions_on_offer(at=at), plan__code=code, is_per_seat=True)


def _at_least(team: Team) -> dict[str, Any]:
    """A licence for each seat that is held."""
    return {"seats": max(Seat.objects.held().filter(team=team).count(), 1), "interval": "year"}


def _ordered(
    request: MemberRequest, team: Team, terms: PlanVersion, form: TeamOrderForm, *, at: datetime
) -> HttpResponse | None:
    """To the order, or to the plan with the reason; None where the form says what is wrong."""
    try:
        order = orders.order_plan(buyer=request.user, team=team, version=terms, at=at, **form.cleaned_data)
    except TooFewLicences as refusal:
        form.add_error("seats", str(refusal))
        return None
    except (SubscriptionRefused, orders.OrderRefused, KeyReused) as refusal:
        messages.error(request, sentence(refusal))
        return redirect(PAGE)
    return redirect("billing:order", order.public_id)


# --- Another plan, other licences ----------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, code: str) -> HttpResponse:
    """Licences and rhythm are chosen first; then three blocks, confirmed only if what they say still holds (409)."""
    team, at = team_or_404(request), now()
    held = subscriptions.running(team, at=at)
    if held is None:
        return redirect("billing:team_plan_choose", code)
    version = wanted(held, code, at=at)
    if not version.is_per_seat:
        raise Http404
    form = _chosen(request, held, version)
    try:
        preview = _preview(held, version, form, at=at)
        if preview is not None and _is_confirmed(request, preview):
            return _change(request, held, preview, at=at)
    except SubscriptionRefused as refusal:
        messages.error(request, sentence(refusal))
        return redirect(PAGE)
    return _preview_page(request, held, version, form, preview)


def _chosen(request: MemberRequest, held: Subscription, version: PlanVersion) -> LicencesForm:
    """As posted, as the address says, or as it is now."""
    data = request.POST if request.method == "POST" else request.GET
    return LicencesForm(data or {"seats": held.seats, "interval": held.interval}, terms=version)


def _preview(held: Subscription, version: PlanVersion, form: LicencesForm, *, at: datetime) -> Change | None:
    """None where nothing would change, or the form says what is wrong."""
    if not form.is_valid():
        return None
    chosen: dict[str, Any] = form.cleaned_data
    if plan_changes.kind_of(held, version, **chosen) == Kind.SAME:
        return None
    try:
        return plan_changes.preview(subscription=held, version=version, at=at, **chosen)
    except TooFewLicences as refusal:
        form.add_error("seats", str(refusal))
        return None


def _is_confirmed(request: MemberRequest, preview: Change) -> bool:
    form = ChangeForm(request.POST or None)
    return form.is_valid() and form.cleaned_data["shown"] == preview.digest


def _change(request: MemberRequest, held: Subscription, preview: Change, *, at: datetime) -> HttpResponse:
    assert preview.version is not None
    chosen: dict[str, Any] = {"version": preview.version, "interval": preview.interval, "seats": preview.seats}
    if preview.kind == Kind.DOWNGRADE:
        done = plan_changes.confirm(subscription=held, shown=preview.digest, at=at, **chosen)
        words = {"plan": preview.version.plan, "n": preview.seats, "day": day(done.takes_effect_at)}
        messages.success(request, _("From %(day)s: %(plan)s, licences: %(n)s.") % words)
        return redirect(PAGE)
    if provider() is None:
        messages.error(request, _("Nobody collects money here. Ask the people who run this site."))
        return redirect(PAGE)
    return _order(request, held, form_key=request.POST["form_key"], at=at, **chosen)


def _order(request: MemberRequest, held: Subscription, **chosen: Any) -> HttpResponse:
    try:
        order = orders.order_upgrade(buyer=request.user, subscription=held, **chosen)
    except (orders.OrderRefused, KeyReused) as refusal:
        messages.error(request, sentence(refusal))
        return redirect(PAGE)
    return redirect("billing:order", order.public_id)


def _preview_page(
    request: MemberRequest, held: Subscription, version: PlanVersion, form: LicencesForm, preview: Change | None
) -> HttpResponse:
    is_posted = request.method == "POST"
    context = {
        "held": held,
        "team": held.wallet.team,
        "plan": version.plan,
        "form": form,
        "is_sold": provider() is not None,
        "has_changed": is_posted and preview is not None,
    }
    if preview is not None:
        context |= _blocks(held, preview)
    status = 409 if context["has_changed"] else 422 if is_posted else 200
    return render(request, "billing/team_plan_change.html", context, status=status)


def _blocks(held: Subscription, preview: Change) -> dict[str, Any]:
    initial = {"interval": preview.interval, "shown": preview.digest}
    return {
        "preview": preview,
        "compared": plan_words.compared_for_team(held, preview),
        "credits": list(plan_words.credit_rows(preview)),
        "warnings": list(plan_words.warnings(preview)),
        "bill": list(plan_words.bill_rows(preview)),
        "confirm": ChangeForm(initial=initial, auto_id="confirm_%s"),
    }


# --- Ending it, keeping it -----------------------------------------------------------------------


@require_POST
def stay(request: MemberRequest) -> HttpResponse:
    """Keep plan and licences instead of those that wait."""
    return staying(request, subscriptions.running(team_or_404(request), at=now()), back=PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest) -> HttpResponse:
    """What the pool loses and when; confirmed only if that still holds (409)."""
    return cancelling(request, held_or_404(team_or_404(request), at=now()), back=PAGE)


@require_POST
def resume(request: MemberRequest) -> HttpResponse:
    """Keep the plan after all."""
    return resuming(request, held_or_404(team_or_404(request), at=now()), back=PAGE)
