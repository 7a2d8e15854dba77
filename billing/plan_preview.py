"""What a change of plan does to every credit, when, and what it costs: read off a book in which it was carried out.

The book is opened without locks and thrown away; nothing here writes.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Sum

from accounts.clock import FOREVER

from . import allotments, succession
from .bookkeeping import open_books
from .models import Charge, Entry, Lot, PlanVersion, Subscription, Wallet
from .payments import provider
from .periods import term_end_after
from .plan_money import credit_left_over, days_left, unused_share, upgrade_price
from .prices import owed, part_paid_by_credit, term_price
from .settling import settle_book

Kind = Entry.Kind
JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Line:
    """Credits of one lot, and the instant that matters: their end, or when they are lost."""

    lot: Lot
    amount: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Bill:
    """Minor units. `price` is a whole term of the new plan, `unused` what days of the old one have cost and are left.

    `due` is to be paid now, after `credit_used`; `credit_after` is owed to the holder then.
    """

    currency: str
    price: int
    price_at: datetime
    unused: int = 0
    days_left: int = 0
    due: int = 0
    credit_used: int = 0
    credit_after: int = 0
    # The next price after this one; empty = none is foreseen.
    next_price_at: datetime | None = None

    @property
    def due_before_credit(self) -> int:
        return self.due + self.credit_used


@dataclass(frozen=True, kw_only=True)
class Change:
    """`kept`, `ended` (by themselves, before) and `lost` are of the credits held now; `gained` are new.

    `plan_then` plan credits held at that instant, `may_return` that may have come back by then and the new ones are
    what a `cap` is held against: at worst `could_lose` go. `also_lost`: plan credits that arrive until then.
    """

    kind: str
    version: PlanVersion | None = None
    interval: str = ""
    # Licences that are paid for then.
    seats: int = 1
    takes_effect_at: datetime
    is_at_once: bool
    held: int
    kept: tuple[Line, ...] = ()
    ended: tuple[Line, ...] = ()
    lost: tuple[Line, ...] = ()
    gained: tuple[Line, ...] = ()
    also_lost: int = 0
    balance_after: int = 0
    may_come_back: int = 0
    plan_then: int = 0
    may_return: int = 0
    new: int = 0
    cap: int | None = None
    next_amount: int | None = None
    next_at: datetime | None = None
    bill: Bill | None = None
    # Of what is shown, dates by the day: posted back, it says whether it still holds.
    digest: str = field(default="", compare=False)

    @property
    def lost_total(self) -> int:
        return sum(line.amount for line in self.lost)

    @property
    def kept_total(self) -> int:
        return sum(line.amount for line in self.kept)

    @property
    def could_lose(self) -> int:
        """By the cap, at worst: nothing is spent, and all that may come back does."""
        sum_of_all = self.plan_then + self.may_return + self.new
        return 0 if self.cap is None else max(sum_of_all - self.cap, 0)


def of_upgrade(
    held: Subscription, version: PlanVersion, interval: str, paid_through: datetime, *, seats: int, at: datetime
) -> Change:
    """Another plan at once."""
    seen = _Reading(held, at=at)
    terms: dict[str, Any] = {"interval": interval, "seats": seats}
    bill = _bill_now(held, version, paid_through, at=seen.at, **terms)
    seen.begin(seen.at)
    succession.upgrade(seen.book, plan_version=version, paid_through=paid_through, at=seen.at, **terms)
    return seen.end("upgrade", version=version, bill=bill, **terms)


def of_downgrade(held: Subscription, version: PlanVersion, interval: str, *, seats: int, at: datetime) -> Change:
    """Another plan with the next term, which is taken to be paid in time."""
    seen = _Reading(held, at=at)
    terms: dict[str, Any] = {"interval": interval, "seats": seats}
    effect = succession.wait(seen.book, plan_version=version, at=seen.at, **terms)
    bill = _bill_then(held, version, effect, **terms)
    seen.begin(effect)
    if seen.book.subscription is not None and bill.next_price_at is not None:
        seen.book.subscription.paid_through = max(seen.book.subscription.paid_through, bill.next_price_at)
    return seen.end("downgrade", version=version, bill=bill, **terms)


def of_cancellation(held: Subscription, *, at: datetime) -> Change:
    """No plan when the term ends, or by policy now."""
    seen = _Reading(held, at=at)
    seen.begin(succession.cancel(seen.book, at=seen.at))
    return seen.end("cancel")


class _Reading:
    """One book, from what is held now to what is held when the change took effect."""

    def __init__(self, held: Subscription, *, at: datetime) -> None:
        # A wallet of its own: posting to a book changes the wallet in memory.
        wallet = Wallet.objects.get(pk=held.wallet_id)
        self.book = open_books([wallet], until=FOREVER, recorded_at=at, lock=False)[0]
        self.pending = {due.charge.pk for due in self.book.dues}
        settle_book(self.book, until=at)
        self.at = self.effect = self.book.not_before_last_entry(at)
        self.held = {id(lot): (lot, lot.remaining) for lot in self.book.alive(self.at)}
        self.settled = self.before = len(self.book.entries)
        self.plan_then = 0

    def begin(self, effect: datetime) -> None:
        """Time passes until just before the change."""
        self.effect = effect
        if effect > self.at:
            settle_book(self.book, until=effect - JUST_BEFORE)
        self.before = len(self.book.entries)
        counted = [lot for lot in self.book.plan_lots() if lot.source != Lot.Source.BONUS]
        self.plan_then = sum(lot.remaining for lot in counted if lot.expires_at > effect)

    def end(self, kind: str, *, version: PlanVersion | None = None, bill: Bill | None = None, **terms: Any) -> Change:
        """The change takes effect, and is told."""
        settle_book(self.book, until=self.effect)
        next_amount, next_at = self._next_allotment()
        lost = list(self._lost())
        change = Change(
            kind=kind,
            version=version,
            takes_effect_at=self.effect,
            is_at_once=self.effect <= self.at,
            held=sum(amount for _, amount in self.held.values()),
            kept=tuple(self._kept()),
            ended=tuple(self._ended()),
            lost=tuple(line for line in lost if id(line.lot) in self.held),
            also_lost=sum(line.amount for line in lost if id(line.lot) not in self.held),
            gained=tuple(self._gained()),
            balance_after=sum(lot.remaining for lot in self.book.alive(self.book.not_before_last_entry(self.effect))),
            plan_then=self.plan_then,
            next_amount=next_amount,
            next_at=next_at,
            bill=bill,
            **terms,
            **self._returns(),
        )
        return replace(change, digest=_digest(change))

    def _lost(self) -> Iterator[Line]:
        """Forfeited or trimmed by the change itself."""
        gone = self._taken(self.book.entries[self.before :], {Kind.FORFEIT, Kind.TRIM})
        return (Line(lot=lot, amount=amount, at=self.effect) for lot, amount, _ in gone)

    def _ended(self) -> Iterator[Line]:
        """Expired or over the cap before the change, or at its instant but whether or not it comes."""
        early = self._taken(self.book.entries[self.settled : self.before], {Kind.EXPIRE, Kind.TRIM})
        late = self._taken(self.book.entries[self.before :], {Kind.EXPIRE})
        return (Line(lot=lot, amount=n, at=at) for lot, n, at in [*early, *late] if id(lot) in self.held)

    def _kept(self) -> Iterator[Line]:
        for lot, amount in self.held.values():
            if lot.closed_at is None and lot.remaining:
                yield Line(lot=lot, amount=min(lot.remaining, amount), at=lot.expires_at)

    def _gained(self) -> Iterator[Line]:
        for entry in self.book.entries[self.before :]:
            if entry.kind == Kind.GRANT:
                yield Line(lot=entry.lot, amount=entry.delta, at=entry.lot.expires_at)

    @staticmethod
    def _taken(entries: Iterable[Entry], kinds: set[Entry.Kind]) -> list[tuple[Lot, int, datetime]]:
        taken: dict[int, tuple[Lot, int, datetime]] = {}
        for entry in entries:
            if entry.kind in kinds:
                _, before, _ = taken.get(id(entry.lot), (None, 0, None))
                taken[id(entry.lot)] = (entry.lot, before - entry.delta, entry.occurred_at)
        return list(taken.values())

    def _returns(self) -> dict[str, Any]:
        """What may come back, what of it a cap would count, and what is new beside it."""
        waiting = Charge.objects.filter(wallet=self.book.wallet).may_come_back(self.at).exclude(pk__in=self.pending)
        entries = Entry.objects.filter(charge__in=waiting.values("pk"), kind=Kind.CHARGE)
        all_of_them, of_plan = Sum("delta"), Sum("delta", filter=Q(lot__priority=Lot.Priority.PLAN))
        sums = entries.aggregate(all=all_of_them, plan=of_plan)
        running = self.book.subscription
        return {
            "may_come_back": -(sums["all"] or 0),
            "may_return": -(sums["plan"] or 0),
            "new": sum(line.amount for line in self._gained() if line.lot.source == Lot.Source.PLAN),
            "cap": None if running is None else allotments.cap(running, seats=self.book.seats),
        }

    def _next_allotment(self) -> tuple[int | None, datetime | None]:
        """Of the plan that runs then, if the terms that follow are paid."""
        running = self.book.subscription
        if running is None:
            return None, None
        n, contract = running.next_n, running.contract_allotment
        amount = allotments.amount(
            running.plan_version, anchor_at=running.anchor_at, n=n, contract=contract, seats=self.book.seats
        )
        return (amount, allotments.period_bounds(running, n)[0]) if amount else (None, None)


def _bill_now(
    held: Subscription, version: PlanVersion, paid_through: datetime, *, interval: str, seats: int, at: datetime
) -> Bill:
    """The first term at once, less what is left of the old one, less what is owed to the holder."""
    due = upgrade_price(held, version, interval, seats=seats, at=at)
    left_over = credit_left_over(held, version, interval, seats=seats, at=at)
    credit = owed(held.wallet, version.currency) + left_over
    collector = provider()
    used = part_paid_by_credit(due, credit, least_amount=collector.least_amount if collector else 1)
    return Bill(
        currency=version.currency,
        price=term_price(version, interval, seats=seats),
        price_at=at,
        unused=unused_share(held, at=at),
        days_left=days_left(held, at=at)[0],
        due=due - used,
        credit_used=used,
        credit_after=credit - used,
        next_price_at=None if paid_through >= FOREVER else paid_through,
    )


def _bill_then(held: Subscription, version: PlanVersion, effect: datetime, *, interval: str, seats: int) -> Bill:
    """Nothing now; the new price from the next term on."""
    is_endless = held.paid_through >= FOREVER
    return Bill(
        currency=version.currency,
        price=term_price(version, interval, seats=seats),
        price_at=effect,
        credit_after=owed(held.wallet, version.currency),
        next_price_at=None if is_endless else term_end_after(effect, anchor_at=effect, interval=interval),
    )


def _digest(change: Change) -> str:
    """Dates by the day: a minute later nothing has changed for whoever reads it."""
    facts: list[Any] = [change.kind, change.version.pk if change.version else 0, change.interval, change.is_at_once]
    for lines in (change.kept, change.ended, change.lost, change.gained):
        # Not by id: what is due already may be written meanwhile.
        facts += [[(str(line.lot.source), line.lot.effective_at.date(), line.amount, line.at.date()) for line in lines]]
    facts += [change.takes_effect_at.date(), change.also_lost, change.could_lose, change.may_come_back]
    facts += [change.next_amount, change.next_at and change.next_at.date(), change.seats]
    if change.bill is not None:
        bill = change.bill
        facts += [bill.price, bill.unused, bill.due, bill.credit_used, bill.credit_after]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
