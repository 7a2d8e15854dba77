"""A team's seats: offering, limiting, parking, giving on, taking back. Each page is fetched through its admin."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import seat_limits, seats, teams
from accounts.clock import now
from accounts.models import Seat, SeatInvitation
from accounts.site_policy import policy_in_force
from accounts.teams import TeamRefused
from accounts.views import MemberRequest
from billing import pools
from billing.seat_forms import AddressForm, AllowanceForm
from billing.views.team import listed_seats, team_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def team_seats(request: MemberRequest) -> HttpResponse:
    """Who holds a seat, who is offered one; and offering another."""
    team, at = team_or_404(request), now()
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = form.cleaned_data["address"]
        try:
            pools.invite(team=team, address=address, actor=request.user, at=at)
        except TeamRefused as refusal:
            form.add_error("address", str(refusal))
        else:
            messages.success(request, _("The invitation to %(address)s is on its way.") % {"address": address})
            return redirect("billing:seats")
    context = {
        "at": at,
        "team": team,
        "form": form,
        "seats": listed_seats(team, at=at),
        "offers": seat_limits.open_offers(team, at=at),
        "licences": pools.terms_of(team, at=at).licences,
    }
    return render(request, "billing/team_seats.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def seat(request: MemberRequest, public_id: str) -> HttpResponse:
    """One seat: what it may spend, and what else can be done with it."""
    held = _seat_or_404(request, public_id)
    form = _allowance_form(held, request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _changed(
            request,
            lambda: pools.set_allowance(seat=held, actor=request.user, at=now(), **form.chosen),
            _("The allowance of %(member)s is changed.") % {"member": held.member},
        )
    return _page(request, held, form=form, status=422 if form.errors else 200)


@require_POST
def park(request: MemberRequest, public_id: str) -> HttpResponse:
    """Let a seat rest."""
    held = _seat_or_404(request, public_id)
    said = _("The seat of %(member)s is parked.") % {"member": held.member}
    return _changed(request, lambda: pools.park(seat=held, actor=request.user, at=now()), said)


@require_POST
def unpark(request: MemberRequest, public_id: str) -> HttpResponse:
    """Let a parked seat spend again."""
    held = _seat_or_404(request, public_id)
    said = _("%(member)s can use the seat again.") % {"member": held.member}
    return _changed(request, lambda: pools.unpark(seat=held, actor=request.user, at=now()), said)


@require_POST
def remove(request: MemberRequest, public_id: str) -> HttpResponse:
    """Take a seat back."""
    held = _seat_or_404(request, public_id)
    said = _("%(member)s holds no seat any more.") % {"member": held.member}
    return _changed(request, lambda: pools.remove(seat=held, actor=request.user, at=now()), said)


@require_http_methods(["GET", "HEAD", "POST"])
def reassign(request: MemberRequest, public_id: str) -> HttpResponse:
    """Give the licence to somebody else: asked with the address, which gets an invitation."""
    held = _seat_or_404(request, public_id)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            pools.reassign(seat=held, address=form.cleaned_data["address"], actor=request.user, at=now())
        except TeamRefused as refusal:
            form.add_error("address", str(refusal))
        else:
            messages.success(request, _("The seat is given on. The invitation is on its way."))
            return redirect("billing:seats")
    context = {"team": held.team, "seat": held, "form": form}
    return render(request, "billing/team_reassign.html", context, status=422 if form.errors else 200)


@require_POST
def appoint(request: MemberRequest, public_id: str) -> HttpResponse:
    """The seat's holder looks after the team too."""
    held = _seat_or_404(request, public_id)
    said = _("%(member)s looks after the team too.") % {"member": held.member}
    return _changed(request, lambda: teams.appoint(team=held.team, member=held.member, at=now()), said)


@require_POST
def dismiss(request: MemberRequest, public_id: str) -> HttpResponse:
    """The seat's holder no longer looks after the team."""
    held = _seat_or_404(request, public_id)
    said = _("%(member)s no longer looks after the team.") % {"member": held.member}
    return _changed(request, lambda: teams.dismiss(team=held.team, member=held.member, at=now()), said)


@require_POST
def withdraw(request: MemberRequest, public_id: str) -> HttpResponse:
    """Take an offer back."""
    offer = get_object_or_404(SeatInvitation, team=team_or_404(request), public_id=public_id)
    said = _("The invitation to %(address)s is withdrawn.") % {"address": offer.address}
    return _changed(request, lambda: seats.withdraw(invitation=offer, at=now()), said)


def _seat_or_404(request: MemberRequest, public_id: str) -> Seat:
    held = Seat.objects.held().select_related("member__profile", "team")
    return get_object_or_404(held, team=team_or_404(request), public_id=public_id)


def _allowance_form(held: Seat, data: Any) -> AllowanceForm:
    allotment = pools.terms_of(held.team, at=now()).allotment or 0
    return AllowanceForm(data, allotment=allotment, initial=AllowanceForm.initial_of(held))


def _page(request: MemberRequest, held: Seat, *, form: AllowanceForm, status: int) -> HttpResponse:
    at = now()
    context = {
        "at": at,
        "team": held.team,
        "seat": held,
        "form": form,
        "allowance": pools.allowance_of(held, at=at),
        "is_admin": teams.admins_of(held.team).filter(member=held.member_id).exists(),
        "is_reallocated": policy_in_force(at).reallocation == "admin",
    }
    return render(request, "billing/team_seat.html", context, status=status)


def _changed(request: MemberRequest, change: Callable[[], object], said: str) -> HttpResponse:
    """To the list, with what was done or why it was not."""
    try:
        change()
    except TeamRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("billing:seats")
