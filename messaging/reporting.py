"""A recipient's report of a message (domain 8.6): copied with its hash, put away, and opened as a case.

No credit moves by it, and the reported member never learns of it. It wins over a stop of the same moment: that
answer gives no credit back, while the stop itself holds (domain E28).
"""

import hashlib
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts import blocks, live, stops
from accounts.busy import short_wait
from accounts.models import Member
from accounts.pairs import lock_pair
from accounts.site_policy import policy_in_force
from billing import refunds
from messaging.answering import written_for
from messaging.conduct import open_case
from messaging.models import Case, Message, Outreach, Participation, Report
from messaging.refusals import NothingToReport
from messaging.sides import LIST_FIELDS, Sides, lock_sides

Harm = Case.Harm
Reason = Report.Reason
HARM_OF = {
    Reason.SPAM: Harm.LOW,
    Reason.REPEATED: Harm.LOW,
    Reason.OTHER: Harm.LOW,
    Reason.MISLEADING: Harm.MEDIUM,
    Reason.FALSE_PURPOSE: Harm.MEDIUM,
    Reason.HARASSMENT: Harm.HIGH,
    Reason.SCAM: Harm.HIGH,
}
# So many different reporters raise the harm by one: it moves up the queue, and nothing happens by itself.
REPORTERS_A_DEGREE = 3


def report(
    *,
    message: Message,
    reporter: Member,
    reason: str,
    words: str = "",
    also_stop: bool = False,
    also_block: bool = False,
    at: datetime,
) -> Report:
    """Report a message that was delivered to `reporter`, once: a second time answers with the report that stands.

    Raises NothingToReport for everybody else. `words` are clean, at most 1,000 code points.
    """
    if not reportable(reporter, at=at).filter(pk=message.pk).exists():
        raise NothingToReport
    with short_wait():
        sides = lock_sides(message.conversation, reporter, at=at)
        lock_pair(reporter, message.sender)
        stands = Report.objects.filter(message=message).first()
        if stands is None:
            stands = _write(message, reporter, reason=reason, words=words, at=at)
            _take_return_back(sides, at=at)
            _put_away(sides.mine)
        _separate(sides, also_stop=also_stop, also_block=also_block, at=at)
        live.tell(reporter.pk, changed="inbox")
        return stands


def reportable(reporter: Member, *, at: datetime) -> QuerySet[Message]:
    """What was delivered to this member: all that they may report."""
    return Message.objects.filter(recipient=reporter).delivered(at)


def not_spam(*, side: Participation) -> None:
    """The member takes the conversation out of Spam; the report stands."""
    spam = Participation.objects.filter(pk=side.pk)
    spam.filter(tray=Participation.Tray.SPAM).update(tray=Participation.Tray.INBOX)
    spam.filter(coming_tray=Participation.Tray.SPAM).update(coming_tray=Participation.Tray.INBOX)


def hash_of(message: Message) -> str:
    """SHA-256 of subject, line feed, body."""
    return hashlib.sha256(f"{message.subject}\n{message.body}".encode()).hexdigest()


def _write(message: Message, reporter: Member, *, reason: str, words: str, at: datetime) -> Report:
    made = Report.objects.create(
        message=message,
        reporter=reporter,
        reason=reason,
        words=words,
        subject=message.subject,
        body=message.body,
        text_hash=hash_of(message),
        reported_at=at,
        case=_case_about(message, reason, at=at),
    )
    _weigh(made.case)
    return made


def _case_about(message: Message, reason: str, *, at: datetime) -> Case:
    """The open case of reports about the sender, or a new one. The sender's row is locked: there is one at a time."""
    open_still = Case.objects.filter(about=message.sender, source=Case.Source.REPORT, closed_at=None)
    return open_still.first() or open_case(
        about=message.sender,
        source=Case.Source.REPORT,
        harm=HARM_OF[Reason(reason)],
        key=f"report:{message.sender_id}:{message.pk}",
        evidence={},
        at=at,
    )


def _weigh(case: Case) -> None:
    """The gravest reason, and one degree more for every few reporters."""
    rows = list(case.reports.values_list("reason", "reporter"))
    gravest = max(HARM_OF[Reason(reason)] for reason, _reporter in rows)
    raised = gravest + (len({reporter for _reason, reporter in rows}) - 1) // REPORTERS_A_DEGREE
    Case.objects.filter(pk=case.pk).update(harm=max(case.harm, min(raised, Harm.GRAVE)))


def _take_return_back(sides: Sides, *, at: datetime) -> None:
    """A stop that was tapped a moment ago stays an answer and a stop, and gives nothing back."""
    moment = timedelta(seconds=policy_in_force(at).take_back_seconds)
    taps = Message.objects.filter(
        conversation=sides.conversation,
        sender=sides.mine.member,
        answer=Message.Answer.STOP,
        undone_at=None,
        sent_at__gt=at - moment,
    )
    for tap in taps:
        theirs = Outreach.objects.filter(
            message__conversation=sides.conversation, message__sender=sides.theirs.member_id, charge__isnull=False
        )
        marked = theirs.filter(charge__answered_at=tap.sent_at)
        refunds.take_back(references=list(marked.values_list("message__public_id", flat=True)))


def _put_away(side: Participation) -> None:
    """What is still under way goes there too."""
    side.tray = Participation.Tray.SPAM
    if side.coming_message_id is not None:
        side.coming_tray = Participation.Tray.SPAM
    side.save(update_fields=LIST_FIELDS)


def _separate(sides: Sides, *, also_stop: bool, also_block: bool, at: datetime) -> None:
    reporter, sender = sides.mine.member, sides.mine.other
    if also_stop:
        team = written_for(sides.conversation, sender)
        stops.stop(recipient=reporter, sender=sender, at=at, team=team)
    if also_block:
        blocks.block(blocker=reporter, blocked=sender, at=at)
