"""R1 to R6, R9, R11 to R14: a wallet's journal, followed entry by entry from its first."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from billing.audit.breach import Breach
from billing.models import Charge, Entry, Lot, Wallet

Kind = Entry.Kind
GIVES = {Kind.GRANT, Kind.REFUND, Kind.REVERSE}
TAKES = {Kind.CHARGE, Kind.EXPIRE, Kind.TRIM, Kind.FORFEIT, Kind.CLAWBACK}


def breaches_of_journals(wallet_ids: list[int]) -> list[Breach]:
    """Entries are streamed: only one chunk's wallets, lots and charges are held."""
    walks = {wallet.pk: _Walk(wallet) for wallet in Wallet.objects.filter(pk__in=wallet_ids)}
    for lot in Lot.objects.filter(wallet__in=walks):
        walks[lot.wallet_id].lots[lot.pk] = lot
    for charge in Charge.objects.filter(wallet__in=walks).select_related("seat"):
        walks[charge.wallet_id].charges[charge.pk] = charge
    entries = Entry.objects.filter(wallet__in=walks).order_by("wallet", "seq").iterator(chunk_size=2_000)
    for wallet_id, journal in groupby(entries, key=lambda entry: entry.wallet_id):
        walks[wallet_id].follow(journal)
    for walk in walks.values():
        walk.finish()
    return [breach for walk in walks.values() for breach in walk.breaches]


