"""Text kept on the server until it is sent: one draft per writer and recipient.

A draft that is scheduled or in review rests: nobody changes its text, but its writer can take it back.
"""

import secrets
from datetime import datetime
from typing import Any

from accounts.models import Member
from accounts.text import is_blank
from messaging.models import Case, Draft, Message, Outreach

# What a draft is while it waits for nothing.
PLAIN: dict[str, Any] = {"send_at": None, "in_review_since": None, "passed_review_at": None, "agreed": {}}


class DraftRests(Exception):
    """Another text to the same person is scheduled or in review; nothing was kept."""


def new_send_key() -> str:
    """The key of a new form: sending it twice sends once."""
    return secrets.token_urlsafe(24)


def draft_for(member: Member, recipient: Member) -> Draft:
    """The stored draft that can be written on, or an empty one with a new key, not stored."""
    stored = Draft.objects.filter(member=member, recipient=recipient).first()
    if stored is not None and not stored.rests:
        return stored
    return Draft(member=member, recipient=recipient, send_key=new_send_key())


def resting(member: Member, recipient: Member) -> Draft | None:
    """The text that waits for its time or for a moderator."""
    stored = Draft.objects.filter(member=member, recipient=recipient).select_related("recipient").first()
    return stored if stored is not None and stored.rests else None


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

    None when there is nothing to keep: the text is empty, or this form's message was sent meanwhile. Raises DraftRests.
    """
    if resting(member, recipient) is not None:
        raise DraftRests
    if is_blank(subject + body + reason) or Message.objects.filter(sender=member, send_key=send_key).exists():
        Draft.objects.filter(member=member, recipient=recipient, send_key=send_key).delete()
        return None
    text: dict[str, Any] = {"subject": subject, "body": body, "purpose": purpose, "reason": reason}
    text |= {"send_key": send_key, "saved_at": at}
    draft, _is_new = Draft.objects.update_or_create(member=member, recipient=recipient, defaults=text)
    return draft


def discard_draft(member: Member, recipient: Member) -> None:
    """What rests stays: it is taken back first."""
    Draft.objects.filter(member=member, recipient=recipient, send_at=None, in_review_since=None).delete()


def discard_sent(message: Message) -> None:
    """The draft of a message that goes now; one that rests stays, unless it is the one that goes."""
    drafts = Draft.objects.filter(member=message.sender_id, recipient=message.recipient_id)
    if drafts.filter(send_key=message.send_key).delete()[0]:
        close_case(message.send_key, at=message.sent_at)
    else:
        drafts.filter(send_at=None, in_review_since=None).delete()


def rest_no_more(draft: Draft, *, at: datetime, came_back: str = "", came_back_why: str = "") -> None:
    """A plain draft again, whatever it waited for; `came_back` is the code for which it did not go."""
    changed = PLAIN | {"came_back": came_back, "came_back_why": came_back_why}
    Draft.objects.filter(pk=draft.pk).update(**changed)
    close_case(draft.send_key, at=at)


def case_key(send_key: str) -> str:
    return f"held:{send_key}"


def close_case(send_key: str, *, at: datetime) -> None:
    """There is nothing left to look at in the case of a text that was held."""
    Case.objects.filter(key=case_key(send_key), closed_at=None).update(closed_at=at)


def restore(message: Message, *, at: datetime) -> Draft:
    """The text of an undone message as a draft under a new key; what rested there follows it."""
    outreach = Outreach.objects.filter(message=message).first()
    held = resting(message.sender, message.recipient)
    if held is not None:
        close_case(held.send_key, at=at)
    text = {
        "subject": message.subject,
        "body": "\n\n".join([message.body, *([held.body] if held else [])]),
        "purpose": outreach.purpose if outreach else "",
        "reason": outreach.reason if outreach else "",
        "send_key": new_send_key(),
        "saved_at": at,
    }
    draft, _is_new = Draft.objects.update_or_create(
        member_id=message.sender_id, recipient_id=message.recipient_id, defaults=text | PLAIN
    )
    return draft
