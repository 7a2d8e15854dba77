"""What an answer does to the outreach it answers: the charges are marked, and billing gives the credits back."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet

from accounts.hints import hint
from accounts.models import Member
from accounts.site_policy import SitePolicy, read_policy
from billing import refunds
from billing.models import Charge
from messaging import sentences
from messaging.models import Message, Outreach, Report
from messaging.names import first_name

# A little after the answer is final, so that the worker finds the return due.
HINT_MARGIN = timedelta(milliseconds=500)


def mark(message: Message, *, policy: SitePolicy) -> None:
    """`message` answers every open outreach of the other side: one answer, all charges, each in its own window."""
    written = _outreach_answered_by(message)
    open_charges = written.filter(charge__isnull=False, charge__answered_at=None)
    if _is_of_a_report(message, policy=policy):
        open_charges = open_charges.none()
    charges = refunds.mark_answered(
        references=list(open_charges.values_list("message__public_id", flat=True)),
        answer=message.answer or "reply",
        in_words=bool(message.body),
        answered_at=message.sent_at,
        due_at=message.deliver_at,
        policy=policy,
    )
    written.filter(answered_at=None).update(answered_at=message.deliver_at)
    for charge in charges:
        hint("billing.tasks.refund_charge", charge.pk, at=message.deliver_at + HINT_MARGIN)


def take_back(message: Message) -> None:
    """An answer that was not delivered yet gives nothing back; no other answer is touched."""
    written = _outreach_answered_by(message)
    marked = written.filter(charge__answered_at=message.sent_at)
    refunds.take_back(references=list(marked.values_list("message__public_id", flat=True)))
    written.filter(answered_at=message.deliver_at).update(answered_at=None)


def gives_back(charges: Iterable[Charge | None], sender: Member) -> str:
    """Which answers would give `sender` a credit back, by the terms of what was charged; empty = none."""
    returnable = [charge for charge in charges if charge is not None and charge.returnable]
    if not returnable:
        return ""
    return sentences.gives_back(read_policy(returnable[-1].policy_version), first_name(sender.name))


def _is_of_a_report(message: Message, *, policy: SitePolicy) -> bool:
    """A stop in the moment after a report belongs to it: the report wins, and no credit comes back (domain E28)."""
    if message.answer != Message.Answer.STOP or message.body:
        return False
    since = message.sent_at - timedelta(seconds=policy.take_back_seconds)
    mine = Report.objects.filter(message__conversation=message.conversation_id, reporter=message.sender_id)
    return mine.filter(reported_at__gt=since).exists()


def _outreach_answered_by(message: Message) -> QuerySet[Outreach]:
    return Outreach.objects.filter(
        message__conversation=message.conversation_id,
        message__sender=message.recipient_id,
        message__undone_at=None,
    )
