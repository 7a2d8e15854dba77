"""What payments do to a plain list of lots: packs, debts, disputes. The other half of `plain_ledger`."""

import calendar
from dataclasses import dataclass, field
from datetime import datetime, timedelta


def later(anchor: datetime, months: int) -> datetime:
    year, month = anchor.year + (anchor.month - 1 + months) // 12, (anchor.month - 1 + months) % 12 + 1
    return anchor.replace(year=year, month=month, day=min(anchor.day, calendar.monthrange(year, month)[1]))


@dataclass(eq=False)
class Purchase:
    """A pack: of its credits so many are out, and of these so many were already asked back."""

    amount: int
    out: int = 0
    asked: int = 0
    owed: dict[str, int] = field(default_factory=dict)
    gone: int = 0
    is_disputed: bool = False


class Money:
    """Of a `PlainLedger`: whoever settles, writes and opens lots."""

    purchases: list[Purchase]

    def owed(self) -> int:
        return sum(sum(purchase.owed.values()) for purchase in self.purchases)

    def buy(self, amount: int, at: datetime) -> Purchase:
        self.settle(at)
        bought = Purchase(amount)
        days = self.rules.pack_life_days
        ends = later(at, 12) if days is None else at + timedelta(days=days)
        lot = self.open("grant", amount, 30, self.now(at), ends, self.now(at))
        lot.of = bought
        # What pays somebody else's debt is out, and does not come back.
        bought.out += self.pay(self.purchases, lot, self.now(at))
        self.purchases.append(bought)
        return bought

    def pay(self, purchases: list[Purchase], lot, at: datetime) -> int:
        """Oldest debt first. Answers how much was paid; a lot that is emptied by it is dead."""
        debts = [(number, bought, cause) for bought in purchases for cause, number in bought.owed.items() if number]
        debts.sort(key=lambda debt: int(debt[2]))
        paid = 0
        for number, bought, cause in debts:
            part = min(number, lot.left)
            if part:
                self.write("clawback", lot, -part, at)
                bought.owed[cause] -= part
                paid += part
        lot.is_dead = lot.is_dead or bool(debts and not lot.left)
        return paid

    def take_money_back(self, bought: Purchase, amount: int, cause: str, at: datetime) -> tuple[int, int]:
        """What is there is taken, what is out is owed; what has ended is neither."""
        self.settle(at)
        at = self.now(at)
        bought.gone += amount
        first, *others = [lot for lot in self.lots if lot.of is bought]
        lots = [lot for lot in (first, *sorted(others, key=lambda lot: lot.ends)) if not lot.is_dead]
        taken = sum(part for _, part in self.take("clawback", lots, amount, at))
        for lot in lots:
            lot.is_dead = lot.left == 0
        # Other credits paid a debt and then the spent one came back: less is out than was asked, and nothing is owed.
        short = max(min(amount - taken, bought.out - bought.asked), 0)
        bought.asked += short
        bought.owed[cause] = short
        return taken, short

    def freeze(self, bought: Purchase, at: datetime) -> None:
        self.settle(at)
        at = self.now(at)
        for lot in self.lots:
            if lot.of is bought and not lot.is_dead:
                lot.frozen = lot.frozen or at

    def thaw(self, bought: Purchase, at: datetime) -> None:
        self.settle(at)
        at = self.now(at)
        for lot in self.lots:
            if lot.of is bought and not lot.is_dead and lot.frozen:
                lot.ends += max(at - lot.frozen, timedelta(0))
                lot.frozen = None
        self.settle(at)
