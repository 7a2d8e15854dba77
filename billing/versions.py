"""Versions of plan terms, and for staff: what a version of terms or policy changes, and for whom from when.

Drafts are proposed by one person and approved by another; what is approved is never changed (M18).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import policy_versions
from accounts.models import Member, PolicyVersion
from accounts.policy_settings import Changed
from accounts.policy_versions import SettingsInvalid, VersionRefused
from accounts.site_policy import SitePolicy

from . import terms
from .models import Charge, Plan, PlanVersion, Subscription, Wallet
from .rules import Topic, rules_of
from .words import day, plan_rules


def propose_terms(
    *, plan: Plan, figures: Mapping[str, Any], in_force_from: datetime, note: str, actor: Member, at: datetime
) -> PlanVersion:
    """A draft of a plan's next version; `figures` are terms by name, what is left out has the model's default.

    Raises SettingsInvalid, VersionRefused for an instant that is past or for terms that rule already.
    """
    if faults := dict(terms.faults(figures)):
        raise SettingsInvalid(faults)
    policy_versions.refuse_past(in_force_from, at=at)
    digest = terms.digest(figures)
    earlier = terms_before(plan, in_force_from)
    if earlier is not None and earlier.digest == digest:
        raise VersionRefused(_("Nothing differs from the terms in force then."))
    draft = PlanVersion(plan=plan, in_force_from=in_force_from, digest=digest, note=note, proposed_by=actor, **figures)
    return _numbered(draft)


def _numbered(draft: PlanVersion) -> PlanVersion:
    newest = draft.plan.versions.aggregate(newest=Max("number"))["newest"] or 0
    draft.number = newest + 1
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        raise VersionRefused(_("Somebody proposed terms of this plan at the same moment. Try again.")) from None
    return draft


def approve_terms(*, version: PlanVersion, actor: Member, at: datetime) -> PlanVersion:
    """Put a draft in force from its instant on, or from `at`. Raises OwnProposal, AlreadyDecided."""
    return policy_versions.decide(version, actor=actor, at=at)


def withdraw_terms(*, version: PlanVersion, at: datetime) -> None:
    """Take back a draft, or a version that has not begun. Raises AlreadyDecided once it is in force."""
    policy_versions.take_away(version, at=at)


def terms_before(plan: Plan, instant: datetime) -> PlanVersion | None:
    """The approved terms of a plan just before `instant`."""
    begun = plan.versions.filter(approved_at__isnull=False, in_force_from__lt=instant)
    return begun.order_by("-in_force_from", "-number").first()


# --- What a version changes ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`changes` field by field; the sentences that members no longer read, and those they will; whom it affects."""

    changes: list[Changed]
    gone: list[str]
    new: list[str]
    affected: list[str]


def difference_of_terms(version: PlanVersion) -> Difference:
    """What a version of terms changes against those it follows."""
    earlier = terms_before(version.plan, version.in_force_from)
    changes = terms.changed(earlier, version) if earlier else []
    gone, new = _compared(plan_rules(earlier) if earlier else [], plan_rules(version))
    return Difference(changes=changes, gone=gone, new=new, affected=_affected_by_terms(version))


def difference_of_policy(version: PolicyVersion, *, at: datetime) -> Difference:
    """What a policy changes against the one it follows."""
    was, will_be = policy_versions.followed_by(version)
    gone, new = _compared(_sentences(rules_of(was)), _sentences(rules_of(will_be)))
    affected = _affected_by_policy(version, was, will_be, at=at)
    return Difference(changes=policy_versions.changes(version), gone=gone, new=new, affected=affected)


def _sentences(topics: list[Topic]) -> list[str]:
    return [sentence for topic in topics for sentence in topic.sentences]


def _compared(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    return [one for one in before if one not in after], [one for one in after if one not in before]


def _affected_by_terms(version: PlanVersion) -> list[str]:
    holders = Subscription.objects.running().filter(plan_version__plan=version.plan_id).count()
    keep = ngettext(
        "%(n)s subscription keeps its terms until it is moved.",
        "%(n)s subscriptions keep their terms until they are moved.",
        holders,
    )
    since = _("Whoever takes %(plan)s from %(day)s on has these terms.")
    return [since % {"plan": version.plan, "day": day(version.in_force_from)}, keep % {"n": holders}]


def _affected_by_policy(version: PolicyVersion, was: SitePolicy, will_be: SitePolicy, *, at: datetime) -> list[str]:
    since = _("All %(n)s members, from %(day)s on.")
    members = Member.objects.active().count()
    charges = Charge.objects.may_come_back(at).count()
    kept = ngettext(
        "%(n)s open charge keeps the rules under which it was made.",
        "%(n)s open charges keep the rules under which they were made.",
        charges,
    )
    lines = [since % {"n": members, "day": day(version.in_force_from)}, kept % {"n": charges}]
    if was.credits_without_plan and not will_be.credits_without_plan:
        lines.append(credits_that_wait())
    return lines


def credits_that_wait() -> str:
    """What could not be used if credits needed a plan."""
    with_plan = Subscription.objects.running().values("wallet")
    held = Wallet.objects.filter(balance__gt=0, team=None).exclude(pk__in=with_plan)
    credits = held.aggregate(total=Sum("balance"))["total"] or 0
    words = ngettext(
        "%(n)s member without a plan holds %(credits)s credits, which then wait for a plan.",
        "%(n)s members without a plan hold %(credits)s credits, which then wait for a plan.",
        held.count(),
    )
    return words % {"n": held.count(), "credits": credits}
