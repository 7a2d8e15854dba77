"""Degrees: how far two members stand from one another, and who stands between them.

Everything is asked of the database in queries whose number does not depend on the page or on the
size of anybody's list: a member may have 30,000 connections. A deactivated member is nobody's
first degree and stands between nobody, so that nothing tells deactivation from a block (domain 6.2).
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Connection, Member

ENDS = (("low", "high"), ("high", "low"))


def connections_of(member: Member) -> QuerySet[Member]:
    """The active members this one is connected with."""
    return Member.objects.active().filter(_connected_with(member.pk))


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
    for degree, is_near in ((1, _connected_with(member.pk)), (2, _second(member.pk)), (3, _third(member.pk))):
        if not left:
            break
        for other_id in others.filter(is_near, pk__in=left).values_list("pk", flat=True):
            found[other_id] = degree
            left.discard(other_id)
    return found


def at_degree(members: QuerySet[Member], member: Member, degree: int) -> QuerySet[Member]:
    """Those of `members` at exactly this degree, 1 to 3."""
    nearer = (_connected_with(member.pk), _second(member.pk), _third(member.pk))
    at_most = members.filter(nearer[degree - 1]).exclude(pk=member.pk)
    for closer in nearer[: degree - 1]:
        at_most = at_most.exclude(closer)
    return at_most


def mutual_connections(member: Member, other: Member, limit: int) -> list[Member]:
    """Members connected with both, by name."""
    between = connections_of(member).filter(_connected_with(other.pk))
    return list(between.select_related("profile").order_by("name_folded", "pk")[:limit])


def mutual_counts(member: Member, other_ids: Collection[int]) -> dict[int, int]:
    """How many connections each of these shares with the member; absent = none. Two queries."""
    counts: Counter[int] = Counter()
    for near, far in ENDS:
        rows = (
            Connection.objects.filter(_is_connected(f"{far}_id", member.pk), **{f"{near}__in": list(other_ids)})
            .order_by()
            .values_list(f"{near}_id")
            .annotate(shared=Count("pk"))
        )
        counts.update(dict(rows))
    counts.pop(member.pk, None)
    return dict(counts)


def _connected_with(member_id: int) -> Q:
    return _is_connected("pk", member_id)


def _is_connected(column: str, member_id: int) -> Q:
    """Whether the member in this column is active and connected with `member_id`."""
    first, second = (
        Connection.objects.filter(**{near: member_id, f"{far}__is_active": True}).values(far) for near, far in ENDS
    )
    return Q(**{f"{column}__in": first}) | Q(**{f"{column}__in": second})


def _touches(column: str, far_end: Callable[[str], Q]) -> Q:
    """Whether the member in this column has a connection at whose far end is what `far_end` asks."""
    first, second = (
        Exists(Connection.objects.filter(far_end(f"{far}_id"), **{near: OuterRef(column)})) for near, far in ENDS
    )
    return Q(first) | Q(second)


def _second(member_id: int) -> Q:
    return _touches("pk", lambda far: _is_connected(far, member_id))


def _third(member_id: int) -> Q:
    return _touches(
        "pk", lambda far: _is_active(far) & _touches(far, lambda farther: _is_connected(farther, member_id))
    )


def _is_active(column: str) -> Q:
    return Q(**{f"{column.removesuffix('_id')}__is_active": True})
