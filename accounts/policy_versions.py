"""Versions of the site's policy: proposed by one person, approved by another, in force from an instant on (domain 4).

An approved version is never changed; one that has not begun can be withdrawn. Plan terms do the same in
`billing.versions`, by `decide` and `take_away` here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import policy_settings
from accounts.models import Member, PolicyVersion
from accounts.models.version import Version
from accounts.site_policy import SitePolicy, read_policy

V = TypeVar("V", bound=Version)


class VersionRefused(Exception):
    """Nothing was written; the text is a sentence for staff."""


class OwnProposal(VersionRefused):
    """Who proposes does not approve."""


class AlreadyDecided(VersionRefused):
    """Somebody was quicker, or it is in force."""


class SettingsInvalid(VersionRefused):
    """`faults`: what is wrong, a sentence by the setting's name."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


def propose(
    *, settings: Mapping[str, Any], in_force_from: datetime, note: str, actor: Member, at: datetime
) -> PolicyVersion:
    """A draft with these settings (what is left out has its default). It rules nobody before it is approved.

    Raises SettingsInvalid, VersionRefused for an instant that is past or for settings that rule already.
    """
    if faults := policy_settings.faults(settings):
        raise SettingsInvalid(faults)
    refuse_past(in_force_from, at=at)
    held = version_before(in_force_from)
    stored = policy_settings.differences(settings)
    if held is not None and held.settings == stored:
        raise VersionRefused(_("Nothing differs from the policy in force then."))
    return PolicyVersion.objects.create(
        catalog=held.catalog if held else "own",
        settings=stored,
        in_force_from=in_force_from,
        note=note,
        proposed_by=actor,
    )


def approve(*, version: PolicyVersion, actor: Member, at: datetime) -> PolicyVersion:
    """Put a draft in force from its instant on, or from `at` if that has passed: never backwards.

    Raises OwnProposal for the proposer, AlreadyDecided, VersionRefused where another starts at that instant.
    """
    try:
        return decide(version, actor=actor, at=at)
    except IntegrityError:
        raise VersionRefused(_("Another policy starts at this instant.")) from None


def withdraw(*, version: PolicyVersion, at: datetime) -> None:
    """Take back a draft, or a version that has not begun. Raises AlreadyDecided once it is in force."""
    take_away(version, at=at)


def waiting() -> list[PolicyVersion]:
    """Drafts, the earliest first."""
    return list(PolicyVersion.objects.drafts().select_related("proposed_by").order_by("in_force_from", "pk"))


def version_before(instant: datetime) -> PolicyVersion | None:
    """The approved version that rules just before `instant`."""
    begun = PolicyVersion.objects.approved().filter(in_force_from__lt=instant)
    return begun.order_by("-in_force_from").first()


def followed_by(version: PolicyVersion) -> tuple[SitePolicy, SitePolicy]:
    """What rules before a version, and what it makes of it; the defaults rule before the first."""
    earlier = version_before(version.in_force_from)
    return read_policy(earlier) if earlier else SitePolicy(version=0), read_policy(version)


def changes(version: PolicyVersion) -> list[policy_settings.Changed]:
    """Setting by setting: what was and what will be."""
    return policy_settings.changed(*followed_by(version))


# --- Versions of any kind -----------------------------------------------------------------------


def refuse_past(in_force_from: datetime, *, at: datetime) -> None:
    """Nothing rules backwards. Raises VersionRefused."""
    if in_force_from < at:
        raise VersionRefused(_("That instant is past. Rules change from now on or later."))


def decide(version: V, *, actor: Member, at: datetime) -> V:
    """Approve a draft: claimed by a conditional update, so that two people approve it once."""
    if getattr(version, "proposed_by_id", None) == actor.pk:
        raise OwnProposal(_("Somebody else has to approve what you proposed."))
    in_force_from = max(version.in_force_from, at)  # type: ignore[attr-defined]
    drafts = type(version)._base_manager.filter(pk=version.pk, approved_at=None)
    with transaction.atomic():
        if not drafts.update(approved_by=actor, approved_at=at, in_force_from=in_force_from):
            raise AlreadyDecided(_("This was decided meanwhile."))
    version.refresh_from_db()
    return version


def take_away(version: V, *, at: datetime) -> None:
    """Delete a version that has not begun, whether or not it was approved."""
    versions = type(version).objects.not_begun(at)  # type: ignore[attr-defined]
    if not versions.filter(pk=version.pk).delete()[0]:
        raise AlreadyDecided(_("This is in force: propose another version instead."))
