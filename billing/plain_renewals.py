"""The renewal that almost all wallets need, a thousand at a time and without a model object a row (PostgreSQL).

Plain is a member's wallet on which expiries and after them one renewal are due, and nothing else. What is not plain,
or held by somebody else, is left alone: `billing.settling` does it. Both write the same rows to the last byte of the
hash (tests/billing/test_plain_renewals.py), and ask `billing.allotments` for figures and dates.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.db.models.expressions import RawSQL

from accounts.site_policy import Timeline, timeline
from billing import allotments, bulk
from billing.bulk import Row
from billing.models import Charge, Entry, Lot, Period, PlanVersion, Subscription, Wallet
from billing.models.entry import instant, link
from billing.models.subscription import Interval

# Where more happens than a renewal: pools and their seats, ends, changes that wait, bonuses, figures of contracts.
NOT_PLAIN = (
    Q(wallet__member=None)
    | Q(cancel_at__isnull=False)
    | Q(changes_at__isnull=False)
    | Q(contract_allotment__isnull=False)
    | Q(interval=Interval.YEAR, plan_version__annual_bonus_credits__gt=0)
)

SUBSCRIPTION = ("wallet_id", "plan_version_id", "id", "anchor_at", "paid_through", "paid_at", "next_n", "renews_at")
LOT = ("wallet_id", "id", "source", "priority", "remaining", "expires_at", "frozen_at")


class _Wallet(NamedTuple):
    id: int
    balance: int
    last_seq: int
    last_hash: str
    last_entry_at: datetime | None


@dataclass(slots=True)
class _Lot:
    """As the row; `closed_at` is written out."""

    id: int
    source: str
    priority: int
    remaining: int
    expires_at: datetime
    frozen_at: datetime | None = None
    closed_at: str | None = None


class _Renewal(NamedTuple):
    """Period `n`. `expiring` and `kept` are the open lots that end by its start and after it, the earliest first."""

    wallet: _Wallet
    subscription_id: int
    plan_version_id: int
    n: int
    amount: int
    cap: int | None
    starts_at: datetime
    ends_at: datetime
    lot_end: datetime
    next_at: datetime | None
    expiring: list[_Lot]
    kept: list[_Lot]


def renew_chunk(wallet_ids: Sequence[int], *, at: datetime) -> Counter[str]:
    """Renew the plain ones of these wallets that nobody holds; counts the entries by kind. In a transaction.

    Locks in order of id, and reads what is due after the lock: of two sweeps the second finds nothing.
    """
    renewals = list(_plain(_lock(wallet_ids), at=at))
    page = _Page(recorded_at=instant(at), policies=timeline())
    for renewal, lot_id in zip(renewals, bulk.new_ids(Lot, len(renewals)), strict=True):
        page.add(renewal, lot_id)
    page.write()
    return page.posted


# --- Reading ------------------------------------------------------------------------------------


def _lock(wallet_ids: Sequence[int]) -> dict[int, _Wallet]:
    locked = Wallet.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=bulk.each(wallet_ids))
    return {row[0]: _Wallet(*row) for row in bulk.read(locked.order_by("pk"), *_Wallet._fields)}


def _plain(wallets: dict[int, _Wallet], *, at: datetime) -> Iterator[_Renewal]:
    """In order of the wallets, as their lots get ids in that order."""
    ids = bulk.each(wallets)
    lots, specimens = _open_lots(ids), _Specimens()
    with_returns = set(Charge.objects.due(at).filter(wallet__in=ids).values_list("wallet_id", flat=True))
    due = Subscription.objects.running().filter(wallet__in=ids, renews_at__lte=at, paid_through__gt=at)
    for wallet_id, version_id, *facts in bulk.read(due.exclude(NOT_PLAIN).order_by("wallet_id"), *SUBSCRIPTION):
        if wallet_id not in with_returns:
            subscription = specimens.subscription(version_id, facts)
            renewal = _renewal(wallets[wallet_id], subscription, lots[wallet_id])
            if _is_plain(renewal, subscription, at=at):
                yield renewal


class _Specimens(dict[int, Subscription]):
    """One subscription for each plan version, to ask `allotments` about one row after the other."""

    def __missing__(self, version_id: int) -> Subscription:
        self[version_id] = Subscription(plan_version=PlanVersion.objects.get(pk=version_id))
        return self[version_id]

    def subscription(self, version_id: int, facts: Iterable[object]) -> Subscription:
        specimen = self[version_id]
        for name, fact in zip(SUBSCRIPTION[2:], facts, strict=True):
            setattr(specimen, name, fact)
        return specimen


def _open_lots(wallet_ids: RawSQL) -> dict[int, list[_Lot]]:
    found: dict[int, list[_Lot]] = defaultdict(list)
    lots = Lot.objects.filter(wallet__in=wallet_ids, closed_at=None).order_by("expires_at", "priority", "id")
    for wallet_id, *facts in bulk.read(lots, *LOT):
        found[wallet_id].append(_Lot(*facts))
    return found


def _renewal(wallet: _Wallet, subscription: Subscription, lots: list[_Lot]) -> _Renewal:
    terms, n = subscription.plan_version, subscription.next_n
    starts_at, ends_at = allotments.period_bounds(subscription, n)
    expiring = [lot for lot in lots if lot.expires_at <= starts_at]
    subscription.next_n = n + 1
    return _Renewal(
        wallet=wallet,
        subscription_id=subscription.pk,
        plan_version_id=terms.pk,
        n=n,
        amount=allotments.amount(terms, anchor_at=subscription.anchor_at, n=n),
        cap=allotments.cap(subscription, seats=1),
        starts_at=starts_at,
        ends_at=ends_at,
        lot_end=allotments.lot_end(subscription, starts_at=starts_at, ends_at=ends_at),
        next_at=allotments.next_renewal(subscription),
        expiring=expiring,
        kept=lots[len(expiring) :],
    )


def _is_plain(renewal: _Renewal, subscription: Subscription, *, at: datetime) -> bool:
    """Nothing due before the last entry, nothing after the renewal: no second period, no expiry in between."""
    lots, last_entry_at = renewal.expiring + renewal.kept, renewal.wallet.last_entry_at
    first_at = renewal.expiring[0].expires_at if renewal.expiring else renewal.starts_at
    return (
        renewal.amount > 0
        and subscription.renews_at == renewal.starts_at
        and (last_entry_at is None or last_entry_at <= first_at)
        and at < renewal.ends_at
        and at < renewal.lot_end
        and (not renewal.kept or at < renewal.kept[0].expires_at)
        and not any(lot.frozen_at for lot in lots)
    )


# --- Posting ------------------------------------------------------------------------------------


class _Pen:
    """Posts to one wallet, each entry hashed after the one before; instants are written out."""

    def __init__(self, wallet: _Wallet, page: "_Page") -> None:
        self.wallet, self.page = wallet, page
        self.balance, self.seq, self.hash = wallet.balance, wallet.last_seq, wallet.last_hash
        self.touched: list[_Lot] = []

    def post(self, kind: str, lot: _Lot, delta: int, *, at: str, key: str) -> None:
        self.seq += 1
        self.balance += delta
        lot.remaining += delta
        facts = (self.wallet.id, self.seq, lot.id, kind, delta, self.balance, lot.remaining)
        self.hash = link(self.hash, *facts, None, None, at, self.page.recorded_at)
        self.page.entries.append((*facts, "", at, self.page.recorded_at, key, self.hash))
        self.page.posted[kind] += 1

    def expire(self, lot: _Lot) -> None:
        at = instant(lot.expires_at)
        if lot.remaining:
            self.post("expire", lot, -lot.remaining, at=at, key=f"expire:{lot.id}")
        lot.closed_at = at
        self.touched.append(lot)

    def trim(self, lots: list[_Lot], *, cap: int, at: str, cause: str) -> None:
        """As `Book.trim`: plan credits over the cap, from those that end first; a year's bonus is outside it."""
        counted = [lot for lot in lots if lot.priority == Lot.Priority.PLAN and lot.source != Lot.Source.BONUS]
        excess = sum(lot.remaining for lot in counted) - cap
        for lot in sorted(counted, key=lambda lot: (lot.expires_at, lot.id)):
            part = min(lot.remaining, excess)
            if part > 0:
                excess -= part
                self.post("trim", lot, -part, at=at, key=f"trim:{cause}:{lot.id}")
                lot.closed_at = None if lot.remaining else at
                self.touched.append(lot)


