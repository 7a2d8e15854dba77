"""The lists of a member, as of an instant, and what a member does to a conversation in them.

Lists are querysets of `shown` participations (`shown_at`, newest first), of messages, or of outreach.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Member
from accounts.site_policy import policy_in_force
from billing.models import Entry
from messaging.models import Conversation, Message, Outreach, Participation
from messaging.models.conversation import ParticipationQuerySet
from messaging.placing import strangers_tray
from messaging.sides import TICK

TRAY = Participation.Tray


def inbox(member: Member, at: datetime) -> ParticipationQuerySet:
    """Conversations taken up, and one's own outreach."""
    return _shown(member, at).filter(Q(shown_tray=TRAY.INBOX))


def requests(member: Member, at: datetime) -> ParticipationQuerySet:
    """First messages of people the member does not know; after 30 days they are in the Archive (domain 7.3)."""
    return _shown(member, at).filter(Q(shown_tray=TRAY.REQUESTS, shown_at__gt=_oldest_request(at)))


def archive(member: Member, at: datetime) -> ParticipationQuerySet:
    put_away = Q(shown_tray=TRAY.ARCHIVE) | Q(shown_tray=TRAY.REQUESTS, shown_at__lte=_oldest_request(at))
    return _shown(member, at).filter(put_away)


def spam(member: Member, at: datetime) -> ParticipationQuerySet:
    """What the member reported, until they take it up or say that it is no spam."""
    return _shown(member, at).filter(Q(shown_tray=TRAY.SPAM))


def with_inmail(rows: ParticipationQuerySet, at: datetime) -> ParticipationQuerySet:
    """Of these, the conversations in which an InMail was written, by either side."""
    inmail = Outreach.objects.filter(
        Q(message__sender=OuterRef("member")) | Q(message__deliver_at__lte=at),
        message__conversation=OuterRef("conversation"),
        message__undone_at=None,
        message__kind=Message.Kind.INMAIL,
    )
    return rows.filter(Exists(inmail))


def awaiting(member: Member, at: datetime) -> QuerySet[Outreach]:
    """The newest unanswered outreach of each conversation, by `sent_at`.

    What was paid for in a conversation that is open waits here only while its credit may come back.
    """
    newer = Outreach.objects.filter(
        message__conversation=OuterRef("message__conversation"),
        message__sender=OuterRef("message__sender"),
        message__sent_at__gt=OuterRef("message__sent_at"),
        message__undone_at=None,
    )
    unanswered = Q(answered_at=None) | Q(answered_at__gt=at)
    return (
        Outreach.objects.filter(unanswered, message__sender=member, message__undone_at=None)
        .exclude(Exists(newer))
        .exclude(charge__entries__kind=Entry.Kind.REVERSE)
        .exclude(code="open_paid", charge__returnable=False)
        .select_related("charge", "message__conversation", "message__recipient__profile")
        .annotate(sent_at=F("message__sent_at"))
    )


def sent(member: Member, at: datetime) -> QuerySet[Message]:
    """Everything the member wrote and did not take back, by `sent_at`."""
    written = Message.objects.filter(sender=member, sent_at__lte=at, undone_at=None).exclude(kind=Message.Kind.AWAY)
    return written.select_related("conversation", "recipient__profile", "outreach__charge")


def unread_count(member: Member, at: datetime) -> int:
    """Unread conversations of the Inbox; strangers raise no counter."""
    return Participation.objects.filter(member=member).shown(at).filter(Q(shown_tray=TRAY.INBOX)).unread().count()


def mark_read(*, conversation: Conversation, member: Member, at: datetime) -> None:
    """The member has seen what was delivered by `at`."""
    side = Participation.objects.filter(conversation=conversation, member=member)
    side.filter(Q(read_through=None) | Q(read_through__lt=at)).update(read_through=at)


def mark_unread(*, conversation: Conversation, member: Member, at: datetime) -> None:
    """The newest message of the other side counts as not seen."""
    theirs = Message.objects.filter(conversation=conversation, recipient=member).delivered(at)
    newest = theirs.order_by("-deliver_at").first()
    if newest is not None:
        Participation.objects.filter(conversation=conversation, member=member).update(
            read_through=newest.deliver_at - TICK
        )


def archive_conversation(*, conversation: Conversation, member: Member, at: datetime) -> None:
    """Put a conversation away until something new is delivered in it."""
    _move(conversation, member, TRAY.ARCHIVE, at=at)


def restore_conversation(*, conversation: Conversation, member: Member, at: datetime) -> None:
    """Back to where it came from: an unanswered first message to its tray, everything else to the Inbox."""
    side = Participation.objects.filter(conversation=conversation, member=member).shown(at).first()
    if side is None:
        return
    is_request = side.opened_at is None and side.shown_at > _oldest_request(at)
    tray = strangers_tray(side) if is_request else TRAY.INBOX
    _move(conversation, member, tray, at=at)


def _move(conversation: Conversation, member: Member, tray: str, *, at: datetime) -> None:
    side = Participation.objects.filter(conversation=conversation, member=member)
    # What has come but was not folded yet moves with it; what is still under way keeps its own tray.
    side.filter(coming_at__lte=at).update(coming_tray=tray)
    side.update(tray=tray)


def _shown(member: Member, at: datetime) -> ParticipationQuerySet:
    rows: ParticipationQuerySet = Participation.objects.filter(member=member)
    return rows.shown(at).select_related("conversation", "other__profile", "last_message", "coming_message")


def _oldest_request(at: datetime) -> datetime:
    return at - timedelta(days=policy_in_force(at).request_days)
