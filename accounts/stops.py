"""Stops: a recipient's told request not to write again. It binds until the recipient lifts it (domain 7.5).

Told to somebody who wrote for a team it binds the whole team: every present and later seat holder, for whomever they
write, and whoever was told, also after leaving. Writing to one of them lets that one answer; it lifts nothing for the
others.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Member, Seat, StopRequest, Team


@transaction.atomic
def stop(*, recipient: Member, sender: Member, at: datetime, team: Team | None = None) -> StopRequest:
    """`recipient` asks `sender`, and everybody on the `team` for which they wrote, not to write again.

    A second time it answers with the one that stands.
    """
    request, _is_new = StopRequest.objects.get_or_create(
        recipient=recipient, sender=sender, lifted_at=None, defaults={"asked_at": at, "team": team}
    )
    if team is not None and request.team_id is None:
        request.team = team
        request.save(update_fields=["team"])
    return request


def lift(*, recipient: Member, sender: Member, at: datetime) -> None:
    """`recipient` lets `sender`, and the team that was asked with them, write again; harmless if no stop stands."""
    StopRequest.objects.filter(recipient=recipient, sender=sender, lifted_at=None).update(lifted_at=at)


def lift_by_writing(*, recipient: Member, sender: Member, at: datetime) -> None:
    """`recipient` wrote to `sender`: a stop between the two is over. A team's stays: see `binding`."""
    StopRequest.objects.filter(recipient=recipient, sender=sender, team=None, lifted_at=None).update(lifted_at=at)


def standing_stops(*, sender: Member, recipient_ids: Collection[int]) -> list[StopRequest]:
    """What these recipients asked of this sender, alone or with a team, latest first."""
    asked = Q(sender=sender) | Q(team__in=Seat.objects.held().filter(member=sender).values("team"))
    standing = StopRequest.objects.filter(asked, recipient__in=recipient_ids, lifted_at=None)
    return list(standing.select_related("team").order_by("-asked_at", "-pk"))


def binding(asked: Iterable[StopRequest], *, wrote_at: Mapping[int, datetime]) -> dict[int, datetime]:
    """Since when these bind the one they were asked of, by the recipient who asked; of several the first.

    `wrote_at`: when a recipient last wrote words that open to that one: a team's stop from before binds the others.
    """
    return {
        request.recipient_id: request.asked_at
        for request in asked
        if request.team_id is None or not _is_after(wrote_at.get(request.recipient_id), request.asked_at)
    }


def _is_after(instant: datetime | None, asked_at: datetime) -> bool:
    return instant is not None and instant > asked_at


def stops_made(member: Member) -> QuerySet[StopRequest]:
    """Whom this member asked to stop, latest first."""
    return (
        StopRequest.objects.filter(recipient=member, lifted_at=None)
        .select_related("sender__profile", "team")
        .order_by("-asked_at", "-pk")
    )
