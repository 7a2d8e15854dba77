"""How alike two texts are: Jaccard similarity of their runs of five words, the recipient's name and company aside.

Domain 8.2. Pure but for `repeats`, which reads the sender's outreach of the last days.
"""

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from accounts.models import Member
from accounts.site_policy import SitePolicy
from accounts.text import fold
from messaging.models import Outreach

RUN = 5
WORD = re.compile(r"\w+")

Runs = frozenset[tuple[str, ...]]


def runs(text: str, *, without: Collection[str] = ()) -> Runs:
    """The runs of five words in a text; of a shorter one the whole. `without` are words that do not count."""
    words = [word for word in _words(text) if word not in without]
    if len(words) <= RUN:
        return frozenset([tuple(words)]) if words else frozenset()
    return frozenset(zip(*(words[start:] for start in range(RUN)), strict=False))


def likeness(one: Runs, other: Runs) -> float:
    """0 for nothing in common, 1 for the same runs."""
    if not one or not other:
        return 0.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def repeats(sender: Member, recipient: Member, text: str, *, at: datetime, policy: SitePolicy) -> list[Outreach]:
    """The sender's outreach of the last days that `text` to `recipient` is like, newest first."""
    mine = runs(text, without=personal_words(recipient))
    least = policy.duplicate_similarity_percent / 100
    return [
        sent for sent in _recent(sender, recipient, at=at, policy=policy) if likeness(mine, _runs_of(sent)) >= least
    ]


def personal_words(member: Member) -> frozenset[str]:
    """What makes a text look personal without being it: the words of a name and a company."""
    return frozenset(_words(f"{member.name} {member.profile.company}"))


def _recent(sender: Member, recipient: Member, *, at: datetime, policy: SitePolicy) -> Iterable[Outreach]:
    """To others: who writes twice to one person repeats nothing in bulk."""
    since = at - timedelta(days=policy.duplicate_window_days)
    sent = Outreach.objects.filter(message__sender=sender, message__sent_at__gt=since, message__undone_at=None)
    return (
        sent.exclude(message__recipient=recipient)
        .select_related("message__recipient__profile")
        .order_by("-message__sent_at")
    )


def _runs_of(sent: Outreach) -> Runs:
    return runs(sent.message.body, without=personal_words(sent.message.recipient))


def _words(text: str) -> list[str]:
    return WORD.findall(fold(text))
