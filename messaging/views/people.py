"""The directory: who is here, how near, and what writing to each of them costs."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import directory
from accounts.clock import now
from accounts.connections import degrees, mutual_counts
from accounts.models import Member
from accounts.site_policy import policy_in_force
from accounts.views import paced
from billing.entitlements import holders_of_open_profile
from messaging.forms import PeopleForm, asked
from messaging.policy import Verdict
from messaging.verdicts import look_closed_to, verdicts_for
from messaging.views import MemberRequest


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One line of the directory."""

    member: Member
    degree: int | None
    mutual_count: int
    verdict: Verdict


@require_safe
@paced
def people(request: MemberRequest) -> HttpResponse:
    """A page of fifty, by name. The same number of queries however many there are."""
    at = now()
    form = PeopleForm(request.GET, policy=policy_in_force(at))
    query = asked(form)
    page = directory.page(_found(request.user, query, at=at), after=query["after"], before=query["before"])
    context = {
        "form": form,
        "at": at,
        "listed": listed(request.user, page.members, at=at),
        "is_filtered": any(value for name, value in query.items() if name not in ("after", "before")),
        "too_short": any(directory.too_few_letters(query[name]) for name in ("q", "company", "place")),
        "previous": page.previous,
        "next": page.next,
    }
    return render(request, "messaging/people.html", context)


def listed(member: Member, members: list[Member], *, at: datetime) -> list[Listed]:
    """These members with degree, shared contacts and price, as this one sees them."""
    ids = [other.pk for other in members]
    steps, shared = degrees(member, ids), mutual_counts(member, ids)
    verdicts = verdicts_for(member, members, at=at)
    return [
        Listed(
            member=other,
            degree=steps.get(other.pk),
            mutual_count=shared.get(other.pk, 0),
            verdict=verdicts[other.pk],
        )
        for other in members
    ]


def _found(member: Member, query: dict[str, object], *, at: datetime) -> QuerySet[Member]:
    found = directory.search(
        member,
        words=str(query["q"]),
        company=str(query["company"]),
        place=str(query["place"]),
        purpose=str(query["purpose"]),
        degree=query["degree"],  # type: ignore[arg-type]
        open_profile=bool(query["open_profile"]),
    )
    if query["purpose"] or query["open_profile"]:
        found = found.exclude(pk__in=look_closed_to(member, at=at))
    return found.filter(pk__in=holders_of_open_profile(at=at)) if query["open_profile"] else found
