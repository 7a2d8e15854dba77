"""R10, and the parts of R14 that are about money: paid orders, disputes, what was taken back, what staff moved."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from billing.audit.breach import Breach
from billing.models import Adjustment, Dispute, Entry, Lot, Order, OrderLine, Repayment, Shortfall

Fault = tuple[str, str]
State = Order.State
PAID = {State.PAID, State.PART_REPAID, State.REPAID}


def breaches_of_money(wallet_ids: list[int]) -> list[Breach]:
    """By the same few queries for one wallet and for hundreds."""
    books = _read(wallet_ids)
    faults = [*books.of_lines(), *books.of_orders(), *books.of_lots(), *books.of_shortfalls(), *books.of_adjustments()]
    return [Breach(rule, wallet_id, sentence) for wallet_id, (rule, sentence) in faults]


@dataclass
class _Books:
    """What was paid and what was posted, side by side; `lots` are by order line."""

    lines: list[OrderLine]
    lots: dict[int, Lot]
    frozen: list[Lot]
    stray: list[Lot]
    repaid: Counter[int] = field(default_factory=Counter)
    lost: Counter[int] = field(default_factory=Counter)
    disputed: set[int] = field(default_factory=set)
    shortfalls: list[Shortfall] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    # Of clawback entries: what was taken from the purchase itself, by its lot and cause; what paid a shortfall.
    taken: Counter[tuple[int, str]] = field(default_factory=Counter)
    clawed: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)

    def of_lines(self) -> Iterator[tuple[int, Fault]]:
        """One lot for each pack that was paid, with what was bought in it; none for the others."""
        for line in self.lines:
            lot = self.lots.get(line.pk)
            if lot is None and line.order.state in PAID:
                yield line.wallet_id, ("R10", f"order {line.order.public_id} is paid and granted nothing")
            if lot is not None and line.order.state not in PAID:
                yield line.wallet_id, ("R10", f"order {line.order.public_id} is not paid and granted lot {lot.pk}")
            if lot is not None and (lot.granted, lot.wallet_id) != (line.credits, line.wallet_id):
                yield line.wallet_id, ("R10", f"lot {lot.pk} is not what order {line.order.public_id} bought")
            if lot is not None and self._keeps_what_was_taken_back(line, lot):
                yield line.wallet_id, ("R10", f"money of order {line.order.public_id} went back, its credits did not")

    def _keeps_what_was_taken_back(self, line: OrderLine, lot: Lot) -> bool:
        """What had expired is neither there nor owed, so that less may be right, with nothing left in the lot."""
        gone = min(self.repaid[line.order_id] + self.lost[line.order_id], line.order.amount)
        share = line.credits_of(gone)
        owed = sum(shortfall.amount for shortfall in self.shortfalls if shortfall.lot_id == lot.pk)
        back = owed + sum(taken for (lot_id, _), taken in self.taken.items() if lot_id == lot.pk)
        return back > share or (back < share and lot.remaining > 0)

    def of_orders(self) -> Iterator[tuple[int, Fault]]:
        """What an order says it repaid is what its repayments say."""
        for line in self.lines:
            order = line.order
            expected = min(self.repaid[order.pk], order.amount)
            state = State.PAID if not expected else State.PART_REPAID if expected < order.amount else State.REPAID
            if order.state in PAID and (order.repaid, order.state) != (expected, state):
                yield (
                    line.wallet_id,
                    ("R10", f"order {order.public_id} repaid {order.repaid}, its repayments {expected}"),
                )

    def of_lots(self) -> Iterator[tuple[int, Fault]]:
        """Frozen are the credits whose payment is disputed, and only these."""
        for line in self.lines:
            lot = self.lots.get(line.pk)
            if lot and line.order_id in self.disputed and lot.closed_at is None and lot.frozen_at is None:
                yield lot.wallet_id, ("R10", f"order {line.order.public_id} is disputed, lot {lot.pk} is not frozen")
        for lot in self.stray:
            yield lot.wallet_id, ("R10", f"lot {lot.pk} is a purchase of no order")
        order_of = {self.lots[line.pk].pk: line.order_id for line in self.lines if line.pk in self.lots}
        for lot in self.frozen:
            if order_of.get(lot.root_id or lot.pk) not in self.disputed:
                yield lot.wallet_id, ("R10", f"lot {lot.pk} is frozen without a dispute")

    def of_shortfalls(self) -> Iterator[tuple[int, Fault]]:
        """What is owed went down by what was taken for it, or was written off by two persons."""
        written_off = {made.writes_off_id for made in self.adjustments if made.state == Adjustment.State.POSTED}
        for owed in self.shortfalls:
            paid = self.clawed[owed.cause] - self.taken[owed.lot_id, owed.cause]
            by_journal = owed.amount - paid
            if owed.remaining != by_journal and not (owed.pk in written_off and owed.remaining == 0):
                yield (
                    owed.wallet_id,
                    ("R14", f"shortfall {owed.cause} says {owed.remaining}, its entries say {by_journal}"),
                )

    def of_adjustments(self) -> Iterator[tuple[int, Fault]]:
        for made in self.adjustments:
            expected = made.amount if made.state == Adjustment.State.POSTED else 0
            moved = self.moved[str(made.pk)]
            if moved != expected:
                yield made.wallet_id, ("R14", f"adjustment {made.pk} should have moved {expected}, it moved {moved}")


def _read(wallet_ids: list[int]) -> _Books:
    lines = OrderLine.objects.filter(wallet__in=wallet_ids, pack__isnull=False).select_related("order")
    own = Lot.objects.filter(wallet__in=wallet_ids)
    books = _Books(
        lines=list(lines),
        lots={line_id: lot for lot in own.filter(order_line__isnull=False) if (line_id := lot.order_line_id)},
        frozen=list(own.filter(closed_at=None, frozen_at__isnull=False)),
        stray=list(own.filter(source=Lot.Source.PURCHASE, order_line=None)),
        shortfalls=list(Shortfall.objects.filter(wallet__in=wallet_ids)),
        adjustments=list(Adjustment.objects.filter(wallet__in=wallet_ids)),
    )
    _read_money(books)
    _read_entries(books, wallet_ids)
    return books


def _read_money(books: _Books) -> None:
    orders = {line.order_id for line in books.lines}
    if not orders:
        return
    for repayment in Repayment.objects.filter(order__in=orders, repaid_at__isnull=False):
        books.repaid[repayment.order_id] += repayment.amount
    for dispute in Dispute.objects.filter(order__in=orders):
        if dispute.state == Dispute.State.OPEN:
            books.disputed.add(dispute.order_id)
        if dispute.state == Dispute.State.LOST:
            books.lost[dispute.order_id] += dispute.amount


def _read_entries(books: _Books, wallet_ids: list[int]) -> None:
    kinds = [Entry.Kind.CLAWBACK, Entry.Kind.ADJUST]
    entries = Entry.objects.filter(wallet__in=wallet_ids, kind__in=kinds).select_related("lot")
    own = _own_causes(books.shortfalls)
    for entry in entries:
        name = _middle(entry.key)
        if entry.kind == Entry.Kind.ADJUST:
            books.moved[name] += entry.delta
            continue
        books.clawed[name] -= entry.delta
        root = entry.lot.root_id or entry.lot_id
        if entry.charge_id is None and own.get(name, root) == root:
            books.taken[root, name] -= entry.delta


def _own_causes(shortfalls: Iterable[Shortfall]) -> dict[str, int]:
    """The lot each cause took credits back from: another lot that was taken from paid for it."""
    return {shortfall.cause: shortfall.lot_id for shortfall in shortfalls}


def _middle(key: str) -> str:
    """`repayment-7` of `clawback:repayment-7:12`; `3` of `adjust:3`."""
    return key.split(":")[1] if ":" in key else key
