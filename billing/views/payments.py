"""Where the gateway speaks to us, and where members reach the gateway's own page for cards."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import now
from accounts.models import Member, Team
from accounts.views import MemberRequest
from billing.orders import events
from billing.orders import portal as portals
from billing.payments import gateway, stripe_webhook
from billing.views.team import team_or_404

logger = logging.getLogger(__name__)

PLAIN = "text/plain; charset=utf-8"


@csrf_exempt
@login_not_required
@require_POST
def payment_event(request: HttpRequest) -> HttpResponse:
    """Believed by its signature alone; stored once and answered at once, worked off later by the worker."""
    asked = gateway()
    if asked is None:
        raise Http404
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return HttpResponse("https only", status=400, content_type=PLAIN)
    at = now()
    try:
        told = stripe_webhook.read(request.body, request.headers.get("Stripe-Signature", ""), at=at)
    except stripe_webhook.Forged as fault:
        logger.warning("a payment event was refused: %s", fault)
        return HttpResponse("refused", status=400, content_type=PLAIN)
    events.receive(
        provider=asked.name,
        event_id=told.event_id,
        kind=told.kind,
        object_id=told.object_id,
        is_live=told.is_live,
        at=at,
    )
    return HttpResponse("stored", content_type=PLAIN)


@require_http_methods(["GET", "HEAD", "POST"])
def portal(request: MemberRequest) -> HttpResponse:
    """A POST has the gateway's page opened by the worker; this page waits for its address."""
    return _portal(request, request.user, page="billing:portal")


@require_http_methods(["GET", "HEAD", "POST"])
def team_portal(request: MemberRequest) -> HttpResponse:
    """The same for the team that one looks after: its cards and receipts, never one's own."""
    return _portal(request, team_or_404(request), page="billing:team_portal")


def _portal(request: MemberRequest, holder: Member | Team, *, page: str) -> HttpResponse:
    wallet = portals.wallet_at_gateway(holder)
    if wallet is None:
        raise Http404
    if request.method == "POST":
        portals.ask(wallet=wallet)
        return redirect(page)
    address = portals.address_of(wallet)
    context = {
        "page": page,
        "team": wallet.team,
        "address": "" if address == portals.AWAY else address,
        "is_away": address == portals.AWAY,
    }
    return render(request, "billing/portal.html", context)
