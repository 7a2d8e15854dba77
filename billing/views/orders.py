"""Buying: what is for sale is asked about once, ordered, and then an order's own page says what becomes of it."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import now
from accounts.hints import hint
from accounts.models import Member, Team
from accounts.site_policy import policy_in_force
from accounts.teams import administered_by
from accounts.views import MemberRequest
from billing import orders, packs
from billing.ledger import KeyReused
from billing.models import Order, Pack
from billing.order_forms import BuyForm, ReturnForm
from billing.orders.portal import wallet_at_gateway
from billing.orders.words import what, words
from billing.payments import provider
from billing.rules import rules_of_bought_credits
from billing.views.team import team_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def buy(request: MemberRequest, credits: int) -> HttpResponse:
    """Price, each, validity; then the order. No page where nothing is sold to this member."""
    return _buy(request, credits, team=None)


@require_http_methods(["GET", "HEAD", "POST"])
def buy_for_pool(request: MemberRequest, credits: int) -> HttpResponse:
    """The same for the pool of the team that one looks after."""
    return _buy(request, credits, team=team_or_404(request))


def _buy(request: MemberRequest, credits: int, *, team: Team | None) -> HttpResponse:
    offers = packs.on_offer(team or request.user, at=now())
    offer = next((one for one in offers if one.pack.credits == credits), None)
    if offer is None:
        raise Http404
    form = BuyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _ordered(request, offer.pack, team=team, form_key=form.cleaned_data["form_key"])
    context = {
        "offer": offer,
        "form": form,
        "team": team,
        "is_invoiced": not _has_pay_page(),
        "rules": rules_of_bought_credits(policy_in_force(now())),
    }
    return render(request, "billing/buy.html", context, status=422 if form.errors else 200)


def _has_pay_page() -> bool:
    collector = provider()
    return collector is not None and collector.collects_terms


def _ordered(request: MemberRequest, pack: Pack, *, team: Team | None, form_key: str) -> HttpResponse:
    try:
        order = orders.order_pack(buyer=request.user, pack=pack, team=team, form_key=form_key, at=now())
    except KeyReused:
        messages.error(request, _("This page was used for another order. Look at what you ordered."))
        return redirect("billing:invoices")
    except orders.OrderRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("billing:pool" if team else "billing:credits")
    return redirect("billing:order", order.public_id)


@require_safe
def order(request: MemberRequest, public_id: str) -> HttpResponse:
    """What was ordered and what becomes of it. Opening it grants nothing: the worker asks who holds the money."""
    shown = get_object_or_404(_seen_by(request), public_id=public_id)
    form = ReturnForm(request.GET)
    if not form.is_valid():
        raise BadRequest("no such page")
    has_returned = form.cleaned_data["returned"]
    if has_returned and shown.state == Order.State.PENDING:
        hint("billing.tasks.gateway_look", shown.pk)
    line = shown.lines.all()[0]
    context = {
        "order": shown,
        "line": line,
        # The unused share of the plan before; what is owed to the buyer is named beside the amount.
        "set_against": line.price - shown.amount - shown.bill_credit_used,
        "what": what(shown),
        "words": words(shown, has_returned=has_returned),
        "is_open": shown.state in orders.OPEN,
        "has_portal": _is_about_the_card(shown) and _may_change_card(request.user, shown.team),
    }
    return render(request, "billing/order.html", context)


def _is_about_the_card(order: Order) -> bool:
    """The card on file did not do: another one can be put in its place."""
    return order.state == Order.State.PENDING and order.kind in {Order.Kind.UPGRADE, Order.Kind.RENEWAL}


def _may_change_card(member: Member, team: Team | None) -> bool:
    """Who ordered for a team and no longer looks after it sees the order, and not its cards."""
    holder = team or member
    return (team is None or administered_by(member) == team) and wallet_at_gateway(holder) is not None


def _seen_by(request: MemberRequest) -> QuerySet[Order]:
    related = ("lines__pack", "lines__plan_version__plan", "lines__lot", "disputes", "repayments")
    return orders.visible_to(request.user).select_related("buyer", "team").prefetch_related(*related)
