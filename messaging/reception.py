"""How many new people may reach a member in a day and a week of the member's own zone (domain 8.1)."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from accounts.models import Member, Reach
from messaging.dates import local_day, monday_of, zone_of
from messaging.models import Reception
from messaging.verdict import Facts

DAY, WEEK = Reception.Span.DAY, Reception.Span.WEEK
# A zone is at most 14 hours ahead, and a week has begun at most seven days ago.
OLDEST = timedelta(days=8)


def received_lately(*, at: datetime) -> QuerySet[Reception]:
    """The counts of days and weeks that may still run."""
    return Reception.objects.filter(starts_on__gte=at.date() - OLDEST)


def counts_of(member_ids: Collection[int], *, at: datetime) -> dict[tuple[int, str, date], int]:
    """New senders by member, span and its first day, of those that may still run; one query."""
    rows = received_lately(at=at).filter(member__in=member_ids)
    return {(row.member_id, row.span, row.starts_on): row.new_senders for row in rows}


def facts_of(reach: Reach, counts: dict[tuple[int, str, date], int], *, at: datetime) -> dict[str, Any]:
    """What the table of the decision asks about a recipient's caps."""
    zone = zone_of(reach.member)
    today = local_day(at, zone)
    return {
        "recipient_zone": zone,
        "received_today": counts.get((reach.member_id, DAY, today), 0),
        "received_this_week": counts.get((reach.member_id, WEEK, monday_of(today)), 0),
        "own_cap_day": reach.cap_day,
        "own_cap_week": reach.cap_week,
        "hides_caps": reach.hides_caps,
    }


def reserve(recipient: Member, facts: Facts, *, at: datetime) -> bool:
    """Count one more new sender for the recipient's day and week, unless one of them is full (M7).

    Within the caller's transaction: what was counted for a full week is given back by its rollback.
    """
    today = local_day(at, zone_of(recipient))
    caps = ((DAY, today, facts.recipient_cap_day), (WEEK, monday_of(today), facts.recipient_cap_week))
    return all(_count(recipient, span, first, cap=cap) for span, first, cap in caps)


def release(recipient: Member, *, sent_at: datetime) -> None:
    """An undone first contact does not count."""
    day = local_day(sent_at, zone_of(recipient))
    for span, first in ((DAY, day), (WEEK, monday_of(day))):
        held = Reception.objects.filter(member=recipient, span=span, starts_on=first, new_senders__gt=0)
        held.update(new_senders=F("new_senders") - 1)


def _count(recipient: Member, span: str, first: date, *, cap: int) -> bool:
    row, _is_new = Reception.objects.get_or_create(member=recipient, span=span, starts_on=first)
    return Reception.objects.filter(pk=row.pk, new_senders__lt=cap).update(new_senders=F("new_senders") + 1) == 1
