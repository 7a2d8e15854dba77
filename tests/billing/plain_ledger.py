"""The rules of domain 5 once more, as a list of lots in plain Python: no database, nothing shared with billing.

Slow and simple on purpose. It has no worker: it settles only when something is asked of it.
"""

import calendar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
GRACE_OF_PAYMENT = timedelta(days=7)
GRACE_OF_RETURN = timedelta(hours=720)
WINDOW = timedelta(hours=2160)


@dataclass(frozen=True)
class Terms:
    allotment: int
    renewal: str = "accumulate"
    credit_life_days: int | None = 90
    cap: int | None = None
    allotment_clock: str = "start"


@dataclass(eq=False)
class PlainLot:
    rank: int
    starts: datetime
    ends: datetime
    left: int = 0
    is_dead: bool = False


@dataclass(eq=False)
class PlainPlan:
    terms: Terms
    anchor: datetime
    paid: datetime
    cancelled: datetime | None = None
    given: int = 0

    def start(self, number: int) -> datetime:
        month = self.anchor.month - 1 + number
        year, month = self.anchor.year + month // 12, month % 12 + 1
        if self.terms.allotment_clock == "calendar_month" and number:
            return datetime(year, month, 1, tzinfo=UTC)
        return self.anchor.replace(
            year=year, month=month, day=min(self.anchor.day, calendar.monthrange(year, month)[1])
        )

    def end(self) -> datetime:
        unpaid = NEVER if self.paid == NEVER else self.paid + GRACE_OF_PAYMENT
        return min(unpaid, self.cancelled or NEVER)

    def next(self) -> datetime:
        starts = self.start(self.given)
        return starts if starts < min(self.paid, self.cancelled or NEVER) else NEVER


@dataclass(eq=False)
class PlainCharge:
    until: datetime
    takings: list[tuple[PlainLot, int]]
    answered: bool = False
    due: datetime | None = None
    is_over: bool = False


@dataclass
class PlainLedger:
    """`lines` are (kind, change, instant, balance), as the journal has them."""

    lots: list[PlainLot] = field(default_factory=list)
    plan: PlainPlan | None = None
    charges: dict[str, PlainCharge] = field(default_factory=dict)
    lines: list[tuple[str, int, datetime, int]] = field(default_factory=list)

    def now(self, at: datetime) -> datetime:
        return max(at, self.lines[-1][2]) if self.lines else at

    def write(self, kind: str, lot: PlainLot, change: int, at: datetime) -> None:
        lot.left += change
        assert lot.left >= 0
        self.lines.append((kind, change, at, sum(lot.left for lot in self.lots)))

    def balance(self, at: datetime) -> int:
        self.settle(at)
        return sum(lot.left for lot in self.lots)

    # --- What is asked of it --------------------------------------------------------------------

    def subscribe(self, terms: Terms, paid: datetime, at: datetime) -> None:
        self.settle(at)
        self.plan = PlainPlan(terms, self.now(at), paid)
        self.settle(at)

    def give(self, amount: int, life: timedelta, at: datetime) -> None:
        self.settle(at)
        self.open("grant", amount, 20, self.now(at), at + life, self.now(at))

    def charge(self, reference: str, cost: int, at: datetime) -> bool:
        self.settle(at)
        at = self.now(at)
        living = [lot for lot in self.lots if not lot.is_dead and lot.starts <= at < lot.ends]
        living.sort(key=lambda lot: (lot.rank, lot.ends, self.lots.index(lot)))
        if sum(lot.left for lot in living) < cost:
            return False
        takings = []
        for lot in living:
            part = min(cost, lot.left)
            if part:
                takings.append((lot, part))
                self.write("charge", lot, -part, at)
                cost -= part
        self.charges[reference] = PlainCharge(at + WINDOW, takings)
        return True

    def answer(self, reference: str, at: datetime, due: datetime) -> None:
        charge = self.charges[reference]
        if not charge.answered and not charge.is_over and at < charge.until:
            charge.answered, charge.due = True, due

    def take_back(self, reference: str) -> None:
        charge = self.charges[reference]
        if charge.due is not None:
            charge.answered, charge.due = False, None

    def reverse(self, reference: str, at: datetime) -> None:
        self.settle(at)
        if not self.charges[reference].is_over:
            self.bring_back("reverse", self.charges[reference], self.now(at))

    # --- What time does -------------------------------------------------------------------------

    def settle(self, at: datetime) -> None:
        until = self.now(at)
        while True:
            waiting = [(moment, rank, what) for moment, rank, what in self.waiting() if moment <= until]
            if not waiting:
                return
            moment, rank, what = min(waiting, key=lambda event: (self.now(event[0]), event[1], event[0]))
            at = self.now(moment)
            if rank == 0:
                self.bury("expire", what, at)
            elif rank == 1:
                for lot in sorted(self.of_plan(), key=lambda lot: lot.ends):
                    self.bury("forfeit", lot, at)
                self.plan = None
            elif rank == 2:
                self.renew(at)
            else:
                self.bring_back("refund", what, at)

    def waiting(self):
        for lot in sorted(self.lots, key=lambda lot: lot.rank):
            if not lot.is_dead:
                yield lot.ends, 0, lot
        if self.plan:
            yield self.plan.end(), 1, None
            yield self.plan.next(), 2, None
        for charge in self.charges.values():
            if charge.due is not None:
                yield charge.due, 3, charge

    def renew(self, at: datetime) -> None:
        plan = self.plan
        starts, ends = plan.start(plan.given), plan.start(plan.given + 1)
        plan.given += 1
        if plan.terms.renewal == "accumulate":
            ends = (
                NEVER if plan.terms.credit_life_days is None else starts + timedelta(days=plan.terms.credit_life_days)
            )
        if plan.terms.allotment:
            self.open("grant", plan.terms.allotment, 10, starts, ends, at)
        if plan.terms.cap is not None:
            too_many = sum(lot.left for lot in self.of_plan()) - plan.terms.cap
            for lot in sorted(self.of_plan(), key=lambda lot: lot.ends):
                part = min(too_many, lot.left)
                if part > 0:
                    self.write("trim", lot, -part, at)
                    lot.is_dead = lot.left == 0
                    too_many -= part

    def bring_back(self, kind: str, charge: PlainCharge, at: datetime) -> None:
        charge.is_over, charge.due = True, None
        for lot, part in charge.takings:
            if not lot.is_dead and lot.starts <= at < lot.ends:
                self.write(kind, lot, part, at)
                continue
            back = self.open(kind, part, lot.rank, at, max(lot.ends, at + GRACE_OF_RETURN), at)
            if lot.rank == 10 and self.plan is None:
                self.bury("forfeit", back, at)

    def open(self, kind: str, amount: int, rank: int, starts: datetime, ends: datetime, at: datetime) -> PlainLot:
        lot = PlainLot(rank, starts, ends)
        self.lots.append(lot)
        self.write(kind, lot, amount, at)
        return lot

    def bury(self, kind: str, lot: PlainLot, at: datetime) -> None:
        if lot.left:
            self.write(kind, lot, -lot.left, at)
        lot.is_dead = True

    def of_plan(self) -> list[PlainLot]:
        return [lot for lot in self.lots if lot.rank == 10 and not lot.is_dead]
