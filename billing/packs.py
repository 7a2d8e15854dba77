"""Credits for sale: which packs, at what price each, for how long, and to whom (domain 5.9)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member, Team
from accounts.site_policy import SitePolicy, policy_in_force
from accounts.templatetags.postern import money
from billing.entitlements import Entitlements, entitlements, held_at
from billing.models import Pack
from billing.payments import provider


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A pack as it is shown: `each` is the price of one credit in minor units, rounded."""

    pack: Pack
    each: int
    validity: str


def on_offer(holder: Member | Team, *, at: datetime) -> list[Offer]:
    """What this member, or this team for its pool, may buy now, smallest first; nothing where nobody collects money."""
    if not may_buy(holder, at=at):
        return []
    said = validity(policy_in_force(at))
    packs = Pack.objects.filter(is_offered=True).order_by("credits", "-pk")
    return [Offer(pack=pack, each=round(pack.price / pack.credits), validity=said) for pack in packs]


def may_buy(holder: Member | Team, *, at: datetime) -> bool:
    """Whether packs are sold at all, and to holders of this plan. A pool from which no seat can spend buys nothing."""
    policy = policy_in_force(at)
    if provider() is None or not policy.packs_enabled:
        return False
    if isinstance(holder, Team):
        return held_at(at).filter(wallet__team=holder, plan_version__allows_packs=True).exists()
    return _may_member_buy(entitlements(holder, at=at), policy)


def packs_for(allowed: Entitlements, policy: SitePolicy) -> tuple[tuple[int, str], ...]:
    """What a member of these entitlements may buy, smallest first: credits, and the price in words."""
    if provider() is None or not policy.packs_enabled or not _may_member_buy(allowed, policy):
        return ()
    offered = Pack.objects.filter(is_offered=True).order_by("credits", "-pk")
    return tuple((pack.credits, money(pack.price, pack.currency)) for pack in offered)


def _may_member_buy(allowed: Entitlements, policy: SitePolicy) -> bool:
    return allowed.allows_packs and (allowed.is_premium or not policy.packs_need_plan)


def validity(policy: SitePolicy) -> str:
    """How long bought credits stay: "12 months from payment"."""
    if policy.pack_life_days is not None:
        days = policy.pack_life_days
        return ngettext("%(n)s day from payment", "%(n)s days from payment", days) % {"n": days}
    if policy.pack_life_months is not None:
        months = policy.pack_life_months
        return ngettext("%(n)s month from payment", "%(n)s months from payment", months) % {"n": months}
    return _("without end")
