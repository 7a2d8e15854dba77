"""What payments do to credits: a pack is granted, its payment disputed, its credits taken back (domain 5.9).

The caller holds the lock of the order; these verbs lock and settle the wallet. Told twice, each answers what it did
the first time. A purchase's credits are its lot and the lots on which they came back after its end.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.db.models import Q, QuerySet, Sum

from accounts.clock import FOREVER
from accounts.site_policy import SitePolicy, timeline
from billing import ledger, subscriptions
from billing.book import Book
from billing.bookkeeping import write
from billing.models import Dispute, Entry, Lot, OrderLine, Shortfall, Wallet

Kind = Entry.Kind
# What went out to others and came back: the net of it was used.
USE = [Kind.CHARGE, Kind.REFUND, Kind.REVERSE]


class Clawback(NamedTuple):
    """Credits that were there and were taken; credits that had been used and are owed now."""

    taken: int
    short: int


def grant_purchase(*, line: OrderLine, at: datetime) -> Lot:
    """The one lot of a paid pack. It lives from the payment as long as the policy of that day says.

    Credits that the wallet owes are paid out of it first. Raises KeyReused for a line whose credits changed since.
    """
    wallet = ledger.lock_by_id(line.wallet_id)
    ledger.settle(wallet, at=at)
    earlier = Lot.objects.filter(order_line=line).first()
    if earlier is not None:
        return earlier
    lot = ledger.grant(
        wallet=wallet,
        amount=line.credits,
        source=Lot.Source.PURCHASE,
        priority=Lot.Priority.PURCHASE,
        expires_at=_end_of_purchase(line, at=at),
        key=f"purchase:{line.pk}",
        order_line=line,
        at=at,
    )
    _pay_shortfalls(wallet, lot, at=at)
    if line.order.disputes.filter(state=Dispute.State.OPEN).exists():
        # The news of the dispute came before that of the payment.
        freeze(line=line, at=at)
    subscriptions.tell(wallet)
    return lot


def claw_back(*, lot: Lot, amount: int, cause: str, at: datetime) -> Clawback:
    """Take back up to `amount` credits of a lot whose money went back; `cause` is `repayment-7`, `dispute-3`.

    What had been used becomes a shortfall, which holds the wallet; what had expired is neither. A dispute that took
    only a part leaves the rest frozen: call `unfreeze` then.
    """
    wallet = ledger.lock_by_id(lot.wallet_id)
    ledger.settle(wallet, at=at)
    earlier = _done(lot, cause)
    if earlier is not None:
        return earlier
    book = Book(wallet=wallet, recorded_at=at, lots=list(_credits_of(lot)))
    # What was bought first, then what came back of it, the earliest end first.
    book.lots.sort(key=lambda own: (own.pk != lot.pk, own.expires_at, own.pk))
    taken = book.claw_back(amount, at=at, cause=cause, lots=list(book.lots))
    write([book])
    short = max(min(amount - taken, _used(lot) - _owed(lot)), 0)
    if short:
        at = book.not_before_last_entry(at)
        Shortfall.objects.create(wallet=wallet, lot=lot, cause=cause, amount=short, remaining=short, opened_at=at)
    subscriptions.tell(wallet)
    return Clawback(taken, short)


def freeze(*, line: OrderLine, at: datetime) -> list[Lot]:
    """The payment is disputed: what is left of the purchase can neither be spent nor expire. Answers its lots."""
    wallet, lots = _purchase(line, at=at)
    # As everything here, not before the last entry: a clock that went back must not freeze what was spent since.
    at = max(at, wallet.last_entry_at or at)
    for lot in lots:
        if lot.frozen_at is None:
            lot.frozen_at = at
            lot.save(update_fields=["frozen_at"])
    subscriptions.tell(wallet)
    return lots


def unfreeze(*, line: OrderLine, at: datetime) -> list[Lot]:
    """The dispute is decided: what is left may be spent again, as much longer as it was frozen. Answers its lots."""
    wallet, lots = _purchase(line, at=at)
    at = max(at, wallet.last_entry_at or at)
    for lot in lots:
        if lot.frozen_at is not None:
            if lot.expires_at < FOREVER:
                lot.expires_at += max(at - lot.frozen_at, timedelta(0))
            lot.frozen_at = None
            lot.save(update_fields=["frozen_at", "expires_at"])
    # What had waited for the dispute may have ended meanwhile.
    ledger.settle(wallet, at=at)
    subscriptions.tell(wallet)
    return lots


def end_of_pack(policy: SitePolicy, *, paid_at: datetime) -> datetime:
    """When credits bought under `policy` end: calendar months clamp to the month's end, days have 24 hours."""
    if policy.pack_life_days is not None:
        return paid_at + timedelta(days=policy.pack_life_days)
    if policy.pack_life_months is not None:
        return paid_at + relativedelta(months=policy.pack_life_months)
    return FOREVER


