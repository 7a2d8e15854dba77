"""The background's part: settle, in chunks, the wallets on which something is due.

A sweep only does early what a member's next operation would do, by the same code: losing one, running two at once or
killing one in the middle changes nothing but the moment.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from django.db import IntegrityError, connection
from django.db.models import Model, Q, QuerySet

from accounts.busy import Busy, try_whole
from billing import bulk, grace, plain_renewals
from billing.bookkeeping import open_books, write
from billing.models import Lot, Subscription, Wallet
from billing.settling import settle_book

logger = logging.getLogger(__name__)

# One transaction a chunk; on SQLite it keeps all other writers waiting: under 200 ms.
WALLETS_A_CHUNK = 100
# On PostgreSQL, half a second; a member who sends meanwhile waits for it, and not in vain.
PLAIN_WALLETS_A_CHUNK = 1_000
WALLETS_A_RUN = 50_000
# A run ends well before the worker's time limit; the next sweep goes on.
SECONDS_A_RUN = 60


def renew(*, at: datetime) -> Counter[str]:
    """Periods that start and plans that change or end by `at`; on PostgreSQL the plain renewals first, by thousands."""
    posted: Counter[str] = Counter()
    wallet_ids = wallets_of(subscriptions_due(at))
    if connection.vendor == "postgresql":
        posted += _renew_plain(wallet_ids, at=at)
        # Of these alone: asked anew without a limit, the next fifty thousand plain ones would go the general way.
        wallet_ids = wallets_of(subscriptions_due(at).filter(wallet__in=bulk.each(wallet_ids)))
    return posted + settle_wallets(wallet_ids, at=at, wait=False)


def expire(*, at: datetime) -> Counter[str]:
    """Lots that ended by `at`: nobody could spend them any more, now the journal says so."""
    return settle_wallets(wallets_of(lots_over(at)), at=at, wait=False)


def subscriptions_due(at: datetime) -> QuerySet[Subscription]:
    """Running ones whose next period, change or end has come; with the grace of a payment counted in."""
    come = Q(renews_at__lte=at) | Q(cancel_at__lte=at) | Q(changes_at__lte=at) | grace.over(at)
    return Subscription.objects.running().filter(come)


def lots_over(at: datetime) -> QuerySet[Lot]:
    return Lot.objects.filter(closed_at=None, frozen_at=None, expires_at__lte=at)


def wallets_of(due: QuerySet[Model], *, limit: int = WALLETS_A_RUN) -> list[int]:
    return list(due.order_by("wallet_id").values_list("wallet_id", flat=True).distinct()[:limit])


def settle_wallets(wallet_ids: Sequence[int], *, at: datetime, wait: bool) -> Counter[str]:
    """Settle these wallets chunk by chunk and count the entries by kind.

    Wallets that somebody else holds are skipped (PostgreSQL): that somebody settles them. `wait` waits for them.
    """
    posted: Counter[str] = Counter()
    stop_at = time.monotonic() + SECONDS_A_RUN
    for chunk in _chunks(wallet_ids, size=WALLETS_A_CHUNK):
        if time.monotonic() > stop_at:
            break
        try:
            posted += _settle(chunk, at=at, wait=wait)
        except (Busy, IntegrityError):
            posted += _one_by_one(chunk, at=at, wait=wait)
    return posted


def _renew_plain(wallet_ids: Sequence[int], *, at: datetime) -> Counter[str]:
    """A chunk that fails is left whole to the general way, which finds what is wrong wallet by wallet."""
    posted: Counter[str] = Counter()
    for chunk in _chunks(wallet_ids, size=PLAIN_WALLETS_A_CHUNK):
        try:
            posted += try_whole(partial(plain_renewals.renew_chunk, chunk, at=at))
        except (Busy, IntegrityError) as error:
            logger.warning("a chunk of renewals goes the general way: %s", type(error).__name__)
    return posted


def words(posted: Counter[str]) -> str:
    """`3 expire, 12 grant`, for the console."""
    return ", ".join(f"{number} {kind}" for kind, number in sorted(posted.items())) or "nothing due"


def _settle(wallet_ids: Sequence[int], *, at: datetime, wait: bool) -> Counter[str]:
    return try_whole(partial(_settle_chunk, wallet_ids, at=at, wait=wait))


def _settle_chunk(wallet_ids: Sequence[int], *, at: datetime, wait: bool) -> Counter[str]:
    """Locks in order of id; what is due is read afterwards, so that of two sweeps the second finds nothing."""
    locked = Wallet.objects.select_for_update(no_key=True, skip_locked=not wait).filter(pk__in=wallet_ids)
    books = open_books(locked.order_by("pk"), until=at, recorded_at=at)
    for book in books:
        settle_book(book, until=at)
    return Counter(str(entry.kind) for entry in write(books))


def _one_by_one(wallet_ids: Sequence[int], *, at: datetime, wait: bool) -> Counter[str]:
    """A wallet that is busy, or broken by something that went around the ledger, must not hold up the others."""
    posted: Counter[str] = Counter()
    for wallet_id in wallet_ids:
        try:
            posted += _settle([wallet_id], at=at, wait=wait)
        except (Busy, IntegrityError) as error:
            logger.error("wallet %s was left for the next sweep: %s", wallet_id, type(error).__name__)
    return posted


def _chunks(wallet_ids: Sequence[int], *, size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(wallet_ids), size):
        yield wallet_ids[start : start + size]
