"""Replay: what outreach that was sent would have met under other rules. Writes nothing (M19)."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.site_policy import SitePolicy, timeline
from messaging.models import Outreach
from messaging.past_facts import Past
from messaging.policy import decide
from messaging.verdict import Verdict

# At most so many messages, the newest first, and so many examples of each change.
MOST = 2_000
EXAMPLES = 3


@dataclass(frozen=True, order=True)
class Outcome:
    """What a member met: the code and the credits."""

    code: str
    cost: int


@dataclass(frozen=True, kw_only=True)
class Change:
    """So many messages would have met something else."""

    before: Outcome
    after: Outcome
    count: int
    examples: tuple[Outreach, ...]


@dataclass(frozen=True, kw_only=True)
class Replay:
    """`unknown`: too much has changed since to say what decided them. `moved`: the same, with another return date."""

    looked_at: int
    is_cut: bool
    unknown: int
    unchanged: int
    moved: int
    changes: tuple[Change, ...]


def replay(*, policy: SitePolicy, since: datetime, until: datetime) -> Replay:
    """Decide what was sent in `[since, until)` again under `policy`, of the newest MOST messages.

    A message is compared only if the rules of its own day still explain why it went as it did. Refused attempts were
    never stored, so nothing is said of them; texts are not compared with one another again.
    """
    found = list(_sent(since, until)[: MOST + 1])
    attempts, ruled = found[:MOST], timeline()
    past = Past.read(attempts, until=until)
    examples: dict[tuple[Outcome, Outcome], list[Outreach]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for one in attempts:
        before = decide(past.facts(one, policy=ruled.at(one.message.sent_at)))
        after = decide(past.facts(one, policy=policy))
        if (before.code, before.cost) != (one.code, one.charge.cost if one.charge else 0):
            counts["unknown"] += 1
        elif _outcome(before) != _outcome(after):
            examples[_outcome(before), _outcome(after)].append(one)
        else:
            is_moved = before.refundable_until != after.refundable_until or before.is_returnable != after.is_returnable
            counts["moved" if is_moved else "unchanged"] += 1
    changes = [
        Change(before=before, after=after, count=len(rows), examples=tuple(rows[:EXAMPLES]))
        for (before, after), rows in examples.items()
    ]
    return Replay(
        looked_at=len(attempts),
        is_cut=len(found) > MOST,
        unknown=counts["unknown"],
        unchanged=counts["unchanged"],
        moved=counts["moved"],
        changes=tuple(sorted(changes, key=lambda change: -change.count)),
    )


def _sent(since: datetime, until: datetime) -> QuerySet[Outreach]:
    kept = Outreach.objects.filter(message__sent_at__gte=since, message__sent_at__lt=until, message__undone_at=None)
    return (
        kept.select_related("message__sender", "message__recipient", "charge")
        .defer("message__subject", "message__body")
        .order_by("-message__sent_at", "-pk")
    )


def _outcome(verdict: Verdict) -> Outcome:
    return Outcome(verdict.code, verdict.cost)
