"""One wallet's book, open in memory: its lots, its subscription, the returns it owes, and what is posted to them.

Nothing here reads or writes the database: `billing.bookkeeping` opens books, one or hundreds by the same
queries, and writes what was posted.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.site_policy import Timeline
from billing.models import Charge, Entry, Lot, Period, Shortfall, Subscription, Wallet

Kind = Entry.Kind


class NotEnoughCredits(Exception):
    """The wallet holds `balance` alive credits; `needed` were asked for."""

    def __init__(self, *, balance: int, needed: int) -> None:
        super().__init__(f"{needed} credits needed, {balance} there")
        self.balance = balance
        self.needed = needed


@dataclass(frozen=True)
class Due:
    """A charge and what it took from each lot (oldest taking first) and has not got back."""

    charge: Charge
    takings: tuple[tuple[Lot, int], ...]
    # Of the charge's own terms: how long a credit lives whose lot is dead.
    grace: timedelta


@dataclass(eq=False)
class Book:
    """`lots` are the open ones; `recorded_at` is the real time of writing, entries have their own."""

    wallet: Wallet
    recorded_at: datetime
    lots: list[Lot] = field(default_factory=list)
    subscription: Subscription | None = None
    # Active seats of the team whose pool this is; a member's own wallet has one.
    seats: int = 1
    policies: Timeline = field(default_factory=Timeline)
    dues: list[Due] = field(default_factory=list)
    # Open ones, loaded where credits come back or are bought: these pay them.
    shortfalls: list[Shortfall] = field(default_factory=list)
    # What was posted and is to be written.
    entries: list[Entry] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    changed_lots: dict[int, Lot] = field(default_factory=dict)
    changed_shortfalls: dict[int, Shortfall] = field(default_factory=dict)
    given_back: list[Charge] = field(default_factory=list)
    changed_subscription: Subscription | None = None
    # Subscriptions that take the place of the one before, in this order; they have no ids yet.
    opened: list[Subscription] = field(default_factory=list)

    def not_before_last_entry(self, at: datetime) -> datetime:
        """A clock that went back writes nothing older than the last entry (domain 5.3)."""
        last_entry_at = self.wallet.last_entry_at
        return at if last_entry_at is None else max(at, last_entry_at)

    def note(self, subscription: Subscription) -> None:
        """It changed, and has to be written; one that was opened here is written anyway."""
        if not subscription._state.adding:
            self.changed_subscription = subscription

    def id_of(self, subscription: Subscription) -> str:
        """For a key; of one that has no id yet, the mark that becomes it when it is written."""
        if not subscription._state.adding:
            return str(subscription.pk)
        return f"{{subscription:{self.opened.index(subscription)}}}"

    def alive(self, at: datetime) -> list[Lot]:
        """Spendable lots in spend order: priority, earliest end, age (domain 5.4)."""
        alive = [lot for lot in self.lots if is_alive(lot, at) and lot.remaining]
        return sorted(alive, key=lambda lot: (lot.priority, lot.expires_at, age(lot)))

    def grant(
        self, *, amount: int, at: datetime, key: str, kind: Kind = Kind.GRANT, facts: dict[str, Any], **lot_facts: Any
    ) -> Lot:
        """Open a lot with the whole amount in it. `facts` go to the entry, `lot_facts` to the lot."""
        if "policy_version_id" not in lot_facts:
            lot_facts["policy_version_id"] = self.policies.version_at(self.not_before_last_entry(at))
        lot = Lot(wallet=self.wallet, granted=amount, remaining=0, **lot_facts)
        self.lots.append(lot)
        self._post(kind, lot, amount, at=at, key=key, **facts)
        return lot

    def take(self, amount: int, *, at: datetime, kind: Kind, key: str, lots: list[Lot], **facts: Any) -> None:
        """Take credits from these lots in their order. Raises NotEnoughCredits before anything is posted."""
        balance = sum(lot.remaining for lot in lots)
        if balance < amount:
            raise NotEnoughCredits(balance=balance, needed=amount)
        for lot in lots:
            part = min(lot.remaining, amount)
            if part:
                self._post(kind, lot, -part, at=at, key=key, **facts)
                amount -= part

    def expire(self, lot: Lot, *, at: datetime) -> None:
        self._close(lot, Kind.EXPIRE, at=at, key="expire:{lot}")

    def forfeit(self, lot: Lot, *, at: datetime, cause: str) -> None:
        self._close(lot, Kind.FORFEIT, at=at, key=f"forfeit:{cause}:{{lot}}")

    def trim(self, *, cap: int, at: datetime, cause: str) -> None:
        """Take what plan credits exceed the cap, from those that end first; a year's bonus is outside it."""
        counted = [lot for lot in self.plan_lots() if lot.source != Lot.Source.BONUS]
        lots = sorted(counted, key=lambda lot: (lot.expires_at, age(lot)))
        excess = sum(lot.remaining for lot in lots) - cap
        for lot in lots:
            part = min(lot.remaining, excess)
            if part > 0:
                self._post(Kind.TRIM, lot, -part, at=at, key=f"trim:{cause}:{{lot}}")
                excess -= part
                if lot.remaining == 0:
                    self._shut(lot, at=at)

    def give_back(self, due: Due, *, at: datetime, kind: Kind, reason: str = "") -> None:
        """A return or a reversal of a whole charge, lot by lot, by the table of domain 5.5. Never trims."""
        at = self.not_before_last_entry(at)
        for origin, amount in due.takings:
            facts = {"charge": due.charge, "origin_lot": origin, "reason": reason}
            key = f"{kind.value}:{due.charge.pk}:{origin.pk}"
            owed = self._owed_of(origin)
            if not owed and (is_alive(origin, at) or is_disputed(origin)):
                self._post(kind, origin, amount, at=at, key=key, **facts)
                continue
            life = _life_of_return(origin, due, at=at)
            lot = self.grant(amount=amount, at=at, key=key, kind=kind, facts=facts, **life)
            if origin.priority == Lot.Priority.PLAN and self.subscription is None:
                self.forfeit(lot, at=at, cause=f"{kind.value}-{due.charge.pk}")
            self.pay(owed, out_of=lot, at=at, charge=due.charge, origin_lot=origin)
        self.given_back.append(due.charge)

    def claw_back(self, amount: int, *, at: datetime, cause: str, lots: list[Lot]) -> int:
        """Take up to `amount` from these lots in their order, disputed ones too; answers how much was there.

        A lot that is emptied is dead: what comes back later does not make it a purchase again.
        """
        taken = 0
        for lot in lots:
            part = min(lot.remaining, amount - taken)
            if part:
                self._post(Kind.CLAWBACK, lot, -part, at=at, key=f"clawback:{cause}:{{lot}}")
                taken += part
            if not lot.remaining:
                self._shut(lot, at=at)
        return taken

    def pay(self, shortfalls: list[Shortfall], *, out_of: Lot, at: datetime, **facts: Any) -> None:
        """Let the credits of a lot make up for those that were taken back after they were spent."""
        at = self.not_before_last_entry(at)
        for shortfall in shortfalls:
            part = min(out_of.remaining, shortfall.remaining)
            if part:
                self._post(Kind.CLAWBACK, out_of, -part, at=at, key=f"clawback:{shortfall.cause}:{{lot}}", **facts)
                shortfall.remaining -= part
                shortfall.closed_at = None if shortfall.remaining else at
                self.changed_shortfalls[id(shortfall)] = shortfall
        if shortfalls and not out_of.remaining:
            self._shut(out_of, at=at)

    def _owed_of(self, origin: Lot) -> list[Shortfall]:
        """Open shortfalls of the purchase that these credits were of."""
        root = origin.root_id or origin.pk
        return [shortfall for shortfall in self.shortfalls if shortfall.lot_id == root and shortfall.remaining]

    def plan_lots(self) -> list[Lot]:
        """Open lots of plan credits and their return lots: what a cap counts and a plan's end takes."""
        return [lot for lot in self.lots if lot.priority == Lot.Priority.PLAN]

    def _close(self, lot: Lot, kind: Kind, *, at: datetime, key: str) -> None:
        if lot.remaining:
            self._post(kind, lot, -lot.remaining, at=at, key=key)
        self._shut(lot, at=at)

    def _shut(self, lot: Lot, *, at: datetime) -> None:
        lot.closed_at = self.not_before_last_entry(at)
        self.lots = [other for other in self.lots if other is not lot]
        self.changed_lots[id(lot)] = lot

    def _post(self, kind: Kind, lot: Lot, delta: int, *, at: datetime, key: str, **facts: Any) -> None:
        """The one place where credits move. `{lot}` in the key becomes the lot's id when it has one."""
        wallet = self.wallet
        at = self.not_before_last_entry(at)
        lot.remaining += delta
        wallet.balance += delta
        wallet.last_seq += 1
        wallet.last_entry_at = at
        self.changed_lots[id(lot)] = lot
        self.entries.append(
            Entry(
                wallet=wallet,
                seq=wallet.last_seq,
                lot=lot,
                kind=kind,
                delta=delta,
                balance_after=wallet.balance,
                lot_remaining_after=lot.remaining,
                occurred_at=at,
                recorded_at=self.recorded_at,
                key=key,
                **facts,
            )
        )


def is_alive(lot: Lot, at: datetime) -> bool:
    """Spendable at `at` (domain 5.2). The query of the same name is `Lot.objects.alive`."""
    return lot.closed_at is None and lot.frozen_at is None and lot.effective_at <= at < lot.expires_at


def is_disputed(lot: Lot) -> bool:
    """Frozen until its payment is decided: unspendable, without an end, but credits come back into it."""
    return lot.closed_at is None and lot.frozen_at is not None


def age(lot: Lot) -> float:
    """For order by id: a lot that is not written yet is younger than all that are."""
    return float("inf") if lot.pk is None else lot.pk


def _life_of_return(origin: Lot, due: Due, *, at: datetime) -> dict[str, Any]:
    """A credit whose lot is dead comes back on a new lot, which lives at least the grace."""
    return {
        "source": Lot.Source.RETURN,
        "priority": origin.priority,
        "effective_at": at,
        "expires_at": max(origin.expires_at, at + due.grace),
        "root_id": origin.root_id or origin.pk,
        "subscription_id": origin.subscription_id,
        "policy_version_id": due.charge.policy_version_id,
    }
