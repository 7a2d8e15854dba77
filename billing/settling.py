"""Everything that is due on a wallet, posted in time order (domain 5.3).

At one instant: expiries, the subscription's end, renewals, returns. Whether a worker does it each minute or the
member's next operation does it all at once, the journal is the same.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple

from billing import allotments
from billing.book import Book, Due, age
from billing.models import Entry, Lot, Period, Subscription

EXPIRY, END, RENEWAL, RETURN = range(4)


class Event(NamedTuple):
    """`order` tells apart what is due at one instant in one rank."""

    due_at: datetime
    rank: int
    order: tuple[float, ...]
    post: Callable[[datetime], None]


def settle_book(book: Book, *, until: datetime) -> None:
    """Post all that is due by `until`, each at its own instant or, if that has passed, at the last entry's."""
    until = book.not_before_last_entry(until)
    while (event := _next_event(book, until=until)) is not None:
        event.post(book.not_before_last_entry(event.due_at))


def _next_event(book: Book, *, until: datetime) -> Event | None:
    due = (event for event in _events(book) if event.due_at <= until)
    return min(due, key=partial(_place_in_time, book), default=None)


def _place_in_time(book: Book, event: Event) -> tuple[datetime, int, datetime, tuple[float, ...]]:
    return book.not_before_last_entry(event.due_at), event.rank, event.due_at, event.order


def _events(book: Book) -> Iterator[Event]:
    for index, lot in enumerate(book.lots):
        if lot.frozen_at is not None:
            # Disputed: its end moves when the dispute is decided.
            continue
        yield Event(lot.expires_at, EXPIRY, (lot.priority, age(lot), index), partial(_expire, book, lot))
    if book.subscription is not None:
        yield from _events_of_subscription(book, book.subscription)
    for due in book.dues:
        if due.charge.return_due_at is not None:
            yield Event(due.charge.return_due_at, RETURN, (due.charge.pk,), partial(_return, book, due))


def _events_of_subscription(book: Book, subscription: Subscription) -> Iterator[Event]:
    end = allotments.subscription_end(subscription)
    if end is not None:
        yield Event(end, END, (), partial(_end, book, subscription))
    if subscription.renews_at is not None:
        yield Event(subscription.renews_at, RENEWAL, (), partial(_renew, book, subscription))


def _expire(book: Book, lot: Lot, at: datetime) -> None:
    book.expire(lot, at=at)


def _end(book: Book, subscription: Subscription, at: datetime) -> None:
    """Plan credits and their return lots are lost with the plan (domain 5.7)."""
    for lot in sorted(book.plan_lots(), key=lambda lot: (lot.expires_at, age(lot))):
        book.forfeit(lot, at=at, cause=f"{subscription.pk}")
    subscription.ended_at, subscription.renews_at = at, None
    book.subscription, book.changed_subscription = None, subscription


def _renew(book: Book, subscription: Subscription, at: datetime) -> None:
    """Grant in full, then trim to the cap. An allotment of 0 makes a period without a lot."""
    terms, n = subscription.plan_version, subscription.next_n
    starts_at, ends_at = allotments.period_bounds(subscription, n)
    amount = allotments.amount(terms, anchor_at=subscription.anchor_at, n=n)
    lot = None
    if amount:
        lot = book.grant(
            amount=amount,
            at=at,
            key=f"grant:{subscription.pk}:{n}",
            facts={},
            source=Lot.Source.PLAN,
            priority=Lot.Priority.PLAN,
            effective_at=starts_at,
            expires_at=allotments.lot_end(terms, starts_at=starts_at, ends_at=ends_at),
            subscription=subscription,
        )
    if terms.cap is not None:
        book.trim(cap=terms.cap, at=at, cause=f"{subscription.pk}:{n}")
    period = Period(subscription=subscription, plan_version=terms, n=n, starts_at=starts_at, ends_at=ends_at, lot=lot)
    book.periods.append(period)
    subscription.next_n = n + 1
    subscription.renews_at = allotments.next_renewal(subscription)
    book.changed_subscription = subscription


def _return(book: Book, due: Due, at: datetime) -> None:
    book.give_back(due, at=at, kind=Entry.Kind.REFUND)
    due.charge.return_due_at = None
