"""Where a message lies in the lists of both sides, and what its words open or close."""

from datetime import datetime

from accounts.models import Reach
from messaging import notifications
from messaging.models import Message, Outreach, Participation
from messaging.sides import LIST_FIELDS, Sides, expect_nothing, fold


def place(message: Message, sides: Sides) -> None:
    """Put a new message of `sides.mine` where both find it; the other side from its delivery on."""
    _keep(sides.mine, message)
    _send_over(sides.theirs, message)


def hurry(sides: Sides, *, at: datetime) -> None:
    """Nothing waits behind newer words: one's own waiting message and the other side's waiting outreach are
    delivered now (domain 7.7). The other side's tap keeps its ten seconds.
    """
    for side, writer in ((sides.theirs, sides.mine), (sides.mine, sides.theirs)):
        waiting = side.coming_message
        if waiting is None or (side is sides.mine and waiting.is_tap):
            continue
        Message.objects.filter(pk=waiting.pk, undone_at=None, deliver_at__gt=at).update(deliver_at=at)
        side.coming_at = at
        fold(side, at=at)
        if not waiting.closes:
            writer.opened_at = _earlier(writer.opened_at, at)
        side.save(update_fields=LIST_FIELDS)
        writer.save(update_fields=["opened_at"])
        notifications.announce_at(waiting, at)


def withdraw(message: Message, sides: Sides, *, at: datetime) -> None:
    """Take an undelivered message of `sides.mine` out of both lists, as if it had never been."""
    if sides.theirs.coming_message_id == message.pk:
        expect_nothing(sides.theirs)
        sides.theirs.save(update_fields=LIST_FIELDS)
    reread(sides.mine, at=at)


def reread(side: Participation, *, at: datetime) -> None:
    """Work out anew, from the messages that stand, what a side shows and what its member's words open or close."""
    messages = Message.objects.filter(conversation=side.conversation_id, undone_at=None)
    by_itself = {"sender": side.member_id, "kind": Message.Kind.AWAY}
    own = messages.filter(sender=side.member_id).exclude(**by_itself)
    newest_own = own.order_by("-sent_at").first()
    closing = {"kind": Message.Kind.ANSWER, "answer": Message.Answer.NO_THANKS, "body": ""}
    first_open = own.exclude(**closing).order_by("sent_at").first()
    side.opened_at = first_open.deliver_at if first_open else None
    side.closed_at = newest_own.deliver_at if newest_own and newest_own.closes else None
    newest = messages.visible_to(side.member, at).exclude(**by_itself).order_by("-sent_at").first()
    side.last_message = newest
    side.last_message_at = _shown_at(newest, side) if newest else None
    side.tray = _tray_after(newest_own, side)
    side.save(update_fields=[*LIST_FIELDS, "opened_at", "closed_at"])


def _keep(side: Participation, message: Message) -> None:
    """The writer's own side: their newest message, read, and what their words change for the other."""
    side.last_message, side.last_message_at = message, message.sent_at
    side.read_through = message.sent_at
    if message.closes:
        side.closed_at = message.deliver_at
    else:
        side.opened_at, side.closed_at = _earlier(side.opened_at, message.deliver_at), None
    side.tray = _tray_after(message, side)
    side.save(update_fields=[*LIST_FIELDS, "read_through", "opened_at", "closed_at"])


def _send_over(side: Participation, message: Message) -> None:
    tray = _landing(side, message)
    if message.deliver_at > message.sent_at:
        side.coming_message, side.coming_at, side.coming_tray = message, message.deliver_at, tray
    else:
        side.last_message, side.last_message_at, side.tray = message, message.deliver_at, tray
    side.save(update_fields=LIST_FIELDS)


def _landing(side: Participation, message: Message) -> str:
    """Outreach to a member who never wrote here lies where they chose, a reported one in Spam, else in the Inbox."""
    if side.tray == Participation.Tray.SPAM:
        return Participation.Tray.SPAM
    if message.is_outreach and side.opened_at is None:
        return strangers_tray(side)
    return Participation.Tray.INBOX


def _tray_after(newest_own: Message | None, side: Participation) -> str:
    """A taken-up conversation lies in the Inbox, a refused one in the Archive, one without own words as it came.

    What was reported stays in Spam until its member takes it up.
    """
    is_refusal = newest_own is not None and (newest_own.closes or newest_own.answer == Message.Answer.STOP)
    if side.tray == Participation.Tray.SPAM and (newest_own is None or is_refusal):
        return Participation.Tray.SPAM
    if newest_own is None:
        return strangers_tray(side)
    return Participation.Tray.ARCHIVE if is_refusal else Participation.Tray.INBOX


def strangers_tray(side: Participation) -> str:
    """Where first contacts lie: as their member chose, but for what goes past Requests (domain 6.3)."""
    past = Outreach.objects.filter(message__conversation=side.conversation_id, message__recipient=side.member_id)
    if past.filter(skips_requests=True, message__undone_at=None).exists():
        return Participation.Tray.INBOX
    return Reach.objects.values_list("first_contacts_land", flat=True).get(pk=side.member_id)


def _shown_at(message: Message, side: Participation) -> datetime:
    return message.sent_at if message.sender_id == side.member_id else message.deliver_at


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
