"""One answer to everybody who waits in Requests, up to what was seen, and all of it taken back (interface 4.6)."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Q

from accounts.busy import Busy
from accounts.models import Member
from messaging import answering, trays
from messaging.models import Message, Participation
from messaging.models.conversation import ParticipationQuerySet

Position = tuple[datetime, int]


class Answered(NamedTuple):
    """`left`: how many of those seen wait still, because the two can no longer write to each other, or busy."""

    taps: list[Message]
    left: int


def newest(member: Member, *, at: datetime) -> Position | None:
    """What the list of Requests shows first; None = nobody waits."""
    first = trays.requests(member, at).order_by(F("shown_at").desc(), "-pk").first()
    return (first.shown_at, first.pk) if first else None


def seen(member: Member, *, up_to: Position, at: datetime) -> ParticipationQuerySet:
    """What waits in Requests and is not newer than what the page showed first; who wrote again since then is newer."""
    instant, pk = up_to
    before = Q(shown_at__lt=instant) | Q(shown_at=instant, pk__lte=pk)
    return trays.requests(member, at).filter(before)


def answer_all(*, member: Member, answer: str, up_to: Position, at: datetime) -> Answered:
    """Tap one answer, without words, for each of them; each is answered or not by itself, as by hand."""
    taps, left = [], 0
    for side in seen(member, up_to=up_to, at=at).order_by(F("shown_at"), "pk"):
        tap = _tap(side, member, answer=answer, at=at)
        if tap is None:
            left += 1
        else:
            taps.append(tap)
    return Answered(taps, left)


def take_back_all(*, member: Member, taps: Iterable[Message], at: datetime) -> int:
    """Take these answers back before they are told, as `answering.take_back` does; counts those that were told."""
    return sum(not _is_taken_back(tap, member, at=at) for tap in taps)


def _tap(side: Participation, member: Member, *, answer: str, at: datetime) -> Message | None:
    try:
        return answering.answer(conversation=side.conversation, member=member, answer=answer, at=at)
    except (answering.NothingToAnswer, answering.VerdictChanged, Busy):
        return None


def _is_taken_back(tap: Message, member: Member, *, at: datetime) -> bool:
    try:
        answering.take_back(message=tap, member=member, at=at)
    except (answering.TooLate, Busy):
        return False
    return True