class _Walk:
    """What the journal of one wallet says so far, and what does not fit."""

    def __init__(self, wallet: Wallet) -> None:
        self.wallet = wallet
        self.lots: dict[int, Lot] = {}
        self.charges: dict[int, Charge] = {}
        self.breaches: list[Breach] = []
        self.last: Entry | None = None
        self.remaining: Counter[int] = Counter()
        self.opened: dict[int, int] = {}
        self.sums: Counter[str] = Counter()
        self.taken: dict[int, Counter[int]] = defaultdict(Counter)
        self.given_back: dict[int, Counter[int]] = defaultdict(Counter)
        self.reversed: set[int] = set()

    def follow(self, journal: Iterable[Entry]) -> None:
        for entry in journal:
            self._chain(entry)
            lot = self.lots.get(entry.lot_id)
            if lot is None or not self._is_at_home(entry):
                self._tell("R11", f"entry {entry.seq} moves credits of another wallet")
            else:
                self._check_lot(entry, lot)
            self._check_sign(entry)
            self._count_charge(entry)
            self.last = entry

    def finish(self) -> None:
        self._check_wallet()
        for lot in self.lots.values():
            if lot.remaining != self.remaining[lot.pk]:
                self._tell("R2", f"lot {lot.pk} holds {lot.remaining}, its entries say {self.remaining[lot.pk]}")
            if lot.granted != self.opened.get(lot.pk):
                self._tell("R2", f"lot {lot.pk} of {lot.granted} was opened with {self.opened.get(lot.pk)}")
        for charge in self.charges.values():
            for rule, sentence in self._faults_of(charge):
                self._tell(rule, f"charge {charge.reference} {sentence}")

    def _chain(self, entry: Entry) -> None:
        """Each entry fits the one before: number, balance, time, hash. A fault is told once, at its place."""
        last = self.last
        if entry.seq != (last.seq if last else 0) + 1:
            self._tell("R3", f"entry {entry.seq} does not follow entry {last.seq if last else 0}")
        if entry.balance_after != (last.balance_after if last else 0) + entry.delta:
            self._tell("R3", f"the balance after entry {entry.seq} does not follow")
        if last and entry.occurred_at < last.occurred_at:
            self._tell("R12", f"entry {entry.seq} is older than the one before")
        if entry.hash != entry.hash_after(last.hash if last else ""):
            self._tell("R13", f"the hash of entry {entry.seq} does not verify")

    def _is_at_home(self, entry: Entry) -> bool:
        charge_is_here = entry.charge_id is None or entry.charge_id in self.charges
        return charge_is_here and (entry.origin_lot_id is None or entry.origin_lot_id in self.lots)

    def _check_lot(self, entry: Entry, lot: Lot) -> None:
        self.remaining[lot.pk] += entry.delta
        self.opened.setdefault(lot.pk, entry.delta)
        remaining = self.remaining[lot.pk]
        if entry.lot_remaining_after != remaining or not 0 <= remaining <= lot.granted:
            self._tell("R2", f"entry {entry.seq} leaves {entry.lot_remaining_after} in lot {lot.pk}, not {remaining}")
        is_spent = entry.kind == Kind.CHARGE or (entry.kind == Kind.ADJUST and entry.delta < 0)
        if is_spent and not _was_alive(lot, entry):
            self._tell("R9", f"entry {entry.seq} spends outside the life of lot {lot.pk}")

    def _check_sign(self, entry: Entry) -> None:
        self.sums[entry.kind] += entry.delta
        if (entry.kind in GIVES and entry.delta < 0) or (entry.kind in TAKES and entry.delta > 0):
            self._tell("R14", f"entry {entry.seq} has the wrong sign for {entry.kind}")

    def _count_charge(self, entry: Entry) -> None:
        if entry.charge_id is None:
            return
        if entry.kind == Kind.CHARGE:
            self.taken[entry.charge_id][entry.lot_id] -= entry.delta
            return
        if entry.kind == Kind.CLAWBACK:
            # What came back paid a shortfall at once.
            return
        back = self.given_back[entry.charge_id]
        origin = entry.origin_lot_id or 0
        if back[origin]:
            self._tell("R5", f"entry {entry.seq} gives a credit back a second time")
        back[origin] += entry.delta
        if entry.kind == Kind.REVERSE:
            self.reversed.add(entry.charge_id)

    def _check_wallet(self) -> None:
        wallet, last = self.wallet, self.last
        in_lots = sum(lot.remaining for lot in self.lots.values())
        in_journal = last.balance_after if last else 0
        if not wallet.balance == in_lots == in_journal:
            self._tell(
                "R1",
                f"balance {wallet.balance}, lots {in_lots}, journal {in_journal}. Proposed, once the cause is known:"
                f" an adjustment of {in_journal - wallet.balance:+d}",
            )
        if (wallet.last_seq, wallet.last_hash) != ((last.seq, last.hash) if last else (0, "")):
            self._tell("R3", f"the wallet ends at entry {wallet.last_seq}, its journal at {last.seq if last else 0}")
        if last and wallet.last_entry_at != last.occurred_at:
            self._tell("R12", "the wallet's last instant is not its last entry's")
        if sum(self.sums.values()) != in_lots:
            self._tell(
                "R14", f"granted less spent, returned and lost is {sum(self.sums.values())}, outstanding {in_lots}"
            )

    def _faults_of(self, charge: Charge) -> Iterator[tuple[str, str]]:
        taken, back = self.taken[charge.pk], self.given_back[charge.pk]
        if taken.total() != charge.cost:
            yield "R4", f"costs {charge.cost}, its entries take {taken.total()}"
        if any(amount > taken[lot_id] for lot_id, amount in back.items()):
            yield "R5", "gave back more than it took from a lot"
        is_returned = bool(back) and charge.pk not in self.reversed
        if is_returned and not _was_answered_in_time(charge):
            yield "R5", "was returned without an answer in time"
        if charge.answered_at is not None and charge.return_due_at is None and back.total() != charge.cost:
            yield "R6", "was answered, and its return is neither posted nor due"
        if not self._pays_for_its_own(charge):
            yield "R11", "was paid by the credits of somebody else"

    def _pays_for_its_own(self, charge: Charge) -> bool:
        """A member pays for oneself, a pool for its seats."""
        if self.wallet.team_id is None:
            return charge.seat is None and charge.payer_id == self.wallet.member_id
        seat = charge.seat
        return seat is not None and (seat.team_id, seat.member_id) == (self.wallet.team_id, charge.payer_id)

    def _tell(self, rule: str, sentence: str) -> None:
        self.breaches.append(Breach(rule, self.wallet.pk, sentence))


def _was_alive(lot: Lot, entry: Entry) -> bool:
    at = entry.occurred_at
    ends = [end for end in (lot.closed_at, lot.frozen_at) if end is not None]
    return lot.effective_at <= at < lot.expires_at and all(at <= end for end in ends)


def _was_answered_in_time(charge: Charge) -> bool:
    if charge.answered_at is None or not charge.returnable:
        return False
    return charge.refundable_until is None or charge.answered_at < charge.refundable_until
