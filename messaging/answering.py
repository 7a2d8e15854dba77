"""Answer outreach with one tap, take it back unseen, or exchange it (domain 7.4).

An answer in words is `sending.send`. Answering is free, needs no plan and is touched by no cap.
"""

from datetime import datetime, timedelta

from accounts import stops
from accounts.busy import short_wait
from accounts.models import Member, StopRequest, Team
from accounts.site_policy import SitePolicy, policy_in_force
from billing import ledger
from messaging import notifications, placing, returns
from messaging.drafts import new_send_key
from messaging.models import Conversation, Message, Outreach
from messaging.refusals import NothingToAnswer, TooLate, VerdictChanged
from messaging.sides import Sides, lock_sides
from messaging.verdicts import verdict_for

__all__ = ["NothingToAnswer", "TooLate", "VerdictChanged", "answer", "can_change", "exchange", "take_back"]


def answer(*, conversation: Conversation, member: Member, answer: str, body: str = "", at: datetime) -> Message:
    """Tap an answer, with or without words, to the other side's outreach; told after ten seconds.

    The same tap again answers with the message that stands; another one within ten minutes exchanges it. Raises
    NothingToAnswer without outreach of the other side, VerdictChanged when the two cannot write to each other, Busy.
    """
    with short_wait():
        ledger.lock_wallet(member, at=at)
        sides = lock_sides(conversation, member, at=at)
        at = sides.after_newest(at)
        _refuse_without_outreach(sides, at=at)
        policy, earlier = policy_in_force(at), _tap_that_stands(sides, at=at)
        if earlier is not None and (earlier.answer, earlier.body) == (answer, body):
            return earlier
        if earlier is not None and can_change(earlier, policy=policy, at=at) and _only_the_tap(earlier, body, at=at):
            return _exchange(earlier, sides, answer=answer, body=body, policy=policy, at=at)
        _refuse_separated(sides, at=at)
        placing.hurry(sides, at=at)
        return _write(sides, answer=answer, body=body, policy=policy, at=at)


def take_back(*, message: Message, member: Member, at: datetime) -> None:
    """Take a tap back before it is told: no credit returns, nothing opens or closes. Raises TooLate afterwards."""
    with short_wait():
        sides = lock_sides(message.conversation, member, at=at)
        taps = Message.objects.filter(pk=message.pk, sender=member, kind=Message.Kind.ANSWER)
        if not taps.filter(undone_at=None, deliver_at__gt=at).update(undone_at=at):
            if taps.filter(undone_at__isnull=False).exists():
                return
            raise TooLate
        returns.take_back(message)
        _lift_stop_of(message, at=at)
        placing.withdraw(message, sides, at=at)


def exchange(*, message: Message, member: Member, answer: str, at: datetime) -> Message:
    """Change a tap within ten minutes; its words stay, and so does a return that was posted. Raises TooLate."""
    with short_wait():
        ledger.lock_wallet(member, at=at)
        sides = lock_sides(message.conversation, member, at=at)
        policy = policy_in_force(at)
        stands = _tap_that_stands(sides, at=at)
        if stands is None or stands.pk != message.pk or not can_change(stands, policy=policy, at=at):
            raise TooLate
        return _exchange(stands, sides, answer=answer, body=stands.body, policy=policy, at=at)


def can_change(message: Message, *, policy: SitePolicy, at: datetime) -> bool:
    """Whether this tap may still be exchanged."""
    return message.is_tap and at < message.sent_at + timedelta(minutes=policy.exchange_minutes)


def _refuse_without_outreach(sides: Sides, *, at: datetime) -> None:
    """Who was not written to has nothing to answer; an undelivered message is not there yet (abuse case A5)."""
    theirs = Outreach.objects.filter(
        message__conversation=sides.conversation,
        message__sender=sides.theirs.member_id,
        message__undone_at=None,
        message__deliver_at__lte=at,
    )
    if not theirs.exists():
        raise NothingToAnswer


def _refuse_separated(sides: Sides, *, at: datetime) -> None:
    verdict = verdict_for(sides.mine.member, sides.mine.other, at=at)
    if not verdict.continues:
        raise VerdictChanged(verdict)


def _tap_that_stands(sides: Sides, *, at: datetime) -> Message | None:
    """The member's tap, if nothing that the member sees was said after it."""
    messages = Message.objects.filter(conversation=sides.conversation).exclude(kind=Message.Kind.AWAY)
    messages = messages.visible_to(sides.mine.member, at)
    newest = messages.order_by("-sent_at").first()
    return newest if newest and newest.is_tap and newest.sender_id == sides.mine.member_id else None


def _only_the_tap(earlier: Message, body: str, *, at: datetime) -> bool:
    """Words that were told stay as they are; new ones make a new answer."""
    return earlier.deliver_at > at or not body or body == earlier.body


def _write(sides: Sides, *, answer: str, body: str, policy: SitePolicy, at: datetime) -> Message:
    message = Message.objects.create(
        conversation=sides.conversation,
        sender=sides.mine.member,
        recipient=sides.mine.other,
        kind=Message.Kind.ANSWER,
        answer=answer,
        body=body,
        send_key=new_send_key(),
        sent_at=at,
        deliver_at=at + timedelta(seconds=policy.take_back_seconds),
    )
    placing.place(message, sides)
    _stop_or_go(message)
    returns.mark(message, policy=policy)
    notifications.announce_at(message, message.deliver_at)
    return message


def _exchange(message: Message, sides: Sides, *, answer: str, body: str, policy: SitePolicy, at: datetime) -> Message:
    """Before it is told the answer counts as if it had always been this one; afterwards nothing is taken back."""
    is_told = message.deliver_at <= at
    if not is_told:
        returns.take_back(message)
    _lift_stop_of(message, at=at)
    message.answer, message.body = answer, message.body if is_told else body
    message.save(update_fields=["answer", "body"])
    _stop_or_go(message)
    returns.mark(message, policy=policy)
    placing.reread(sides.mine, at=at)
    notifications.announce_at(message, message.deliver_at)
    return message


def _stop_or_go(message: Message) -> None:
    """A stop binds from the moment it is told; any other answer lifts one."""
    if message.answer == Message.Answer.STOP:
        team = written_for(message.conversation, message.recipient)
        stops.stop(recipient=message.sender, sender=message.recipient, at=message.deliver_at, team=team)
    else:
        stops.lift_by_writing(recipient=message.sender, sender=message.recipient, at=message.sent_at)


def written_for(conversation: Conversation, writer: Member) -> Team | None:
    """The team for which `writer` last sent outreach in this conversation; a stop binds it too (domain 7.5)."""
    sent = Outreach.objects.filter(
        message__conversation=conversation, message__sender=writer, message__undone_at=None, team__isnull=False
    )
    newest = sent.select_related("team").order_by("-message__sent_at").first()
    return newest.team if newest else None


def _lift_stop_of(message: Message, *, at: datetime) -> None:
    """Lift the stop that this very tap made, not an older one."""
    made = StopRequest.objects.filter(recipient=message.sender_id, sender=message.recipient_id, lifted_at=None)
    made.filter(asked_at=message.deliver_at).update(lifted_at=at)
