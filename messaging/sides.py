"""The conversation of two members, locked, with the side of each.

Order of locks everywhere: wallet, conversation, the two members (ascending), cap, charge.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Member
from accounts.pairs import lock_pair, low_and_high
from messaging.models import Conversation, Message, Participation

TICK = timedelta(microseconds=1)
LIST_FIELDS = ["last_message", "last_message_at", "coming_message", "coming_at", "coming_tray", "tray"]


@dataclass(frozen=True)
class Sides:
    """`mine` is the acting member's. Valid until the transaction ends."""

    conversation: Conversation
    mine: Participation
    theirs: Participation

    def after_newest(self, at: datetime) -> datetime:
        """`at`, moved behind the newest message: who waited for the lock writes later, and no two at one instant."""
        newest = Message.objects.filter(conversation=self.conversation).order_by("-sent_at", "-pk").first()
        return at if newest is None else max(at, newest.sent_at + TICK)


def open_sides(member: Member, other: Member, *, at: datetime) -> Sides:
    """The pair's conversation, made if missing, and the pair itself, locked until the transaction ends."""
    conversation, _is_new = Conversation.objects.get_or_create(
        **low_and_high(member.pk, other.pk), defaults={"started_at": at}
    )
    _lock(conversation.pk)
    # A block or a connection of the two is made before what is read now, or after all that is written (M1, M6).
    lock_pair(member, other)
    for one, two in ((member, other), (other, member)):
        Participation.objects.get_or_create(conversation=conversation, member=one, defaults={"other": two})
    return _read(conversation, member, at=at)


def lock_sides(conversation: Conversation, member: Member, *, at: datetime) -> Sides:
    """A conversation that the member takes part in, locked. Raises Participation.DoesNotExist for a stranger."""
    _lock(conversation.pk)
    return _read(conversation, member, at=at)


def fold(side: Participation, *, at: datetime) -> None:
    """What has come by `at` becomes the newest message of the side; the caller saves."""
    if side.coming_at is None or side.coming_at > at:
        return
    side.last_message_id, side.last_message_at, side.tray = side.coming_message_id, side.coming_at, side.coming_tray
    expect_nothing(side)


def expect_nothing(side: Participation) -> None:
    side.coming_message, side.coming_at, side.coming_tray = None, None, ""


def _lock(conversation_id: int) -> None:
    Conversation.objects.select_for_update(no_key=True).get(pk=conversation_id)


def _read(conversation: Conversation, member: Member, *, at: datetime) -> Sides:
    sides = Participation.objects.select_related("coming_message", "member", "other").filter(conversation=conversation)
    by_owner = {side.member_id: side for side in sides}
    if member.pk not in by_owner:
        raise Participation.DoesNotExist
    mine = by_owner[member.pk]
    theirs = by_owner[mine.other_id]
    for side in (mine, theirs):
        fold(side, at=at)
    return Sides(conversation, mine, theirs)
