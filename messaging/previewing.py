"""What strangers read about a member, by the decision itself: as if two of them asked. No row is read of a sender."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from accounts import restrictions
from accounts.models import Member, Reach
from accounts.reach import refused_purposes_of
from accounts.site_policy import SitePolicy, policy_in_force
from billing.entitlements import entitlements
from messaging import reception
from messaging.dates import zone_of
from messaging.facts import of_recipient
from messaging.policy import decide
from messaging.verdict import Facts, Verdict

# Nobody's id, and enough of everything: the stranger is to be told of the member's choices, not of their own limits.
STRANGER_ID, PLENTY = 0, 15


@dataclass(frozen=True)
class View:
    """What one kind of stranger reads."""

    who: str
    verdict: Verdict


def as_strangers_see(member: Member, *, at: datetime) -> list[View]:
    """The strip and badge for a stranger without a plan and for a premium one, at `at`, by what is saved."""
    facts = _facts(member, policy=policy_in_force(at), at=at)
    premium = replace(facts, is_premium=True, has_plan=True, balance=PLENTY)
    return [View(_("A member without a plan"), _seen(facts)), View(_("A premium member"), _seen(premium))]


def _seen(facts: Facts) -> Verdict:
    """Without the ways on: they are the stranger's."""
    return replace(decide(facts), alternatives=())


def _facts(member: Member, *, policy: SitePolicy, at: datetime) -> Facts:
    reach = Reach.objects.select_related("member").get(member=member)
    return Facts(
        at=at,
        policy=policy,
        zone=zone_of(member),
        sender_id=STRANGER_ID,
        daily_cap=PLENTY,
        is_unavailable=bool(restrictions.suspended_among([member.pk], at=at)),
        refused_purposes=frozenset(refused_purposes_of([member.pk]).get(member.pk, ())),
        **of_recipient(reach, entitlements(member, at=at)),
        **reception.facts_of(reach, reception.counts_of([member.pk], at=at), at=at),
    )
