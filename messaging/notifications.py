"""Who is told of a message, once it is delivered: a hint to open pages, a mail that says who and why, never what."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.http import urlencode

from accounts import live, notices, preferences
from accounts.busy import Busy
from accounts.hints import hint
from accounts.models import Block
from messaging import away
from messaging.models import Message, Participation

# News of a message that is three days old helps nobody, nor does the mail of a restored backup.
NEWS_FOR = timedelta(days=3)
# The worker asks a moment after delivery, so that it finds the message delivered.
HINT_MARGIN = timedelta(milliseconds=200)


def announce_at(message: Message, at: datetime) -> None:
    """After commit, ask the worker to announce a message when it is delivered; the sweep has it anyway."""
    hint("messaging.tasks.announce", message.pk, at=at + HINT_MARGIN)
    _refresh_pages(message)


def announce(message_id: int, *, at: datetime) -> bool:
    """Tell the recipient of a delivered message, once; False if it is undone, not due, or told already.

    Before that goes the away message of a recipient who is away: it is found again if the process ends in between.
    Raises Busy.
    """
    if sent := away.send_by_itself(message_id, at=at):
        _refresh_pages(sent)
    with transaction.atomic():
        due = Message.objects.delivered(at).filter(pk=message_id, announced_at=None)
        if not due.update(announced_at=at):
            return False
        message = Message.objects.select_related("conversation", "sender", "recipient", "outreach").get(pk=message_id)
        _settle_lists(message)
        _queue_mail(message, at=at)
        _refresh_pages(message)
        return True


def announce_delivered(*, at: datetime, limit: int = 500) -> int:
    """Announce what no hint has announced, oldest first; counts them."""
    waiting = Message.objects.delivered(at).filter(announced_at=None).order_by("deliver_at")
    return sum(_announce(message_id, at=at) for message_id in list(waiting.values_list("pk", flat=True)[:limit]))


def _announce(message_id: int, *, at: datetime) -> bool:
    """A conversation that is busy waits for the next sweep; the others do not wait for it."""
    try:
        return announce(message_id, at=at)
    except Busy:
        return False


def _settle_lists(message: Message) -> None:
    """What has come is now simply the newest message; `shown` said so before."""
    Participation.objects.filter(coming_message=message).update(
        last_message=F("coming_message"),
        last_message_at=F("coming_at"),
        tray=F("coming_tray"),
        coming_message=None,
        coming_at=None,
        coming_tray="",
    )


def _queue_mail(message: Message, *, at: datetime) -> None:
    if not _wants_mail(message, at=at):
        return
    notices.queue(
        member=message.recipient,
        kind="message",
        context=mail_context(message, at=at),
        key=f"message:{message.public_id}",
        due_at=at,
        not_after=at + NEWS_FOR,
    )


def _wants_mail(message: Message, *, at: datetime) -> bool:
    in_requests = _lies_in_requests(message, at=at)
    if not message.recipient.is_active or not preferences.takes_mail(
        message.recipient, preferences.MESSAGE, in_requests=in_requests
    ):
        return False
    if Participation.objects.filter(last_message=message, tray=Participation.Tray.SPAM).exists():
        return False
    return not Block.objects.filter(blocker=message.recipient_id, blocked=message.sender_id).exists()


def mail_context(message: Message, *, at: datetime) -> dict[str, str | int]:
    """Who wrote, why, and where it is read, for mail about it.

    `is_first_visit`: imported members have no password and never signed in; the mail says how to come in.
    """
    member, path = message.recipient, message.conversation.get_absolute_url()
    is_first_visit = member.last_login is None and not member.has_usable_password()
    if is_first_visit:
        path = f"{reverse('account_request_login_code')}?{urlencode({'next': path})}"
    return {
        "sender_name": message.sender.name,
        "message_kind": message.kind,
        "answer": str(message.get_answer_display()),
        "purpose": str(message.outreach.get_purpose_display()) if message.is_outreach else "",
        "in_requests": int(_lies_in_requests(message, at=at)),
        "is_first_visit": int(is_first_visit),
        "path": path,
    }


def _lies_in_requests(message: Message, *, at: datetime) -> bool:
    sides = Participation.objects.filter(conversation=message.conversation_id, member=message.recipient_id).shown(at)
    return sides.filter(Q(shown_tray=Participation.Tray.REQUESTS)).exists()


def _refresh_pages(message: Message) -> None:
    """The writer's pages at once; the recipient's only when there is something to see."""
    conversation = message.conversation.public_id
    live.tell(message.sender_id, changed="conversation", id=conversation)
    if message.announced_at is not None or message.deliver_at <= message.sent_at:
        live.tell(message.recipient_id, changed="conversation", id=conversation)
        live.tell(message.recipient_id, changed="inbox")
