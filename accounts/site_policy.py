"""The operator's settings (domain 4.1) as one typed, frozen record, read by all three apps.

A `PolicyVersion` stores only what differs from these defaults, the `standard` catalog's.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from accounts.models import PolicyVersion, Purpose

ANSWERS = ("reply", "accept", "interested", "later", "no_thanks", "wrong_person", "stop")


class NoPolicyInForce(Exception):
    """No catalog was ever loaded: `manage.py load_catalog standard`."""


@dataclass(frozen=True, kw_only=True)
class SitePolicy:
    """Units are in the names. `version` is the row of PolicyVersion that rules."""

    version: int
    return_enabled: bool = True
    return_window_hours: int | None = 2160
    return_on: tuple[str, ...] = ANSWERS
    return_grace_hours: int = 720
    return_when_recipient_gone: bool = False
    return_restores_allowance: bool = False
    inmail_cost: int = 1
    inmail_cost_by_purpose: Mapping[str, int] = field(default_factory=dict)
    charge_unit: str = "until_answered"
    inmail_to_connections: bool = False
    credits_without_plan: bool = True
    on_upgrade: str = "forfeit"
    cancel_effect: str = "term_end"
    purchased_on_cancel: str = "keep"
    packs_enabled: bool = True
    packs_need_plan: bool = True
    # One of the two: months by the calendar, or days of 24 hours.
    pack_life_months: int | None = 12
    pack_life_days: int | None = None
    payment_grace_days: int = 7
    promo_life_days: int = 90
    referral_bonus: int = 5
    reallocation: str = "admin"
    # None = as many as the team has seats.
    reallocations_per_30_days: int | None = None
    reach_choices: tuple[str, ...] = ("everyone", "premium", "nobody")
    default_reach: str = "everyone"
    premium_reaches_premium: bool = False
    first_contact_lands: str = "requests"
    follow_up_gap_days: int = 7
    max_unanswered: int = 2
    decline_closes_days: int | None = None
    # New people who may write to one member, at most; each may choose fewer.
    recipient_cap_day: int = 10
    recipient_cap_week: int = 25
    open_profile_daily_cap: int = 10
    new_account_days: int = 30
    new_account_daily_cap: int = 5
    introduction_days: int = 14
    reminder_after_days: int = 3
    duplicate_similarity_percent: int = 85
    duplicate_warn_at: int = 5
    duplicate_hold_at: int = 10
    duplicate_window_days: int = 7
    quality_floor_percent: int = 13
    quality_min_sent: int = 100
    quality_window_days: int = 14
    quality_maturity_days: int = 7
    ladder_reset_days: int = 90
    purposes: tuple[str, ...] = tuple(Purpose.values)
    context_required: bool = False
    invitations_per_week: int | None = 100
    max_connections: int | None = 30_000
    invitation_max_degree: int | None = None
    connection_starts_per_day: int | None = 200
    subject_max: int = 200
    body_max: int = 2_000
    body_max_bytes: int = 8_000
    undo_seconds: int = 15
    take_back_seconds: int = 10
    exchange_minutes: int = 10
    request_days: int = 30
    adjust_direct_limit: int = 5
    adjust_daily_limit: int = 20

    def cost_of(self, purpose: str) -> int:
        """Credits for one InMail of this purpose, 1..10."""
        return self.inmail_cost_by_purpose.get(purpose, self.inmail_cost)

    def refundable_until(self, charged_at: datetime) -> datetime | None:
        """The first instant at which an answer is too late; None = no deadline."""
        if self.return_window_hours is None:
            return None
        return charged_at + timedelta(hours=self.return_window_hours)


def policy_in_force(at: datetime) -> SitePolicy:
    """The policy that rules at `at`. Raises NoPolicyInForce on a site without a catalog."""
    version = PolicyVersion.objects.begun(at).order_by("-in_force_from").first()
    if version is None:
        raise NoPolicyInForce("No catalog is loaded. Run: manage.py load_catalog standard")
    return read_policy(version)


class Timeline:
    """Every policy there was, by when it ruled: where the past is settled, the one in force *then* counts.

    The versions are read once, when they are first asked for.
    """

    def at(self, instant: datetime) -> SitePolicy:
        """The policy that ruled at `instant`; before the first one the first, and without any the defaults."""
        place = max(bisect_right(self._begins, instant) - 1, 0)
        return self._policies[place] if self._policies else SitePolicy(version=0)

    def version_at(self, instant: datetime) -> int | None:
        """For a foreign key; None on a site that never had a policy."""
        return self.at(instant).version or None

    def values_of(self, setting: str) -> list[tuple[datetime, Any]]:
        """The values of one setting and since when each ruled, oldest first; equal neighbours are one."""
        values: list[tuple[datetime, Any]] = []
        for begins, policy in zip(self._begins, self._policies, strict=True):
            if not values or values[-1][1] != getattr(policy, setting):
                values.append((begins, getattr(policy, setting)))
        return values

    @cached_property
    def _versions(self) -> list[PolicyVersion]:
        return list(PolicyVersion.objects.approved().order_by("in_force_from"))

    @cached_property
    def _begins(self) -> list[datetime]:
        return [version.in_force_from for version in self._versions]

    @cached_property
    def _policies(self) -> list[SitePolicy]:
        return [read_policy(version) for version in self._versions]


def timeline() -> Timeline:
    """To be made once for all that one operation settles."""
    return Timeline()


def read_policy(version: PolicyVersion) -> SitePolicy:
    """The typed record of one stored version. Raises TypeError for an unknown setting."""
    known = {setting.name for setting in fields(SitePolicy)}
    unknown = set(version.settings) - known
    if unknown:
        raise TypeError(f"Policy version {version.pk} has unknown settings: {', '.join(sorted(unknown))}")
    return SitePolicy(version=version.pk, **{name: _frozen(value) for name, value in version.settings.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
