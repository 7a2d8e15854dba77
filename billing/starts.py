"""Many plans started at once, for bringing members in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.busy import short_wait

from .models import PlanVersion, Subscription, Wallet
from .sweeps import settle_wallets


@dataclass(frozen=True, kw_only=True)
class Start:
    """One of many plans to start; `anchor_at` is the start of its first period."""

    member_id: int
    plan_version: PlanVersion
    interval: str
    paid_through: datetime
    anchor_at: datetime


def subscribe_many(starts: Sequence[Start], *, at: datetime) -> int:
    """Start many plans and grant what is due by `at`, by the same few queries for hundreds; at best 500 a call.

    Who holds a plan already keeps it and is left out. Answers how many were started.
    """
    wanted = {start.member_id: start for start in starts}
    with short_wait():
        new = [Wallet(member_id=start.member_id, opened_at=start.anchor_at) for start in starts]
        Wallet.objects.bulk_create(new, ignore_conflicts=True)
        wallets = Wallet.objects.select_for_update(no_key=True).filter(member__in=wanted).order_by("pk")
        locked = {wallet.member_id: wallet for wallet in wallets}
        held = set(
            Subscription.objects.running().filter(wallet__in=locked.values()).values_list("wallet_id", flat=True)
        )
        free = [wallet for wallet in locked.values() if wallet.pk not in held]
        Subscription.objects.bulk_create([_started(wallet, wanted[wallet.member_id or 0]) for wallet in free])
        settle_wallets([wallet.pk for wallet in free], at=at, wait=True)
    return len(free)


def _started(wallet: Wallet, start: Start) -> Subscription:
    # A clock that went back starts nothing before the wallet's last entry.
    anchor_at = max(start.anchor_at, wallet.last_entry_at or start.anchor_at)
    return Subscription(
        wallet=wallet,
        plan_version=start.plan_version,
        interval=start.interval,
        anchor_at=anchor_at,
        paid_through=start.paid_through,
        renews_at=anchor_at,
    )
