"""A team as its admins see it: seats and pool in figures. Never whom a seat wrote to, nor what."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import seat_limits, teams
from accounts.clock import FOREVER, now
from accounts.models import Team
from accounts.views import MemberRequest
from billing import pools
from billing.catalog import versions_on_offer
from billing.payments import provider
from billing.standing import standing


def team_or_404(request: MemberRequest) -> Team:
    """The team that the member looks after; for everybody else there is no such page."""
    team = teams.administered_by(request.user)
    if team is None:
        raise Http404
    return team


def listed_seats(team: Team, *, at: datetime) -> list[dict[str, Any]]:
    """The held seats with what they may spend and did, by name."""
    held = list(team.seats.held().select_related("member__profile", "team").order_by("member__name_folded", "pk"))
    allowances = pools.allowances_of(team, held, at=at)
    admins = set(teams.admins_of(team).values_list("member_id", flat=True))
    return [{"seat": seat, "allowance": allowances[seat.pk], "is_admin": seat.member_id in admins} for seat in held]


@require_safe
def team(request: MemberRequest) -> HttpResponse:
    """Seats, pool, use and renewal at a glance."""
    own, at = team_or_404(request), now()
    listed = listed_seats(own, at=at)
    terms = pools.terms_of(own, at=at)
    context = {
        "at": at,
        "team": own,
        "seats": listed,
        "terms": terms,
        "standing": standing(own, at=at),
        "used": sum(one["allowance"].used for one in listed),
        "parked": sum(one["seat"].is_parked for one in listed),
        "offered": seat_limits.open_offers(own, at=at).count(),
        "is_past_due": is_past_due(terms, at=at),
        "is_on_offer": is_on_offer(at),
    }
    return render(request, "billing/team.html", context)


def is_on_offer(at: datetime) -> bool:
    """Whether a team can choose a plan by itself: somebody collects money, and there is a plan by the seat."""
    return provider() is not None and versions_on_offer(at=at).filter(is_per_seat=True).exists()


def paid_through(terms: pools.Terms) -> datetime | None:
    """Until when the team's plan is paid; None = without end, or there is none."""
    held = terms.subscription
    return None if held is None or held.paid_through >= FOREVER else held.paid_through


def is_past_due(terms: pools.Terms, *, at: datetime) -> bool:
    """In the days of grace: the plan runs, and nothing new is granted."""
    until = paid_through(terms)
    return until is not None and until <= at
