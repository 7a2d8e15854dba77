"""The front page for visitors."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.site_policy import NoPolicyInForce, policy_in_force
from accounts.templatetags.postern import money
from billing.catalog import versions_in_force
from billing.models import PlanVersion
from billing.words import cost_rule, return_rule


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Postern is and what the plans cost; members go to their inbox."""
    if request.user.is_authenticated:
        return redirect("messaging:inbox")
    at = now()
    offered = versions_in_force(at).filter(plan__is_offered=True)
    return render(request, "home.html", {"plans": [_card(terms) for terms in offered]} | _rules(at))


def _rules(at: datetime) -> dict[str, Any]:
    """What a first message costs and gives back; nothing on a site without a catalog, which answers all the same."""
    try:
        policy = policy_in_force(at)
    except NoPolicyInForce:
        return {}
    return {"cost_rule": cost_rule(policy), "return_rule": return_rule(policy), "may_return": policy.return_enabled}


def _card(terms: PlanVersion) -> dict[str, Any]:
    price = money(terms.price_billed_yearly, terms.currency)
    return {"name": terms.plan.name, "price": price, "credits": terms.allotment, "terms": terms}