@dataclass
class _Page:
    """The rows of a chunk; each tuple has the columns that `write` names."""

    recorded_at: str
    policies: Timeline
    posted: Counter[str] = field(default_factory=Counter)
    new_lots: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    periods: list[Row] = field(default_factory=list)
    lots: list[Row] = field(default_factory=list)
    wallets: list[Row] = field(default_factory=list)
    subscriptions: list[Row] = field(default_factory=list)

    def add(self, renewal: _Renewal, lot_id: int) -> None:
        pen, at, cause = (
            _Pen(renewal.wallet, self),
            instant(renewal.starts_at),
            f"{renewal.subscription_id}:{renewal.n}",
        )
        for lot in renewal.expiring:
            pen.expire(lot)
        new = _Lot(lot_id, "plan", Lot.Priority.PLAN.value, 0, renewal.lot_end)
        pen.post("grant", new, renewal.amount, at=at, key=f"grant:{cause}")
        if renewal.cap is not None:
            pen.trim([*renewal.kept, new], cap=renewal.cap, at=at, cause=cause)
        self._add_changes(pen, renewal, new, at)

    def _add_changes(self, pen: _Pen, renewal: _Renewal, new: _Lot, at: str) -> None:
        wallet_id, subscription_id = renewal.wallet.id, renewal.subscription_id
        policy_id = self.policies.version_at(renewal.starts_at)
        life = (at, instant(renewal.lot_end), new.closed_at)
        facts = (new.source, new.priority, renewal.amount, new.remaining)
        self.new_lots.append((new.id, wallet_id, subscription_id, *facts, *life, policy_id))
        self.lots += [(lot.id, lot.remaining, lot.closed_at) for lot in pen.touched if lot is not new]
        span = (at, instant(renewal.ends_at))
        self.periods.append((subscription_id, renewal.plan_version_id, renewal.n, 1, *span, new.id))
        self.wallets.append((wallet_id, pen.balance, pen.seq, pen.hash, at))
        self.subscriptions.append((subscription_id, renewal.n + 1, renewal.next_at))

    def write(self) -> None:
        bulk.insert(Lot, self.new_lots, "id wallet_id subscription_id source priority granted remaining effective_at"
                " expires_at closed_at policy_version_id")  # fmt: skip
        bulk.insert(Entry, self.entries, "wallet_id seq lot_id kind delta balance_after lot_remaining_after reason"
                " occurred_at recorded_at key hash")  # fmt: skip
        bulk.insert(Period, self.periods, "subscription_id plan_version_id n seats starts_at ends_at lot_id")
        bulk.update(Lot, self.lots, "id remaining closed_at")
        bulk.update(Wallet, self.wallets, "id balance last_seq last_hash last_entry_at")
        bulk.update(Subscription, self.subscriptions, "id next_n renews_at")
