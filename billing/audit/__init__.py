"""The invariants of domain 10 on the real data: reports, holds the wallets in breach, never repairs.

Wallets are walked in chunks without locks; one that looks wrong is looked at again under its lock, so that a charge in
passing is no breach.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from accounts.busy import short_wait
from billing.audit import runs
from billing.audit.breach import Breach
from billing.audit.journal import breaches_of_journals
from billing.audit.late import late
from billing.audit.money import breaches_of_money
from billing.audit.plans import breaches_of_plans
from billing.audit.schema import breaches_of_schema
from billing.models import Wallet

__all__ = ["Breach", "StillInBreach", "Verification", "late", "overdue", "release", "runs", "schema", "verify", "walk"]

WALLETS_A_CHUNK = 200


class StillInBreach(Exception):
    """The wallet is not released; `breaches` say why."""

    def __init__(self, breaches: list[Breach]) -> None:
        super().__init__("; ".join(map(str, breaches)))
        self.breaches = breaches


@dataclass
class Verification:
    """`rest_after` is the wallet after which a slice of limited time stopped; None = all were seen."""

    wallets: int = 0
    breaches: list[Breach] = field(default_factory=list)
    rest_after: int | None = None

    def __str__(self) -> str:
        held = sorted(_wallets_in(self.breaches))
        found = f"{len(self.breaches)} breaches, wallets on hold: {held[:20]}" if self.breaches else "no breach"
        return f"{self.wallets} wallets: {found}"


def verify(*, at: datetime, after: int = 0, seconds: float | None = None, holds: bool = True) -> Verification:
    """Walk the wallets with an id above `after`, for at most `seconds`, and put those in breach on hold.

    The first slice looks at the schema too.
    """
    seen = Verification(breaches=[] if after else schema())
    stop_at = None if seconds is None else time.monotonic() + seconds
    for wallet_ids, breaches in walk(at=at, after=after, holds=holds):
        seen.wallets += len(wallet_ids)
        seen.breaches += breaches
        if stop_at is not None and time.monotonic() > stop_at:
            seen.rest_after = wallet_ids[-1]
            break
    return seen


def walk(*, at: datetime, after: int = 0, holds: bool = True) -> Iterator[tuple[list[int], list[Breach]]]:
    """Chunk by chunk: the wallets seen, and their breaches."""
    while wallet_ids := _next_wallets(after):
        suspects = _wallets_in(_breaches(wallet_ids))
        yield wallet_ids, _confirmed(suspects, at=at, holds=holds) if suspects else []
        after = wallet_ids[-1]


def schema() -> list[Breach]:
    """R15: the constraints, and on PostgreSQL the triggers, that the models name are there."""
    return breaches_of_schema()


def overdue(*, at: datetime) -> list[Breach]:
    """R16: what waits beyond its limit, as differences of a run."""
    return [Breach("R16", None, sentence) for sentence in late(at=at)]


def release(*, wallet: Wallet, at: datetime) -> Wallet:
    """Take a wallet off hold if it is clean now. Raises StillInBreach."""
    with short_wait():
        held = Wallet.objects.select_for_update(no_key=True).get(pk=wallet.pk)
        if breaches := _breaches([held.pk]):
            raise StillInBreach(breaches)
        held.frozen_at = None
        held.save(update_fields=["frozen_at"])
    return held


def _next_wallets(after: int) -> list[int]:
    return list(Wallet.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:WALLETS_A_CHUNK])


def _confirmed(suspects: set[int], *, at: datetime, holds: bool) -> list[Breach]:
    with short_wait():
        locked = Wallet.objects.select_for_update(no_key=True).filter(pk__in=suspects).order_by("pk")
        breaches = _breaches([wallet.pk for wallet in locked])
        if holds:
            Wallet.objects.filter(pk__in=_wallets_in(breaches), frozen_at=None).update(frozen_at=at)
    return breaches


def _wallets_in(breaches: list[Breach]) -> set[int]:
    return {breach.wallet_id for breach in breaches if breach.wallet_id is not None}


def _breaches(wallet_ids: list[int]) -> list[Breach]:
    return [*breaches_of_journals(wallet_ids), *breaches_of_plans(wallet_ids), *breaches_of_money(wallet_ids)]
