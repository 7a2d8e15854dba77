"""What the table of the decision asks about the sender: standing, caps, and whose credits would pay."""

from datetime import datetime, timedelta
from typing import Any

from accounts import members, restrictions
from accounts.models import Member, Seat
from accounts.site_policy import SitePolicy
from billing.entitlements import Entitlements
from billing.packs import packs_for
from messaging.caps import day_of
from messaging.dates import zone_of
from messaging.sending_for import facts_of


def of_sender(
    sender: Member, allowed: Entitlements, seat: Seat | None, *, at: datetime, policy: SitePolicy
) -> dict[str, Any]:
    """Read by the same queries whoever is written to."""
    return {
        "at": at,
        "policy": policy,
        "zone": zone_of(sender),
        "sender_id": sender.pk,
        "is_premium": allowed.is_premium,
        "is_unconfirmed": members.is_unconfirmed(sender),
        **_standing(sender, at=at),
        **caps_of(sender, allowed, at=at, policy=policy),
        **facts_of(sender, seat, at=at),
        "packs": packs_for(allowed, policy) if seat is None else (),
    }


def caps_of(sender: Member, allowed: Entitlements, *, at: datetime, policy: SitePolicy) -> dict[str, Any]:
    """The day's limit, what of it is used, and since when on a new account it is the plan's (domain 8.1)."""
    today = day_of(sender, at=at)
    new_until = sender.joined_at + timedelta(days=policy.new_account_days)
    is_lower = at < new_until and policy.new_account_daily_cap < allowed.inmail_daily_cap
    return {
        "sent_today": today.outreach,
        "open_profile_today": today.open_profile,
        "starts_today": today.starts,
        "day_ends_at": today.ends_at,
        "daily_cap": policy.new_account_daily_cap if is_lower else allowed.inmail_daily_cap,
        "new_until": new_until if is_lower else None,
    }


def _standing(sender: Member, *, at: datetime) -> dict[str, Any]:
    limits = restrictions.limits_of(sender, at=at)
    row = limits.restriction
    return {
        "suspended_until": limits.suspended_until,
        "restricted_until": limits.restricted_until,
        "rule_broken": row.get_rule_display() if row else "",
        "decision_id": row.reference if row else "",
    }