def _end_of_purchase(line: OrderLine, *, at: datetime) -> datetime:
    paid_at = line.order.paid_at or at
    policy = timeline().at(paid_at)
    end = end_of_pack(policy, paid_at=paid_at)
    # A payment that is only found out about after its credits' whole life still brings them.
    return end if end > at else end_of_pack(policy, paid_at=at)


def _pay_shortfalls(wallet: Wallet, lot: Lot, *, at: datetime) -> None:
    owed = list(Shortfall.objects.filter(wallet=wallet, closed_at=None).order_by("id"))
    if owed:
        book = Book(wallet=wallet, recorded_at=at, lots=[lot])
        book.pay(owed, out_of=lot, at=at)
        write([book])


def _purchase(line: OrderLine, *, at: datetime) -> tuple[Wallet, list[Lot]]:
    """The settled wallet, and the open lots of what this line bought."""
    wallet = ledger.lock_by_id(line.wallet_id)
    ledger.settle(wallet, at=at)
    root = Lot.objects.filter(order_line=line).first()
    return wallet, list(_credits_of(root).order_by("id")) if root else []


def _credits_of(root: Lot) -> QuerySet[Lot]:
    return Lot.objects.filter(Q(pk=root.pk) | Q(root=root), closed_at=None)


def _entries_of(root: Lot) -> QuerySet[Entry]:
    return Entry.objects.filter(Q(lot=root) | Q(lot__root=root))


def _done(lot: Lot, cause: str) -> Clawback | None:
    taken = _entries_of(lot).filter(kind=Kind.CLAWBACK, charge=None, key__startswith=f"clawback:{cause}:")
    shortfall = Shortfall.objects.filter(cause=cause).first()
    if shortfall is None and not taken.exists():
        return None
    return Clawback(-(taken.aggregate(sum=Sum("delta"))["sum"] or 0), shortfall.amount if shortfall else 0)


def _used(root: Lot) -> int:
    """Credits of the purchase that went out and did not come back: to recipients, or to pay what others owed."""
    spent = _entries_of(root).filter(kind__in=USE).aggregate(sum=Sum("delta"))["sum"] or 0
    others = Shortfall.objects.filter(wallet=root.wallet_id).exclude(lot=root).values_list("cause", flat=True)
    return -spent - _clawed_back(root, set(others))


def _owed(root: Lot) -> int:
    """Credits of the purchase that are accounted for as shortfalls; those that came back since are not out any more."""
    shortfalls = Shortfall.objects.filter(lot=root)
    paid = _entries_of(root).filter(kind=Kind.CLAWBACK, charge__isnull=False).aggregate(sum=Sum("delta"))["sum"] or 0
    return sum(shortfall.amount for shortfall in shortfalls) + paid


def _clawed_back(root: Lot, causes: set[str]) -> int:
    """What was taken from the purchase for these causes, as a negative number."""
    entries = _entries_of(root).filter(kind=Kind.CLAWBACK)
    return sum(entry.delta for entry in entries if entry.key.split(":")[1] in causes)
