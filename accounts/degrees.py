"""Degrees: how far two members stand from one another, and who stands between them.

Everything is asked of the database in queries whose number does not depend on the page or on the
size of anybody's list: a member may have 30,000 connections. A deactivated member is nobody's
first degree and stands between nobody, so that nothing tells deactivation from a block (domain 6.2).
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import Connection, Member

ENDS = (("low", "high"), ("high", "low"))


def connections_of(member: Member) -> QuerySet[Member]:
    """The active members this one is connected with."""
    return Member.objects.active().filter(pk__in=_ends(1, member.pk))


def connected_ids(member_id: int) -> set[int]:
    """Ids of the active members this one is connected with."""
    return set(_ends(1, member_id))


def degrees(member: Member, other_ids: Iterable[int]) -> dict[int, int]:
    """1, 2 or 3 by id; absent = further, or the member themselves. At most three queries."""
    found: dict[int, int] = {}
    left = set(other_ids) - {member.pk}
    for degree in (1, 2, 3):
        if not left:
            break
        reached = set(_ends(degree, member.pk, among=left))
        found |= dict.fromkeys(reached, degree)
        left -= reached
    return found


def at_degree(members: QuerySet[Member], member: Member, degree: int) -> QuerySet[Member]:
    """Those of `members` at exactly this degree, 1 to 3."""
    found = members.filter(pk__in=_ends(degree, member.pk)).exclude(pk=member.pk)
    for nearer in range(1, degree):
        # Not a plain "not in": PostgreSQL would go through a set too large for its memory row by row.
        reached = Member.objects.filter(pk=OuterRef("pk"), pk__in=_ends(nearer, member.pk))
        found = found.exclude(Exists(reached))
    return found


def mutual_connections(member: Member, other: Member, limit: int) -> list[Member]:
    """Members connected with both, by name."""
    return list(between(member, other).select_related("profile").order_by("name_folded", "pk")[:limit])


def between(member: Member, other: Member) -> QuerySet[Member]:
    """Members connected with both."""
    return connections_of(member).filter(pk__in=_ends(1, other.pk))


def first_between(member: Member, other_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Name and handle of the first, by name, of those whom each of these shares with the member. One query."""
    low, high = (_firsts(near, far, member, other_ids) for near, far in ENDS)
    # Of the two ends the first by name is written last, and stays.
    rows = sorted(low.union(high, all=True), key=lambda row: row[1:], reverse=True)
    return {other: (name, handle) for other, _order, handle, name in rows if other != member.pk}


def mutual_counts(member: Member, other_ids: Collection[int]) -> dict[int, int]:
    """How many connections each of these shares with the member; absent = none. Two queries."""
    counts: Counter[int] = Counter()
    for near, far in ENDS:
        shared = Connection.objects.filter(**{f"{near}__in": list(other_ids), f"{far}__in": _ends(1, member.pk)})
        counts.update(dict(shared.order_by().values_list(f"{near}_id").annotate(count=Count("pk"))))
    counts.pop(member.pk, None)
    return dict(counts)


def _firsts(near: str, far: str, member: Member, other_ids: Collection[int]) -> QuerySet[Connection, Any]:
    """Of each of these the first by name among the shared connections that stand at this end."""
    shared = Connection.objects.filter(**{f"{near}__in": list(other_ids), f"{far}__in": _ends(1, member.pk)})
    place = Window(RowNumber(), partition_by=F(f"{near}_id"), order_by=[F(f"{far}__name_folded"), F(f"{far}_id")])
    first = shared.order_by().annotate(place=place).filter(place=1)
    return first.values_list(f"{near}_id", f"{far}__name_folded", f"{far}__handle", f"{far}__name")


def _ends(steps: int, member_id: int, *, among: Collection[int] | None = None) -> QuerySet[Connection, int]:
    """Ids of the members at the end of a walk of so many steps, maybe only of these.

    A union and not a condition with "or", which neither database answers from an index.
    """
    low, high = (_half(near, _next_to(steps - 1, member_id, far), among) for near, far in ENDS)
    return low.union(high, all=True)


def _half(near: str, rows: QuerySet[Connection], among: Collection[int] | None) -> QuerySet[Connection, int]:
    wanted = rows if among is None else rows.filter(**{f"{near}__in": among})
    return wanted.values_list(f"{near}_id", flat=True)


def _next_to(steps: int, member_id: int, end: str) -> QuerySet[Connection]:
    """Connections that have at this end an active member so many steps away; 0 = the member."""
    if steps == 0:
        other = dict(ENDS)[end]
        return Connection.objects.filter(**{end: member_id, f"{other}__is_active": True})
    return Connection.objects.filter(**{f"{end}__in": _ends(steps, member_id), f"{end}__is_active": True})
