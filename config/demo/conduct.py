"""The demo's conduct: somebody who writes the same to everybody, an introduction under way, a message for tomorrow."""

from datetime import datetime, timedelta

from accounts.models import Member, Rule
from messaging import away, conduct, drafts, introducing, reporting, scheduling, verdicts
from messaging.appealing import appeal
from messaging.models import Case, Message, Report
from messaging.quotes import Quote

PITCH = (
    "Hello,\n\nour growth programme has doubled the pipeline of two hundred companies like yours. Five slots are left "
    "this month, and the price goes up on Friday. When can we have a call about your numbers?"
)
FACTS = "You sent the same offer to several people within a day; two of them told us that it did not concern them."
STATEMENT = "Each of them leads a team that buys such programmes, so I had a reason to write to each one."
CARD = "Hello Mei, I am finishing a degree in interaction design and would like to ask how you started with tokens."
AFTERNOON = (
    "Dear Grace,\n\nyour note on hiring ahead of revenue stayed with me. We face that choice in Lagos now. "
    "Would you have fifteen minutes in December?"
)


def report(message: Message, reporter: Member, *, words: str, at: datetime) -> None:
    reporting.report(message=message, reporter=reporter, reason=Report.Reason.SPAM, words=words, at=at)


def warn(member: Member, moderator: Member, *, at: datetime) -> None:
    """The first step of the ladder, and the member's appeal: somebody else will decide it."""
    case = Case.objects.get(about=member, closed_at=None)
    decision = conduct.decide_case(
        case=case, outcome="warning", rule=Rule.BULK, facts=FACTS, decided_by=moderator, at=at
    )
    appeal(decision=decision, member=member, statement=STATEMENT, at=at + timedelta(hours=5))


def introduce(asker: Member, through: Member, target: Member, *, at: datetime) -> None:
    """Asked of a shared contact, who passed it on with a word; it waits for an answer."""
    asked = introducing.ask(asker=asker, through=through, target=target, context=CARD, at=at)
    words = "Sam is curious and kind. Worth ten minutes."
    introducing.forward(introduction=asked, member=through, words=words, at=at + timedelta(hours=3))


def go_away(member: Member, *, at: datetime) -> None:
    body = "I am in the mountains without a signal, and read everything when I am back."
    away.save_away(member=member, body=body, starts_at=at, ends_at=at + timedelta(days=9))


def schedule(sender: Member, recipient: Member, *, at: datetime) -> None:
    """Goes by itself tomorrow; until then it holds no credit."""
    text = {"subject": "Hiring ahead of revenue", "body": AFTERNOON, "purpose": "advice"}
    drafts.save_draft(member=sender, recipient=recipient, send_key=drafts.new_send_key(), at=at, **text)
    shown = Quote.of(verdicts.verdict_for(sender, recipient, purpose="advice", at=at))
    scheduling.schedule(sender=sender, recipient=recipient, send_at=at + timedelta(days=3), shown=shown, at=at)
