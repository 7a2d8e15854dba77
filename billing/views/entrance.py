"""The front page for visitors."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.templatetags.postern import money
from billing.catalog import versions_in_force
from billing.models import PlanVersion


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Postern is and what the plans cost; members go to their inbox."""
    if request.user.is_authenticated:
        return redirect("messaging:inbox")
    offered = versions_in_force(now()).filter(plan__is_offered=True)
    return render(request, "home.html", {"plans": [_card(terms) for terms in offered]})


def _card(terms: PlanVersion) -> dict[str, Any]:
    price = money(terms.price_billed_yearly, terms.currency)
    return {"name": terms.plan.name, "price": price, "credits": terms.allotment, "terms": terms}
