"""Where the gateway speaks to us, and where members reach the gateway's own page for cards."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import now
from accounts.views import MemberRequest
from billing.orders import events
from billing.orders import portal as portals
from billing.payments import gateway, stripe_webhook

logger = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@require_POST
def payment_event(request: HttpRequest) -> HttpResponse:
    """Believed by its signature alone; stored once and answered at once, worked off later by the worker."""
    asked = gateway()
    if asked is None:
        raise Http404
    at = now()
    try:
        told = stripe_webhook.read(request.body, request.headers.get("Stripe-Signature", ""), at=at)
    except stripe_webhook.Forged as fault:
        logger.warning("a payment event was refused: %s", fault)
        return HttpResponse("refused", status=400, content_type="text/plain")
    events.receive(
        provider=asked.name,
        event_id=told.event_id,
        kind=told.kind,
        object_id=told.object_id,
        is_live=told.is_live,
        at=at,
    )
    return HttpResponse("stored", content_type="text/plain")


@require_http_methods(["GET", "HEAD", "POST"])
def portal(request: MemberRequest) -> HttpResponse:
    """A POST has the gateway's page opened by the worker; this page waits for its address."""
    wallet = portals.wallet_at_gateway(request.user)
    if wallet is None:
        raise Http404
    if request.method == "POST":
        portals.ask(wallet=wallet)
        return redirect("billing:portal")
    address = portals.address_of(wallet)
    context = {"address": "" if address == portals.AWAY else address, "is_away": address == portals.AWAY}
    return render(request, "billing/portal.html", context)
