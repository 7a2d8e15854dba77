"""Asking the decision for others, under any policy and at any time: the console's simulator (domain 4, M4, M19).

Reads as the composer reads and writes nothing.
"""

from datetime import datetime

from accounts.models import Member
from accounts.site_policy import SitePolicy
from messaging import facts
from messaging.policy import decide
from messaging.sending_for import seat_for
from messaging.verdict import Verdict


def simulate(
    *,
    sender: Member,
    recipient: Member,
    purpose: str,
    text: str,
    at: datetime,
    policy: SitePolicy,
    sending_for: str = "",
    wants_inmail: bool = False,
) -> Verdict:
    """What the sender's composer would say at `at` if `policy` ruled; `purpose` and `text` may be empty.

    What carries no date of its own, such as reach or a connection, is taken as it is now.
    """
    known = facts.load(
        sender,
        [recipient],
        purpose=purpose,
        text=text,
        wants_inmail=wants_inmail,
        at=at,
        policy=policy,
        seat=seat_for(sender, sending_for),
    )
    return decide(known[recipient.pk])
