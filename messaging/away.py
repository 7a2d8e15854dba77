"""A member's away message: goes by itself to whoever writes, and is never an answer (domain 7.9, invariants M10, M11).

It opens and closes nothing, marks no outreach as answered, lifts no stop, counts for no cap, moves nothing in the lists
of who is away, and no away message answers it. It is shown as it was typed; nothing in it is a template.
"""

from datetime import datetime, timedelta

from django.db.models import F

from accounts import stops
from accounts.busy import short_wait
from accounts.models import Member
from messaging.models import Away, Message, Participation
from messaging.sides import LIST_FIELDS, TICK, Sides, lock_sides
from messaging.verdicts import verdict_for

ONCE_IN = timedelta(days=7)
HUMAN = (Message.Kind.TEXT, Message.Kind.INMAIL, Message.Kind.OPEN_PROFILE)


def save_away(*, member: Member, body: str, starts_at: datetime, ends_at: datetime) -> Away:
    """The one text of this member, from the first instant to before the second."""
    dates = {"starts_at": starts_at, "ends_at": ends_at}
    return Away.objects.update_or_create(member=member, defaults={"body": body, **dates})[0]


def end_away(*, member: Member, body: str, at: datetime) -> None:
    """No away message goes any more; the text stays for the next time. Harmless when none goes."""
    own = Away.objects.filter(member=member)
    if body:
        own.update(body=body)
    own.filter(ends_at__gt=at, starts_at__gte=at).update(starts_at=at - TICK)
    own.filter(ends_at__gt=at).update(ends_at=at)


def send_by_itself(message_id: int, *, at: datetime) -> Message | None:
    """The away message of whoever gets this delivered and not yet announced message, if it is to go; else None.

    Raises Busy. A second time there is one already, of the last seven days.
    """
    message = _met_by_absence(message_id, at=at)
    if message is None:
        return None
    with short_wait():
        sides = lock_sides(message.conversation, message.recipient, at=at)
        at = sides.after_newest(at)
        return _write(message, sides, at=at) if _may_go(message, sides, at=at) else None


def _met_by_absence(message_id: int, *, at: datetime) -> Message | None:
    """Only what people write, and what came and is met within the days of absence."""
    met = Message.objects.delivered(at).filter(
        pk=message_id,
        announced_at=None,
        kind__in=HUMAN,
        recipient__away__starts_at__lte=F("deliver_at"),
        recipient__away__ends_at__gt=at,
    )
    return met.select_related("conversation", "recipient__away").first()


def _may_go(message: Message, sides: Sides, *, at: datetime) -> bool:
    """Not a second time, not after own words, nor to anybody from whom the member is kept apart or keeps away."""
    own = Message.objects.filter(conversation=sides.conversation, sender=sides.mine.member_id, undone_at=None)
    if own.filter(kind=Message.Kind.AWAY, sent_at__gt=at - ONCE_IN).exists():
        return False
    if own.filter(sent_at__gt=message.sent_at).exists() or sides.mine.tray == Participation.Tray.SPAM:
        return False
    if stops.standing_stops(sender=sides.mine.other, recipient_ids=[sides.mine.member_id]):
        return False
    return verdict_for(sides.mine.member, sides.mine.other, at=at).continues


def _write(message: Message, sides: Sides, *, at: datetime) -> Message:
    """Told as it is written: it is news for the open page, and never a mail."""
    sent = Message.objects.create(
        conversation=sides.conversation,
        sender=sides.mine.member,
        recipient=sides.mine.other,
        kind=Message.Kind.AWAY,
        body=message.recipient.away.body,
        send_key=f"away:{message.public_id}",
        sent_at=at,
        deliver_at=at,
        announced_at=at,
    )
    sides.theirs.last_message, sides.theirs.last_message_at = sent, at
    sides.theirs.save(update_fields=LIST_FIELDS)
    return sent
