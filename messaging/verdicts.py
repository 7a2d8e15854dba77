"""The decision as pages ask for it: for one recipient, or for a page of them."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import Member
from accounts.site_policy import policy_in_force
from messaging import facts
from messaging.policy import decide
from messaging.verdict import Verdict


def verdict_for(sender: Member, recipient: Member, *, purpose: str = "", at: datetime) -> Verdict:
    """What writing to `recipient` would cost at `at`, or why it cannot be."""
    return _verdicts(sender, [recipient], purpose=purpose, at=at)[recipient.pk]


def verdicts_for(sender: Member, recipients: Iterable[Member], *, at: datetime) -> dict[int, Verdict]:
    """The same for many, by recipient id, with as many queries as for one."""
    return _verdicts(sender, recipients, purpose="", at=at)


def _verdicts(sender: Member, recipients: Iterable[Member], *, purpose: str, at: datetime) -> dict[int, Verdict]:
    loaded = facts.load(sender, recipients, purpose=purpose, at=at, policy=policy_in_force(at))
    return {recipient_id: decide(known) for recipient_id, known in loaded.items()}
