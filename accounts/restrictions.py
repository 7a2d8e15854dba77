"""What limits members at an instant (domain 8.4). Deciding on limits is messaging's: here they are asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accounts.clock import FOREVER
from accounts.models import Member, Restriction, Step


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Until when a member may send nothing at all, or start no conversations; the rule and the row that say so."""

    suspended_until: datetime | None = None
    restricted_until: datetime | None = None
    restriction: Restriction | None = None


def limits_of(member: Member, *, at: datetime) -> Limits:
    """What limits this member's sending at `at`; of several restrictions the one that ends last counts. One query."""
    standing = Restriction.objects.of_outreach(at).filter(member=member)
    rows = sorted(standing, key=_end)
    if not rows:
        return Limits()
    suspending = [row for row in rows if row.step in {Step.SUSPENDED, Step.CLOSING}]
    return Limits(
        suspended_until=_end(suspending[-1]) if suspending else None,
        restricted_until=_end(rows[-1]),
        restriction=(suspending or rows)[-1],
    )


def is_restricted(member: Member, *, at: datetime) -> bool:
    """Whether the member may not start conversations, invite or ask for introductions."""
    return Restriction.objects.of_outreach(at).filter(member=member).exists()


def suspended_among(member_ids: Collection[int], *, at: datetime) -> frozenset[int]:
    """Those of these members whom staff hold: they send nothing."""
    held = Restriction.objects.suspending(at).filter(member__in=member_ids)
    return frozenset(held.values_list("member_id", flat=True))


def _end(row: Restriction) -> datetime:
    return row.ends_at or FOREVER
