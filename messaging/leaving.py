"""What happens to messages when a member leaves."""

from contextlib import suppress
from datetime import datetime

from accounts import live, sessions
from accounts.busy import short_wait
from accounts.models import Member
from accounts.site_policy import read_policy
from billing import ledger
from billing.models import Charge
from messaging import scheduling, sending
from messaging.models import Message, Outreach


def deactivate(*, member: Member, at: datetime) -> None:
    """No session, no sign-in and no new messages from now on. Twice is once.

    Outreach still in its undo window never reaches anybody: the charge is reversed and the text goes back to its
    sender's drafts (domain E38). What was delivered stays, with its window, unless the site gives the credit back
    (`return_when_recipient_gone`, which tells that an account closed).
    """
    Member.objects.filter(pk=member.pk).update(is_active=False)
    sessions.end_all(member_id=member.pk)
    waiting = Message.objects.filter(recipient=member, undone_at=None, deliver_at__gt=at)
    # Nothing goes by itself for who has left.
    scheduling.unschedule_all(member=member, why="", at=at, code="")
    for message in waiting.exclude(kind=Message.Kind.ANSWER).select_related("sender", "conversation"):
        with suppress(sending.TooLate):
            sending.undo(message=message, member=message.sender, at=at, reason=ledger.NOT_DELIVERED)
    _give_back(member, at=at)


def _give_back(member: Member, *, at: datetime) -> None:
    """Charges keep the rules under which they were made, so each is asked for its own."""
    unanswered = Charge.objects.may_come_back(at).filter(answered_at=None)
    waiting = Outreach.objects.filter(message__recipient=member, message__undone_at=None, charge__in=unanswered)
    for outreach in waiting.select_related("message", "charge__policy_version").order_by("charge__wallet", "charge"):
        assert outreach.charge is not None
        if read_policy(outreach.charge.policy_version).return_when_recipient_gone:
            with short_wait():
                ledger.reverse(reference=outreach.message.public_id, reason=ledger.RECIPIENT_GONE, at=at)
            live.tell(outreach.message.sender_id, changed="credits")


def reactivate(*, member: Member) -> None:
    """The member may sign in and be written to again."""
    Member.objects.filter(pk=member.pk).update(is_active=True)
