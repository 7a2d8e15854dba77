"""Text kept on the server until it is sent: one draft per writer and recipient."""

import secrets
from datetime import datetime
from typing import Any

from accounts.models import Member
from accounts.text import is_blank
from messaging.models import Draft, Message, Outreach


def new_send_key() -> str:
    """The key of a new form: sending it twice sends once."""
    return secrets.token_urlsafe(24)


def draft_for(member: Member, recipient: Member) -> Draft:
    """The stored draft, or an empty one with a new key, not stored."""
    stored = Draft.objects.filter(member=member, recipient=recipient).first()
    return stored or Draft(member=member, recipient=recipient, send_key=new_send_key())


def save_draft(
    *,
    member: Member,
    recipient: Member,
    subject: str,
    body: str,
    purpose: str,
    send_key: str,
    at: datetime,
    reason: str = "",
) -> Draft | None:
    """Keep text as typed, over-long or not (it must hold no NUL: forms see to that).

    None when there is nothing to keep: the text is empty, or this form's message was sent meanwhile.
    """
    if is_blank(subject + body + reason) or Message.objects.filter(sender=member, send_key=send_key).exists():
        Draft.objects.filter(member=member, recipient=recipient, send_key=send_key).delete()
        return None
    text: dict[str, Any] = {"subject": subject, "body": body, "purpose": purpose, "reason": reason}
    text |= {"send_key": send_key, "saved_at": at}
    draft, _is_new = Draft.objects.update_or_create(member=member, recipient=recipient, defaults=text)
    return draft


def discard_draft(member: Member, recipient: Member) -> None:
    Draft.objects.filter(member=member, recipient=recipient).delete()


def restore(message: Message, *, at: datetime) -> Draft:
    """The text of an undone message as a draft under a new key."""
    outreach = Outreach.objects.filter(message=message).first()
    text = {
        "subject": message.subject,
        "body": message.body,
        "purpose": outreach.purpose if outreach else "",
        "reason": outreach.reason if outreach else "",
        "send_key": new_send_key(),
        "saved_at": at,
    }
    draft, _is_new = Draft.objects.update_or_create(
        member_id=message.sender_id, recipient_id=message.recipient_id, defaults=text
    )
    return draft
