"""Staff open texts of members for a case: with a reason, recorded, and shown to whoever wrote them (domain 2).

Everywhere else in the console text is absent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.busy import short_wait
from accounts.models import Member
from accounts.site_policy import policy_in_force
from messaging import reviewing, similarity
from messaging.conduct import may_decide
from messaging.conduct_refusals import NoteMissing, OwnMatter
from messaging.models import Case, Message, Report, TextReading

# So many reports of a case are opened, the newest; of each so many messages before it, and so many that are like it.
REPORTS = 10
BEFORE = 3
ALIKE = 5
REPORTED, EARLIER, HELD, LIKE, NEWEST = "reported", "before", "held", "like", "newest"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One text and why it is shown: reported, before (in that conversation), held, like (it), or newest."""

    role: str
    writer: Member
    recipient: Member
    written_at: datetime
    subject: str
    body: str
    message: Message | None
    report: Report | None = None

    @property
    def tells_reporter(self) -> bool:
        """Of the two between whom it went, one reported."""
        return self.role in {REPORTED, EARLIER}


def open_texts(*, case: Case, reader: Member, reason: str, note: str, at: datetime) -> list[Opened]:
    """The texts that a case turns on, each recorded as read by `reader` before it is shown.

    A report gives its stored copy, the three messages before it and those like it; a held text itself and those it
    repeats; any other case the member's newest outreach. Raises OwnMatter for a case about the reader, or of their own
    report, which would open what its sender wrote to others; NoteMissing.
    """
    if not may_decide(case, reader):
        raise OwnMatter
    if not note.strip():
        raise NoteMissing
    with short_wait():
        texts = _once([*_reported(case), *_held(case), *_named(case)]) or list(_newest(case.about))
        TextReading.objects.bulk_create(
            TextReading(
                reader=reader,
                writer=text.writer,
                case=case,
                message=text.message,
                reason=reason,
                note=note.strip(),
                read_at=at,
            )
            for text in texts
        )
    return texts


def readings_of(member: Member) -> QuerySet[TextReading]:
    """Who opened texts of this member, and why."""
    return TextReading.objects.filter(writer=member).select_related("reader")


def _reported(case: Case) -> Iterator[Opened]:
    reports = case.reports.select_related("message__sender", "message__recipient__profile")
    for report in reports.order_by("-reported_at", "-pk")[:REPORTS]:
        message = report.message
        yield _opened(REPORTED, message, report)
        earlier = Message.objects.filter(conversation=message.conversation_id, sent_at__lt=message.sent_at)
        yield from _messages(EARLIER, earlier.exclude(body=""), BEFORE)
        yield from _like(message)


def _like(message: Message) -> Iterator[Opened]:
    """What the sender wrote to others in the days before in nearly the same words."""
    at, policy = message.sent_at, policy_in_force(message.sent_at)
    text = similarity.main_part(message.subject, message.body)
    found = similarity.repeats(message.sender, message.recipient, text, at=at, policy=policy)
    yield from _messages(LIKE, Message.objects.filter(public_id__in=[one.public_id for one in found[:ALIKE]]))


def _held(case: Case) -> Iterator[Opened]:
    draft = reviewing.draft_of(case) if case.source == Case.Source.HELD else None
    if draft is not None and draft.in_review_since is not None:
        yield Opened(
            role=HELD,
            writer=draft.member,
            recipient=draft.recipient,
            written_at=draft.in_review_since,
            subject=draft.subject,
            body=draft.body,
            message=None,
        )


def _named(case: Case) -> Iterator[Opened]:
    """The messages that the case's evidence names."""
    yield from _messages(LIKE, Message.objects.filter(public_id__in=case.evidence.get("messages", [])[:ALIKE]))


def _newest(member: Member) -> Iterator[Opened]:
    yield from _messages(NEWEST, Message.objects.filter(sender=member, outreach__isnull=False), BEFORE)


def _messages(role: str, found: QuerySet[Message], most: int = ALIKE) -> Iterator[Opened]:
    """Newest first; what was undone nobody ever got."""
    kept = found.filter(undone_at=None).select_related("sender", "recipient").order_by("-sent_at", "-pk")
    yield from (_opened(role, message) for message in kept[:most])


def _opened(role: str, message: Message, report: Report | None = None) -> Opened:
    """A reported message as it was copied then, any other as it is."""
    source = report or message
    return Opened(
        role=role,
        writer=message.sender,
        recipient=message.recipient,
        written_at=message.sent_at,
        subject=source.subject,
        body=source.body,
        message=message,
        report=report,
    )


def _once(texts: list[Opened]) -> list[Opened]:
    """A message that is shown for two reasons is shown, and recorded, for the first."""
    known: dict[int | None, Opened] = {}
    # What was reported comes first, so that its copy is the one that is shown.
    for text in sorted(texts, key=lambda one: one.role != REPORTED):
        known.setdefault(text.message.pk if text.message else None, text)
    chosen = {id(text) for text in known.values()}
    return [text for text in texts if id(text) in chosen]
