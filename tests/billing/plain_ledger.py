"""The rules of domain 5 once more, as a list of lots in plain Python: no database, nothing shared with billing.

Slow and simple on purpose. It has no worker: it settles only when something is asked of it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.billing.plain_money import Money, Purchase, later
from tests.billing.plain_plan import NEVER, PlainPlan, Terms

WINDOW = timedelta(hours=2160)


@dataclass(frozen=True)
class Rules:
    """What the site's policy says of credits."""

    on_upgrade: str = "forfeit"
    purchased_on_cancel: str = "keep"
    pack_life_days: int | None = None
    return_grace_hours: int = 720
    payment_grace_days: int = 7


@dataclass(eq=False)
class PlainLot:
    rank: int
    starts: datetime
    ends: datetime
    left: int = 0
    is_dead: bool = False
    is_bonus: bool = False
    of: Purchase | None = None
    frozen: datetime | None = None


@dataclass(eq=False)
class PlainCharge:
    until: datetime
    takings: list[tuple[PlainLot, int]]
    answered: bool = False
    due: datetime | None = None
    is_over: bool = False


@dataclass
class PlainLedger(Money):
    """`lines` are (kind, change, instant, balance), as the journal has them."""

    rules: Rules = field(default_factory=Rules)
    seats: int = 1
    lots: list[PlainLot] = field(default_factory=list)
    plan: PlainPlan | None = None
    purchases: list[Purchase] = field(default_factory=list)
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
        self.begin(terms, self.now(at), paid)
        self.settle(at)

    def begin(self, terms: Terms, anchor: datetime, paid: datetime) -> PlainPlan:
        self.plan = PlainPlan(terms, anchor, paid, grace=timedelta(days=self.rules.payment_grace_days))
        return self.plan

    def upgrade(self, terms: Terms, at: datetime) -> None:
        """A new plan with a new anchor; it is paid for a term, or without end as the old one."""
        self.settle(at)
        anchor = self.now(at)
        if self.rules.on_upgrade == "forfeit":
            self.lose(10, anchor)
        months = 12 if terms.interval == "year" else 1
        self.begin(terms, anchor, NEVER if self.plan.paid == NEVER else later(anchor, months))
        self.settle(at)

    def downgrade(self, terms: Terms, at: datetime) -> None:
        self.settle(at)
        self.plan.waiting, self.plan.changes = terms, self.plan.end_of_term(self.now(at))

    def give(self, amount: int, life: timedelta, at: datetime) -> None:
        self.settle(at)
        self.open("grant", amount, 20, self.now(at), at + life, self.now(at))

    def charge(self, reference: str, cost: int, at: datetime) -> str:
        self.settle(at)
        at = self.now(at)
        if self.owed():
            return "held"
        living = sorted(self.living(at), key=lambda lot: (lot.rank, lot.ends, self.lots.index(lot)))
        if sum(lot.left for lot in living) < cost:
            return "poor"
        takings = self.take("charge", living, cost, at)
        for lot, part in takings:
            if lot.of:
                lot.of.out += part
        self.charges[reference] = PlainCharge(at + WINDOW, takings)
        return "sent"

    def adjust(self, amount: int, life: timedelta, at: datetime) -> bool:
        self.settle(at)
        at = self.now(at)
        if amount > 0:
            self.open("adjust", amount, 20, at, at + life, at)
            return True
        living = sorted(self.living(at), key=lambda lot: (lot.ends, self.lots.index(lot)))
        if sum(lot.left for lot in living) < -amount:
            return False
        self.take("adjust", living, -amount, at)
        return True

    def living(self, at: datetime) -> list[PlainLot]:
        return [lot for lot in self.lots if not lot.is_dead and not lot.frozen and lot.starts <= at < lot.ends]

    def take(self, kind: str, lots: list[PlainLot], amount: int, at: datetime) -> list[tuple[PlainLot, int]]:
        takings = []
        for lot in lots:
            part = min(amount, lot.left)
            if part:
                takings.append((lot, part))
                self.write(kind, lot, -part, at)
                amount -= part
        return takings

    def spendable(self, at: datetime) -> int:
        self.settle(at)
        return sum(lot.left for lot in self.living(self.now(at)))

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
                self.lose(10, at)
                if self.rules.purchased_on_cancel == "forfeit":
                    self.lose(30, at)
                self.plan = None
            elif rank == 2:
                old = self.plan
                self.begin(old.waiting, old.changes, old.paid).cancelled = old.cancelled
            elif rank == 3:
                self.renew(at)
            elif rank == 4:
                self.give_bonus(at)
            else:
                self.bring_back("refund", what, at)

    def waiting(self):
        for lot in sorted(self.lots, key=lambda lot: lot.rank):
            if not lot.is_dead and not lot.frozen:
                yield lot.ends, 0, lot
        if self.plan:
            yield self.plan.end(), 1, None
            yield self.plan.changes or NEVER, 2, None
            yield self.plan.next(), 3, None
            yield self.plan.next_year(), 4, None
        for charge in self.charges.values():
            if charge.due is not None:
                yield charge.due, 5, charge

    def lose(self, rank: int, at: datetime) -> None:
        lots = [lot for lot in self.lots if lot.rank == rank and not lot.is_dead and not lot.frozen]
        for lot in sorted(lots, key=lambda lot: lot.ends):
            self.bury("forfeit", lot, at)

    def give_bonus(self, at: datetime) -> None:
        plan = self.plan
        starts, ends = later(plan.anchor, 12 * plan.terms_given), later(plan.anchor, 12 * (plan.terms_given + 1))
        plan.terms_given += 1
        amount = plan.terms.annual_bonus_credits * self.seats
        if amount:
            self.open("grant", amount, 10, starts, ends, at).is_bonus = True

    def renew(self, at: datetime) -> None:
        plan = self.plan
        starts, ends = plan.start(plan.given), plan.start(plan.given + 1)
        plan.given += 1
        if plan.terms.renewal == "accumulate":
            ends = (
                NEVER if plan.terms.credit_life_days is None else starts + timedelta(days=plan.terms.credit_life_days)
            )
        if plan.terms.allotment * self.seats:
            self.open("grant", plan.terms.allotment * self.seats, 10, starts, ends, at)
        if plan.terms.cap is not None:
            counted = [lot for lot in self.of_plan() if not lot.is_bonus]
            too_many = sum(lot.left for lot in counted) - plan.terms.cap * max(self.seats, 1)
            for lot in sorted(counted, key=lambda lot: lot.ends):
                part = min(too_many, lot.left)
                if part > 0:
                    self.write("trim", lot, -part, at)
                    lot.is_dead = lot.left == 0
                    too_many -= part

    def bring_back(self, kind: str, charge: PlainCharge, at: datetime) -> None:
        charge.is_over, charge.due = True, None
        for lot, part in charge.takings:
            if lot.of:
                lot.of.out -= part
            is_owed = lot.of is not None and sum(lot.of.owed.values()) > 0
            if not is_owed and not lot.is_dead and (lot.frozen or lot.starts <= at < lot.ends):
                self.write(kind, lot, part, at)
                continue
            grace = timedelta(hours=self.rules.return_grace_hours)
            back = self.open(kind, part, lot.rank, at, max(lot.ends, at + grace), at)
            back.of = lot.of
            if lot.rank == 10 and self.plan is None:
                self.bury("forfeit", back, at)
            if is_owed:
                lot.of.asked -= self.pay([lot.of], back, at)

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
