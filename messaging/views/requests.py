"""Requests: first messages of people one does not know, whole and each with its answers."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.connections import degrees, mutual_counts
from accounts.models import Member
from accounts.site_policy import policy_in_force
from messaging import bulk, trays
from messaging.forms import PageForm, asked, position_of
from messaging.models import Message, Participation
from messaging.pages import older_than, page_of
from messaging.returns import gives_back
from messaging.views import MemberRequest


@dataclass(frozen=True, kw_only=True)
class Card:
    """One person who waits: `messages` is all they wrote, oldest first."""

    side: Participation
    messages: list[Message]
    degree: int | None
    mutual_count: int

    @property
    def sender(self) -> Member:
        return self.side.other

    @property
    def newest(self) -> Message:
        return self.messages[-1]

    @property
    def purpose(self) -> str:
        return self.newest.outreach.get_purpose_display() if self.newest.is_outreach else ""

    @property
    def gives_back(self) -> str:
        """Which answers return a credit; empty = none."""
        charges = [message.outreach.charge for message in self.messages if message.is_outreach]
        return gives_back(charges, self.sender)


@require_safe
def requests(request: MemberRequest) -> HttpResponse:
    """The tray; what is older than the policy's days lies in Archive."""
    at = now()
    before = asked(PageForm(request.GET))["before"]
    waiting = trays.requests(request.user, at)
    page = page_of(older_than(waiting, before, by="shown_at"), by="shown_at")
    context = {"cards": _cards(request.user, page.rows, at=at), "older": page.older, "policy": policy_in_force(at)}
    return render(request, "messaging/requests.html", context | {"at": at, **_head(request.user, at=at)})


def _head(member: Member, *, at: datetime) -> dict[str, Any]:
    """How many wait, and up to where an answer to all of them reaches."""
    newest = bulk.newest(member, at=at)
    return {"count": trays.requests(member, at).count(), "through": position_of(*newest) if newest else ""}


def _cards(member: Member, sides: list[Participation], *, at: datetime) -> list[Card]:
    ids = [side.other_id for side in sides]
    steps, shared = degrees(member, ids), mutual_counts(member, ids)
    written = _written(member, sides, at=at)
    return [
        Card(
            side=side,
            messages=written[side.conversation_id],
            degree=steps.get(side.other_id),
            mutual_count=shared.get(side.other_id, 0),
        )
        for side in sides
        if written[side.conversation_id]
    ]


def _written(member: Member, sides: list[Participation], *, at: datetime) -> dict[int, list[Message]]:
    messages = Message.objects.filter(conversation__in=[side.conversation_id for side in sides], recipient=member)
    written: dict[int, list[Message]] = defaultdict(list)
    for message in messages.delivered(at).select_related("outreach__charge__policy_version").order_by("sent_at", "pk"):
        written[message.conversation_id].append(message)
    return written
