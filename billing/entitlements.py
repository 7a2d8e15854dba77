"""What a member's plan allows: the one value that billing tells messaging about a member."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Member

from .catalog import FREE, version_in_force
from .models import PlanVersion, Subscription
from .periods import PAYMENT_GRACE


@dataclass(frozen=True, kw_only=True)
class Entitlements:
    """`is_premium`: holds a running paid plan, payment grace included."""

    is_premium: bool
    has_plan: bool
    plan_name: str
    allows_open_profile: bool
    inmail_daily_cap: int


def entitlements(member: Member, *, at: datetime) -> Entitlements:
    """What one member may do at `at`."""
    return entitlements_of([member.pk], at=at)[member.pk]


def entitlements_of(member_ids: Collection[int], *, at: datetime) -> dict[int, Entitlements]:
    """The same for many, in three queries. Without a subscription the Free plan's terms count."""
    held = held_at(at).filter(wallet__member_id__in=member_ids)
    version_of = dict(held.values_list("wallet__member_id", "plan_version_id"))
    versions = PlanVersion.objects.select_related("plan").in_bulk(set(version_of.values()))
    free = allowed_by(version_in_force(FREE, at=at), has_plan=False)
    terms = {pk: allowed_by(version, has_plan=True) for pk, version in versions.items()}
    return {member_id: terms.get(version_of.get(member_id, 0), free) for member_id in member_ids}


def holders_of_open_profile(*, at: datetime) -> QuerySet[Subscription, Any]:
    """For a filter of the directory: ids of the members whose plan allows an Open Profile."""
    return held_at(at).filter(plan_version__allows_open_profile=True).values("wallet__member_id")


def allowed_by(version: PlanVersion, *, has_plan: bool) -> Entitlements:
    """What the terms of a plan allow."""
    return Entitlements(
        is_premium=has_plan and version.is_paid,
        has_plan=has_plan,
        plan_name=version.plan.name,
        allows_open_profile=version.allows_open_profile,
        inmail_daily_cap=version.inmail_daily_cap,
    )


def held_at(at: datetime) -> QuerySet[Subscription]:
    """Subscriptions that run at `at`, whether or not a worker has ended them since."""
    return (
        Subscription.objects.running()
        .filter(anchor_at__lte=at, paid_through__gt=at - PAYMENT_GRACE)
        .exclude(cancel_at__lte=at)
    )
