"""A conversation as one of its two members reads it: messages, and single lines for what happened to credits."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.site_policy import policy_in_force
from messaging import events
from messaging.answering import can_change
from messaging.models import Conversation, Message, Participation
from messaging.names import first_name

PAGE_SIZE = 50

Position = tuple[datetime, int]


@dataclass(frozen=True, kw_only=True)
class Line:
    """Either a message, or an `event`: one sentence with the name of its picture."""

    at: datetime
    message: Message | None = None
    event: str = ""
    symbol: str = ""
    is_mine: bool = False
    is_first_unread: bool = False
    # Seconds until one's own message is delivered: so long it can be undone (outreach) or taken back (a tap).
    goes_in: int = 0
    can_change: bool = False

    @property
    def can_undo(self) -> bool:
        return self.goes_in > 0 and self.message is not None and self.message.is_outreach

    @property
    def can_take_back(self) -> bool:
        return self.goes_in > 0 and self.message is not None and self.message.is_tap


@dataclass(frozen=True)
class Page:
    """Oldest line first. `earlier` is the position to pass as `before` for the lines above; None = there are none."""

    lines: list[Line]
    earlier: Position | None


def lines(conversation: Conversation, member: Member, *, at: datetime, before: Position | None = None) -> Page:
    """The last fifty messages that the member sees, or those before a position, with the events between them."""
    side = Participation.objects.select_related("other", "member").get(conversation=conversation, member=member)
    messages, has_earlier = _messages(side, at=at, before=before)
    since = messages[0].sent_at if messages and has_earlier else None
    until = before[0] if before else None
    told = [_event_line(event) for event in events.of(side, at=at) if _lies_between(event.at, since, until)]
    shown = sorted([*_message_lines(messages, side, at=at), *told], key=lambda line: line.at)
    return Page(shown, (messages[0].sent_at, messages[0].pk) if has_earlier else None)


def _messages(side: Participation, *, at: datetime, before: Position | None) -> tuple[list[Message], bool]:
    seen = Message.objects.filter(conversation=side.conversation_id).visible_to(side.member, at)
    if before is not None:
        sent_at, pk = before
        seen = seen.filter(Q(sent_at__lt=sent_at) | Q(sent_at=sent_at, pk__lt=pk))
    newest = list(seen.select_related("sender", "outreach__charge").order_by("-sent_at", "-pk")[: PAGE_SIZE + 1])
    return newest[PAGE_SIZE - 1 :: -1] if len(newest) > PAGE_SIZE else newest[::-1], len(newest) > PAGE_SIZE


def _message_lines(messages: list[Message], side: Participation, *, at: datetime) -> list[Line]:
    policy = policy_in_force(at)
    unread = next((message for message in messages if _is_unread(message, side)), None)
    last_words = next((message for message in reversed(messages) if message.kind != Message.Kind.AWAY), None)
    return [
        Line(
            at=message.sent_at,
            message=message,
            is_mine=message.sender_id == side.member_id,
            is_first_unread=message is unread,
            goes_in=_seconds_to_go(message, side, at=at),
            can_change=(
                message is last_words
                and message.sender_id == side.member_id
                and can_change(message, policy=policy, at=at)
            ),
        )
        for message in messages
    ]


def _is_unread(message: Message, side: Participation) -> bool:
    if message.sender_id == side.member_id:
        return False
    return side.read_through is None or message.deliver_at > side.read_through


def _seconds_to_go(message: Message, side: Participation, *, at: datetime) -> int:
    if message.sender_id != side.member_id or message.deliver_at <= at:
        return 0
    return max(1, round((message.deliver_at - at).total_seconds()))


def _event_line(event: events.Event) -> Line:
    return Line(at=event.at, event=event.sentence, symbol=event.symbol)


def _lies_between(instant: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or instant >= since) and (until is None or instant < until)


def consequence_of_no(other: Member) -> str:
    """What "no thanks" without a word does, for beside the button."""
    return _("%(name)s can't write again unless you write or connect.") % {"name": first_name(other.name)}
