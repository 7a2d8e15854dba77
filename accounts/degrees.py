"""Degrees: how far two members stand from one another, and who stands between them.

Everything is asked of the database in queries whose number does not depend on the page or on the
size of anybody's list: a member may have 30,000 connections. A deactivated member is nobody's
first degree and stands between nobody, so that nothing tells deactivation from a block (domain 6.2).
"""

from collections import Counter
from collections.abc import Collection, Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Connection, Member

ENDS = (("low", "high"), ("high", "low"))


def connections_of(member: Member) -> QuerySet[Member]:
    """The active members this one is connected with."""
    return Member.objects.active().filter(_at_end_of_walk(1, member.pk))


def connected_ids(member_id: int) -> set[int]:
    """Ids of the active members this one is connected with."""
    return {
        other_id
        for near, far in ENDS
        for other_id in Connection.objects.filter(**{near: member_id, f"{far}__is_active": True}).values_list(
            f"{far}_id", flat=True
        )
    }


def degrees(member: Member, other_ids: Iterable[int]) -> dict[int, int]:
    """1, 2 or 3 by id; absent = further, or the member themselves. At most three queries."""
    found: dict[int, int] = {}
    others = Member.objects.exclude(pk=member.pk)
    left = set(other_ids)
    for degree in (1, 2, 3):
        if not left:
            break
        for other_id in others.filter(_at_end_of_walk(degree, member.pk), pk__in=left).values_list("pk", flat=True):
            found[other_id] = degree
            left.discard(other_id)
    return found


def at_degree(members: QuerySet[Member], member: Member, degree: int) -> QuerySet[Member]:
    """Those of `members` at exactly this degree, 1 to 3."""
    found = members.filter(_at_end_of_walk(degree, member.pk)).exclude(pk=member.pk)
    for nearer in range(1, degree):
        found = found.exclude(_at_end_of_walk(nearer, member.pk))
    return found


def mutual_connections(member: Member, other: Member, limit: int) -> list[Member]:
    """Members connected with both, by name."""
    between = connections_of(member).filter(_at_end_of_walk(1, other.pk))
    return list(between.select_related("profile").order_by("name_folded", "pk")[:limit])


def mutual_counts(member: Member, other_ids: Collection[int]) -> dict[int, int]:
    """How many connections each of these shares with the member; absent = none. Two queries."""
    counts: Counter[int] = Counter()
    for near, far in ENDS:
        rows = (
            Connection.objects.filter(_reached(1, member.pk, far), **{f"{near}__in": list(other_ids)})
            .order_by()
            .values_list(f"{near}_id")
            .annotate(shared=Count("pk"))
        )
        counts.update(dict(rows))
    counts.pop(member.pk, None)
    return dict(counts)


def _at_end_of_walk(steps: int, member_id: int) -> Q:
    """Whether a member is the end of a walk of so many steps from `member_id`.

    Asked from both ends: what is near `member_id` is gathered once, and each candidate's own
    connections are looked up in it. Walking all the way from either end costs minutes where a
    member of 30,000 connections stands between.
    """
    if steps == 1:
        return _reached(1, member_id, "pk")
    first, second = (
        Exists(
            Connection.objects.filter(
                _reached(steps - 1, member_id, far), **{near: OuterRef("pk"), f"{far}__is_active": True}
            )
        )
        for near, far in ENDS
    )
    return Q(first) | Q(second)


def _reached(steps: int, member_id: int, column: str) -> Q:
    """The same of the member in this column, by walking from `member_id`."""
    first, second = (_last_steps(steps, member_id, near, far).values(far) for near, far in ENDS)
    return Q(**{f"{column}__in": first}) | Q(**{f"{column}__in": second})


def _last_steps(steps: int, member_id: int, near: str, far: str) -> QuerySet[Connection]:
    if steps == 1:
        return Connection.objects.filter(**{near: member_id, f"{far}__is_active": True})
    return Connection.objects.filter(_reached(steps - 1, member_id, near), **{f"{near}__is_active": True})
