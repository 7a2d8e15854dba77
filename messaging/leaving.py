"""What happens to messages when a member leaves."""

from contextlib import suppress
from datetime import datetime

from accounts.models import Member
from billing import ledger
from messaging import sending
from messaging.models import Message


def deactivate(*, member: Member, at: datetime) -> None:
    """No sign-in and no new messages from now on. Twice is once.

    Outreach still in its undo window never reaches anybody: the charge is reversed and the text goes back to its
    sender's drafts (domain E38). What was delivered stays, with its window.
    """
    Member.objects.filter(pk=member.pk).update(is_active=False)
    waiting = Message.objects.filter(recipient=member, undone_at=None, deliver_at__gt=at)
    for message in waiting.exclude(kind=Message.Kind.ANSWER).select_related("sender", "conversation"):
        with suppress(sending.TooLate):
            sending.undo(message=message, member=message.sender, at=at, reason=ledger.NOT_DELIVERED)


def reactivate(*, member: Member) -> None:
    """The member may sign in and be written to again."""
    Member.objects.filter(pk=member.pk).update(is_active=True)
