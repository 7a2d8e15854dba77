"""What a member's wallet holds at an instant, for the frame, the composer and the credits page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Sum

from accounts.models import Member
from billing import allotments
from billing.book import Book
from billing.bookkeeping import open_books
from billing.models import Charge, Lot, Wallet
from billing.settling import settle_book


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`lots` are alive, not empty, in spend order; `next_amount` is None when no allotment will come.

    `may_come_back` counts credits whose answer may still return them; `next_deadline` is the first such deadline.
    """

    balance: int = 0
    lots: tuple[Lot, ...] = ()
    next_amount: int | None = None
    next_at: datetime | None = None
    frozen: bool = False
    may_come_back: int = 0
    next_deadline: datetime | None = None


def standing(member: Member, *, at: datetime) -> Standing:
    """As if everything due by `at` were posted. Nothing is written and nothing locked: a page only looks."""
    wallet = Wallet.objects.filter(member=member).first()
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
        frozen=wallet.frozen_at is not None,
        may_come_back=back["credits"] or 0,
        next_deadline=back["deadline"],
    )


def _next_allotment(book: Book) -> tuple[int | None, datetime | None]:
    subscription = book.subscription
    if subscription is None or subscription.renews_at is None:
        return None, None
    terms, n = subscription.plan_version, subscription.next_n
    amount = allotments.amount(terms, anchor_at=subscription.anchor_at, n=n)
    return (amount, subscription.renews_at) if amount else (None, None)
