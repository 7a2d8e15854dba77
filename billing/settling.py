"""Everything that is due on a wallet, posted in time order (domain 5.3).

At one instant: expiries, the subscription's end, a change that waited for it, renewals, the year's bonus, returns.
Whether a worker does it each minute or the member's next operation does it all at once, the journal is the same.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple

from billing import allotments, succession
from billing.book import Book, Due, age
from billing.models import Entry, Lot, Period, Subscription

EXPIRY, END, CHANGE, RENEWAL, BONUS, RETURN = range(6)


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
    due = (event for event in _events(book, until=until) if event.due_at <= until)
    return min(due, key=partial(_place_in_time, book), default=None)


def _place_in_time(book: Book, event: Event) -> tuple[datetime, int, datetime, tuple[float, ...]]:
    return book.not_before_last_entry(event.due_at), event.rank, event.due_at, event.order


def _events(book: Book, *, until: datetime) -> Iterator[Event]:
    for index, lot in enumerate(book.lots):
        if lot.frozen_at is not None:
            # Disputed: its end moves when the dispute is decided.
            continue
        yield Event(lot.expires_at, EXPIRY, (lot.priority, age(lot), index), partial(_expire, book, lot))
    if book.subscription is not None:
        yield from _events_of_subscription(book, book.subscription, until=until)
    for due in book.dues:
        if due.charge.return_due_at is not None:
            yield Event(due.charge.return_due_at, RETURN, (due.charge.pk,), partial(_return, book, due))


def _events_of_subscription(book: Book, subscription: Subscription, *, until: datetime) -> Iterator[Event]:
    # The grace of a payment is the policy's; nobody asks for it before the payment is missing.
    is_unpaid = subscription.paid_through <= until
    grace_days = book.policies.at(subscription.paid_through).payment_grace_days if is_unpaid else 0
    end = allotments.subscription_end(subscription, grace_days=grace_days)
    if end is not None:
        yield Event(end, END, (), partial(_end, book, subscription))
    if subscription.changes_at is not None:
        yield Event(subscription.changes_at, CHANGE, (), partial(_change, book, subscription))
    if subscription.renews_at is not None:
        yield Event(subscription.renews_at, RENEWAL, (), partial(_renew, book, subscription))
    if (bonus_at := allotments.next_bonus(subscription)) is not None:
        yield Event(bonus_at, BONUS, (), partial(_give_bonus, book, subscription))


def _expire(book: Book, lot: Lot, at: datetime) -> None:
    book.expire(lot, at=at)


def _end(book: Book, subscription: Subscription, at: datetime) -> None:
    """Plan credits and their return lots are lost with the plan, by policy bought ones too (domain 5.7)."""
    succession.forfeit_plan_credits(book, at=at)
    if book.policies.at(at).purchased_on_cancel == "forfeit":
        succession.forfeit(book, Lot.Priority.PURCHASE, at=at)
    succession.end(book, at=at)


def _change(book: Book, subscription: Subscription, at: datetime) -> None:
    """What waited for the end of the term: credits stay, and the first renewal trims to the new cap (domain 5.7)."""
    assert subscription.next_version is not None and subscription.changes_at is not None
    succession.succeed(
        book,
        plan_version=subscription.next_version,
        interval=subscription.next_interval,
        anchor_at=subscription.changes_at,
        paid_through=subscription.paid_through,
        cancel_at=subscription.cancel_at,
        seats=subscription.next_seats or subscription.seats,
        at=at,
    )


def _renew(book: Book, subscription: Subscription, at: datetime) -> None:
    """Grant in full, then trim to the cap. An allotment of 0 makes a period without a lot."""
    terms, n = subscription.plan_version, subscription.next_n
    starts_at, ends_at = allotments.period_bounds(subscription, n)
    contract = subscription.contract_allotment
    amount = allotments.amount(terms, anchor_at=subscription.anchor_at, n=n, contract=contract, seats=book.seats)
    key, lot = f"grant:{book.id_of(subscription)}:{n}", None
    if amount:
        ends = allotments.lot_end(subscription, starts_at=starts_at, ends_at=ends_at)
        lot = _grant(book, Lot.Source.PLAN, amount, key=key, lives=(starts_at, ends), at=at)
    cap = allotments.cap(subscription, seats=book.seats)
    if cap is not None:
        book.trim(cap=cap, at=at, cause=f"{book.id_of(subscription)}:{n}")
    period = Period(subscription=subscription, plan_version=terms, n=n, starts_at=starts_at, ends_at=ends_at, lot=lot)
    period.seats = book.seats
    book.periods.append(period)
    subscription.next_n = n + 1
    subscription.renews_at = allotments.next_renewal(subscription)
    book.note(subscription)


def _give_bonus(book: Book, subscription: Subscription, at: datetime) -> None:
    """Once a term that is billed yearly; no cap counts it, and it ends with the term (domain 5.6)."""
    term = subscription.next_term
    amount = subscription.plan_version.annual_bonus_credits * book.seats
    if amount:
        key = f"bonus:{book.id_of(subscription)}:{term}"
        _grant(book, Lot.Source.BONUS, amount, key=key, lives=allotments.term_bounds(subscription, term), at=at)
    subscription.next_term = term + 1
    book.note(subscription)


def _grant(
    book: Book, source: Lot.Source, amount: int, *, key: str, lives: tuple[datetime, datetime], at: datetime
) -> Lot:
    return book.grant(
        amount=amount,
        at=at,
        key=key,
        facts={},
        source=source,
        priority=Lot.Priority.PLAN,
        effective_at=lives[0],
        expires_at=lives[1],
        subscription=book.subscription,
    )


def _return(book: Book, due: Due, at: datetime) -> None:
    book.give_back(due, at=at, kind=Entry.Kind.REFUND)
    due.charge.return_due_at = None
