"""Two members as one thing: the order in which a pair is stored, and its lock."""

from django.db.models import Q

from accounts.models import Member


def low_and_high(one_id: int, other_id: int) -> dict[str, int]:
    """The columns of a Connection: the smaller id first."""
    return {"low_id": min(one_id, other_id), "high_id": max(one_id, other_id)}


def either_way(one_id: int, other_id: int, *, near: str, far: str) -> Q:
    """Rows that lead from one to the other or back, by the names of their two columns."""
    return Q(**{f"{near}_id": one_id, f"{far}_id": other_id}) | Q(**{f"{near}_id": other_id, f"{far}_id": one_id})


def lock_pair(one: Member, other: Member) -> None:
    """Inside a transaction: whatever joins or parts these two waits for its end. By ascending id."""
    list(
        Member.objects.select_for_update(no_key=True)
        .filter(pk__in=[one.pk, other.pk])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
