"""The decision as pages ask for it: for one recipient, or for a page of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import Member
from accounts.site_policy import policy_in_force
from messaging import facts
from messaging.policy import decide
from messaging.sending_for import seat_for
from messaging.verdict import Verdict


def verdict_for(
    sender: Member,
    recipient: Member,
    *,
    purpose: str = "",
    text: str = "",
    wants_inmail: bool = False,
    sending_for: str = "",
    at: datetime,
) -> Verdict:
    """What writing to `recipient` would cost at `at`, or why it cannot be; `sending_for` is team, self or nothing.

    `text` is what is written so far: the sender's other texts are compared with it.
    """
    chosen = {"purpose": purpose, "text": text, "wants_inmail": wants_inmail, "seat": seat_for(sender, sending_for)}
    return _verdicts(sender, [recipient], chosen, at=at)[recipient.pk]


def verdicts_for(sender: Member, recipients: Iterable[Member], *, at: datetime) -> dict[int, Verdict]:
    """The same for many, by recipient id, with as many queries as for one."""
    return _verdicts(sender, recipients, {"seat": seat_for(sender)}, at=at)


def _verdicts(
    sender: Member, recipients: Iterable[Member], chosen: dict[str, Any], *, at: datetime
) -> dict[int, Verdict]:
    loaded = facts.load(sender, recipients, at=at, policy=policy_in_force(at), **chosen)
    return {recipient_id: decide(known) for recipient_id, known in loaded.items()}
