"""How credits work, for everybody: made from the rules in force."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.site_policy import policy_in_force
from billing import referrals
from billing.catalog import packs_on_offer, versions_on_offer
from billing.payments import provider
from billing.rules import rules_of


@login_not_required
@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """The help page; every sentence follows the policy and the plans in force now."""
    at = now()
    policy, plans = policy_in_force(at), list(versions_on_offer(at=at))
    are_sold = provider() is not None and packs_on_offer().exists()
    topics = rules_of(policy, plans, are_sold=are_sold, are_rewarded=referrals.are_rewarded(policy))
    return render(request, "billing/how.html", {"topics": topics})
