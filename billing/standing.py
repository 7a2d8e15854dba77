"""What the wallet of a member or a team holds at an instant, for the frame, the composer and the credits page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q, Sum

from accounts.models import Member, Team
from billing import allotments
from billing.book import Book
from billing.bookkeeping import open_books
from billing.models import Charge, Lot, Wallet
from billing.settling import settle_book


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`lots` are alive, not empty, in spend order; `next_amount` is None when no allotment will come.

    `held`: nothing may be spent, because a breach was found or because `shortfall` credits are owed that were taken
    back after they were spent. `disputed` lots wait, unspendable, until their payment is decided.

    `may_come_back` counts credits whose answer may still return them; `next_deadline` is the first such deadline.
    """

    balance: int = 0
    lots: tuple[Lot, ...] = ()
    next_amount: int | None = None
    next_at: datetime | None = None
    held: bool = False
    shortfall: int = 0
    disputed: tuple[Lot, ...] = ()
    may_come_back: int = 0
    next_deadline: datetime | None = None


def standing(holder: Member | Team, *, at: datetime) -> Standing:
    """As if everything due by `at` were posted. Nothing is written and nothing locked: a page only looks."""
    wallet, owed = _wallet_of(holder)
    if wallet is None:
        return Standing()
    book = open_books([wallet], until=at, recorded_at=at, lock=False)[0]
    pending = {due.charge.pk for due in book.dues}
    settle_book(book, until=at)
    lots = book.alive(book.not_before_last_entry(at))
    amount, next_at = _next_allotment(book)
    # Of charges whose return was just counted in, nothing more may come back.
    open_charges = Charge.objects.filter(wallet=wallet).may_come_back(at).exclude(pk__in=pending)
    back = open_charges.aggregate(credits=Sum("cost"), deadline=Min("refundable_until"))
    return Standing(
        balance=sum(lot.remaining for lot in lots),
        lots=tuple(lots),
        next_amount=amount,
        next_at=next_at,
        held=wallet.frozen_at is not None or owed > 0,
        shortfall=owed,
        disputed=tuple(lot for lot in book.lots if lot.frozen_at is not None and lot.remaining),
        may_come_back=back["credits"] or 0,
        next_deadline=back["deadline"],
    )


def _wallet_of(holder: Member | Team) -> tuple[Wallet | None, int]:
    """And the sum of its open shortfalls, by the same query."""
    owed = Sum("shortfalls__remaining", filter=Q(shortfalls__closed_at=None))
    whose = {"team" if isinstance(holder, Team) else "member": holder}
    wallet = Wallet.objects.annotate(owed=owed).filter(**whose).first()
    return wallet, (wallet.owed or 0) if wallet else 0


def _next_allotment(book: Book) -> tuple[int | None, datetime | None]:
    subscription = book.subscription
    if subscription is None or subscription.renews_at is None:
        return None, None
    amount = allotments.amount(
        subscription.plan_version,
        anchor_at=subscription.anchor_at,
        n=subscription.next_n,
        contract=subscription.contract_allotment,
        seats=book.seats,
    )
    return (amount, subscription.renews_at) if amount else (None, None)
