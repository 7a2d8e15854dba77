"""A member as others see them: who they are, how near, what writing to them costs, what was between you."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.connections import degrees, mutual_connections, mutual_counts, open_invitation, received
from accounts.models import Block, Member
from accounts.reach import refused_purposes_of
from accounts.site_policy import SitePolicy, policy_in_force
from accounts.views import paced
from billing.entitlements import entitlements
from messaging.history import history_of, side_with
from messaging.sentences import topics
from messaging.verdicts import verdict_for
from messaging.views import MemberRequest

SHOWN_MUTUALS = 3


@dataclass(frozen=True, kw_only=True)
class Acquaintance:
    """How near somebody is. `degree` None = further than three steps."""

    degree: int | None
    mutuals: list[Member]
    mutual_count: int

    @property
    def more(self) -> int:
        return self.mutual_count - len(self.mutuals)


@require_safe
@paced
def profile(request: MemberRequest, handle: str) -> HttpResponse:
    """Whether somebody left, blocked the reader or takes nobody new: the same page, but for the name (domain 6.2)."""
    person = get_object_or_404(Member.objects.select_related("profile", "reach"), handle=handle)
    at = now()
    context: dict[str, Any] = {"person": person, "at": at}
    if person.pk == request.user.pk:
        return render(request, "messaging/profile_mine.html", context)
    return render(request, "messaging/profile.html", context | _between(request.user, person, at=at))


def acquaintance(member: Member, person: Member) -> Acquaintance:
    return Acquaintance(
        degree=degrees(member, [person.pk]).get(person.pk),
        mutuals=mutual_connections(member, person, SHOWN_MUTUALS),
        mutual_count=mutual_counts(member, [person.pk]).get(person.pk, 0),
    )


def takes(person: Member, policy: SitePolicy) -> str:
    """What first messages may be about; empty = anything that is offered here."""
    refused = refused_purposes_of([person.pk]).get(person.pk, set())
    taken = tuple(purpose for purpose in policy.purposes if purpose not in refused)
    return topics(taken) if len(taken) < len(policy.purposes) else ""


def _between(member: Member, person: Member, *, at: datetime) -> dict[str, Any]:
    side = side_with(member, person)
    return {
        "verdict": verdict_for(member, person, at=at),
        "acquaintance": acquaintance(member, person),
        "invited": open_invitation(sender=member, recipient=person),
        "invitation": received(member).filter(sender=person).first(),
        "is_blocked": Block.objects.filter(blocker=member, blocked=person).exists(),
        "takes": takes(person, policy_in_force(at)),
        "is_premium": entitlements(person, at=at).is_premium,
        "history": history_of(side, at=at) if side else None,
    }
