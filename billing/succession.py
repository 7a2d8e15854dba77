"""One plan after another in an open book: how the running one ends, and how another takes its place.

In memory only, so that a preview and the change itself are the same steps; `billing.bookkeeping` writes them.
"""

from datetime import datetime
from typing import Any

from billing import allotments
from billing.book import Book, age
from billing.models import Lot, PlanVersion, Subscription


def succeed(
    book: Book,
    *,
    plan_version: PlanVersion,
    interval: str,
    anchor_at: datetime,
    paid_through: datetime,
    at: datetime,
    **facts: Any,
) -> Subscription:
    """End the running subscription at `at`; another one with the same seats and payer starts at `anchor_at`.

    `facts` are further fields of it. Lots stay as they are; a contract's figure ends with its subscription.
    """
    old = end(book, at=at)
    inherited = ("seats", "paid_at", "provider", "provider_reference", "started_by_id")
    facts = {name: getattr(old, name) for name in inherited} | facts
    new = Subscription(
        wallet=book.wallet,
        plan_version=plan_version,
        interval=interval,
        anchor_at=anchor_at,
        paid_through=paid_through,
        **facts,
    )
    new.renews_at = allotments.next_renewal(new)
    book.opened.append(new)
    book.subscription = new
    return new


def end(book: Book, *, at: datetime) -> Subscription:
    """The running subscription gives nothing any more."""
    old = book.subscription
    assert old is not None
    old.ended_at, old.renews_at = at, None
    book.note(old)
    book.subscription = None
    return old


def forfeit_plan_credits(book: Book, *, at: datetime) -> None:
    """Allotments, bonuses and what came back of them are lost (domain 5.7)."""
    forfeit(book, Lot.Priority.PLAN, at=at)


def forfeit(book: Book, priority: Lot.Priority, *, at: datetime) -> None:
    """All open lots of a kind, those that end first before the others; what is disputed waits for its decision."""
    assert book.subscription is not None
    cause = book.id_of(book.subscription)
    lots = [lot for lot in book.lots if lot.priority == priority and lot.frozen_at is None]
    for lot in sorted(lots, key=lambda lot: (lot.expires_at, age(lot))):
        book.forfeit(lot, at=at, cause=cause)
