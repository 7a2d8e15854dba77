"""Why a message is free, paid or refused: made from the policy in force."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.site_policy import policy_in_force
from messaging.explanations import explain
from messaging.views import MemberRequest


@require_safe
def why(request: MemberRequest, code: str) -> HttpResponse:
    """One verdict explained; 404 for a code that no verdict has."""
    explanation = explain(code, policy_in_force(now()))
    if explanation is None:
        raise Http404
    return render(request, "messaging/why.html", {"explanation": explanation})
