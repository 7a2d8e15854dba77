"""What a member's plan allows: the one value that billing tells messaging about a member."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet, Value

from accounts.models import Member

from . import grace
from .catalog import FREE, version_in_force
from .models import PlanVersion, Subscription


@dataclass(frozen=True, kw_only=True)
class Entitlements:
    """`is_premium`: holds a running paid plan, payment grace included."""

    is_premium: bool
    has_plan: bool
    plan_name: str
    allows_open_profile: bool
    allows_packs: bool
    inmail_daily_cap: int


def entitlements(member: Member, *, at: datetime) -> Entitlements:
    """What one member may do at `at`."""
    return entitlements_of([member.pk], at=at)[member.pk]


def entitlements_of(member_ids: Collection[int], *, at: datetime) -> dict[int, Entitlements]:
    """The same for many, in four queries. Without a plan or a seat the Free plan's terms count."""
    held = _plans_of(member_ids, at=at)
    versions = PlanVersion.objects.select_related("plan").in_bulk({pk for found in held.values() for pk in found})
    free = allowed_by(version_in_force(FREE, at=at), has_plan=False)
    terms = {pk: allowed_by(version, has_plan=True) for pk, version in versions.items()}
    return {member_id: _together([terms[pk] for pk in held[member_id]]) or free for member_id in member_ids}


def _plans_of(member_ids: Collection[int], *, at: datetime) -> dict[int, list[int]]:
    """Ids of the terms that each member holds: of one's own plan first, then of the team's whose seat one has."""
    running = held_at(at)
    own = running.filter(wallet__member_id__in=member_ids)
    seats = running.filter(_with_seat(Q(wallet__team__seats__member_id__in=member_ids)))
    found = own.values_list("wallet__member_id", "plan_version_id", Value(0))
    rows = found.union(seats.values_list("wallet__team__seats__member_id", "plan_version_id", Value(1)), all=True)
    held: dict[int, list[int]] = defaultdict(list)
    for member_id, version_id, _rank in sorted(rows, key=itemgetter(2)):
        held[member_id].append(version_id)
    return held


def _with_seat(whose: Q) -> Q:
    """In one filter with the condition on the member, so that both speak of the same seat."""
    return whose & Q(wallet__team__seats__left_at=None, wallet__team__seats__parked_at=None)


def _together(held: list[Entitlements]) -> Entitlements | None:
    """Whoever holds a plan and a seat may do what either allows; the name is that of one's own."""
    if len(held) < 2:
        return held[0] if held else None
    return replace(
        held[0],
        is_premium=any(one.is_premium for one in held),
        allows_open_profile=any(one.allows_open_profile for one in held),
        allows_packs=any(one.allows_packs for one in held),
        inmail_daily_cap=max(one.inmail_daily_cap for one in held),
    )


def holders_of_open_profile(*, at: datetime) -> QuerySet[Subscription, Any]:
    """For a filter of the directory: ids of the members whose plan or seat allows an Open Profile."""
    allowing = held_at(at).filter(plan_version__allows_open_profile=True)
    own = allowing.filter(wallet__member__isnull=False).values("wallet__member_id")
    return own.union(allowing.filter(_with_seat(Q())).values("wallet__team__seats__member_id"), all=True)


def allowed_by(version: PlanVersion, *, has_plan: bool) -> Entitlements:
    """What the terms of a plan allow."""
    return Entitlements(
        is_premium=has_plan and version.is_paid,
        has_plan=has_plan,
        plan_name=version.plan.name,
        allows_open_profile=version.allows_open_profile,
        allows_packs=version.allows_packs,
        inmail_daily_cap=version.inmail_daily_cap,
    )


def held_at(at: datetime) -> QuerySet[Subscription]:
    """Subscriptions that run at `at`, whether or not a worker has ended them since."""
    return Subscription.objects.running().filter(grace.running(at), anchor_at__lte=at).exclude(cancel_at__lte=at)
