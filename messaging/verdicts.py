"""The decision as pages ask for it: for one recipient, or for a page of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import Member, Restriction
from accounts.site_policy import policy_in_force
from messaging import facts, reception
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


def look_closed_to(sender: Member, *, at: datetime) -> list[int]:
    """Ids of those who are to look to `sender` as if they took nobody new: held by staff, or full and hiding it.

    A filter for what people take leaves them out, as it leaves out whoever takes nobody: listed, they would stand out.
    """
    may_be = Q(pk__in=Restriction.objects.suspending(at).values("member"))
    may_be |= Q(pk__in=reception.received_lately(at=at).filter(member__reach__hides_caps=True).values("member"))
    verdicts = verdicts_for(sender, Member.objects.active().filter(may_be), at=at)
    return [pk for pk, verdict in verdicts.items() if verdict.code in {"not_accepting", "unavailable"}]


def _verdicts(
    sender: Member, recipients: Iterable[Member], chosen: dict[str, Any], *, at: datetime
) -> dict[int, Verdict]:
    loaded = facts.load(sender, recipients, at=at, policy=policy_in_force(at), **chosen)
    return {recipient_id: decide(known) for recipient_id, known in loaded.items()}
