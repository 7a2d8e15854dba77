"""A seat as its holder sees it: the offer, taking it, leaving it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import seats
from accounts.clock import now
from accounts.teams import TeamRefused
from accounts.views import MemberRequest
from billing import pools


@require_http_methods(["GET", "HEAD", "POST"])
def seat_invitation(request: MemberRequest, public_id: str) -> HttpResponse:
    """What a seat is, shown to whoever has confirmed the address; only the button takes it."""
    offer = get_object_or_404(seats.offers_to(request.user), public_id=public_id)
    at = now()
    if request.method == "POST":
        try:
            pools.take(invitation=offer, member=request.user, at=at)
        except TeamRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("You hold a seat of %(team)s.") % {"team": offer.team})
            return redirect("billing:credits")
    held = seats.seat_of(request.user)
    context = {
        "at": at,
        "offer": offer,
        "is_open": offer.is_open(at),
        "held": held,
        "is_mine": held is not None and held.team_id == offer.team_id,
        "terms": pools.terms_of(offer.team, at=at),
    }
    return render(request, "billing/seat_invitation.html", context, status=409 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def leave_team(request: MemberRequest) -> HttpResponse:
    """Ask, then give one's own seat back. 404 for who holds none."""
    held = seats.seat_of(request.user)
    if held is None:
        raise Http404
    if request.method == "POST":
        pools.remove(seat=held, actor=request.user, at=now())
        messages.success(request, _("You left %(team)s.") % {"team": held.team})
        return redirect("billing:credits")
    return render(request, "billing/seat_leave.html", {"held": held})
