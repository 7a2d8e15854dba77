"""What an accepted introduction opens: a conversation that begins with the asker's words and the other's "Accept"."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from accounts import stops
from accounts.site_policy import SitePolicy
from messaging import notifications, placing, returns
from messaging.drafts import new_send_key
from messaging.models import Introduction, Message
from messaging.sides import TICK, Sides, open_sides


def open_conversation(introduction: Introduction, *, policy: SitePolicy, at: datetime) -> Message:
    """Both texts, delivered at once, in both inboxes; answers the "Accept". Within the caller's transaction."""
    sides = open_sides(introduction.target, introduction.asker, at=at)
    at = sides.after_newest(at)
    placing.hurry(sides, at=at)
    # Written before, it answers nothing; and whoever accepts has just read it, so that no notice is due.
    _say(_turned(sides), at=at, kind=Message.Kind.TEXT, body=introduction.context, announced_at=at)
    message = _say(sides, at=at + TICK, kind=Message.Kind.ANSWER, answer=Message.Answer.ACCEPT)
    returns.mark(message, policy=policy)
    notifications.announce_at(message, message.deliver_at)
    return message


def _turned(sides: Sides) -> Sides:
    return replace(sides, mine=sides.theirs, theirs=sides.mine)


def _say(sides: Sides, *, at: datetime, **words: Any) -> Message:
    """One message of `sides.mine`, there at once; whoever writes lets the other side write."""
    message = Message.objects.create(
        conversation=sides.conversation,
        sender=sides.mine.member,
        recipient=sides.mine.other,
        send_key=new_send_key(),
        sent_at=at,
        deliver_at=at,
        **words,
    )
    placing.place(message, sides)
    stops.lift_by_writing(recipient=message.sender, sender=message.recipient, at=at)
    return message
