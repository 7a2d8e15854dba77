"""One plan after another in an open book: how the running one ends, and how another takes its place.

In memory only, so that a preview and the change itself are the same steps; `billing.bookkeeping` writes them.
"""

from datetime import datetime
from typing import Any

from accounts.clock import FOREVER
from billing import allotments, periods
from billing.book import Book, age
from billing.models import Lot, Period, PlanVersion, Subscription


def upgrade(
    book: Book, *, plan_version: PlanVersion, interval: str, paid_through: datetime, at: datetime, **facts: Any
) -> None:
    """Another plan at once, with an anchor of its own; by policy the credits of the old one are lost.

    Other licences of the same plan leave the credits as they are, and bring new ones with the next allotment only.
    """
    held = _held(book)
    is_same_plan = (held.plan_version_id, held.interval) == (plan_version.pk, interval)
    if book.policies.at(at).on_upgrade == "forfeit" and not is_same_plan:
        forfeit_plan_credits(book, at=at)
    new = succeed(
        book, plan_version=plan_version, interval=interval, anchor_at=at, paid_through=paid_through, at=at, **facts
    )
    if is_same_plan:
        _skip_first_allotment(book, new)


def _skip_first_allotment(book: Book, subscription: Subscription) -> None:
    """What the pool holds was given for this time already: the first period is there, and for no seat."""
    starts_at, ends_at = allotments.period_bounds(subscription, 0)
    terms = subscription.plan_version
    book.periods.append(
        Period(subscription=subscription, plan_version=terms, n=0, seats=0, starts_at=starts_at, ends_at=ends_at)
    )
    subscription.next_n = subscription.next_term = 1
    subscription.renews_at = allotments.next_renewal(subscription)


def wait(book: Book, *, plan_version: PlanVersion, interval: str, seats: int | None = None, at: datetime) -> datetime:
    """Another plan, or other licences, when the term ends: answers when. Another one that waited is forgotten."""
    held = _held(book)
    held.next_version, held.next_interval, held.changes_at = plan_version, interval, end_of_term(held, at=at)
    held.next_seats = None if seats == held.seats else seats
    held.renews_at = allotments.next_renewal(held)
    return held.changes_at


def cancel(book: Book, *, at: datetime) -> datetime:
    """No plan when the term ends, or by policy now: answers when. What waited for that day waits in vain."""
    held = _held(book)
    is_at_once = book.policies.at(at).cancel_effect == "at_once"
    held.cancel_at = at if is_at_once else end_of_term(held, at=at)
    held.renews_at = allotments.next_renewal(held)
    return held.cancel_at


def end_of_term(subscription: Subscription, *, at: datetime) -> datetime:
    """A term is what is paid for; without end, the month or year that is running; in the grace it is over."""
    if subscription.paid_through >= FOREVER:
        return periods.term_end_after(at, anchor_at=subscription.anchor_at, interval=subscription.interval)
    return max(subscription.paid_through, at)


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
    """End the running subscription at `at`; another one with the same payer starts at `anchor_at`.

    `facts` are further fields of it, and those that differ: `seats`. Lots stay as they are; a contract's figure ends
    with its subscription.
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
    old = _held(book)
    old.ended_at, old.renews_at = at, None
    book.note(old)
    book.subscription = None
    return old


def forfeit_plan_credits(book: Book, *, at: datetime) -> None:
    """Allotments, bonuses and what came back of them are lost (domain 5.7)."""
    forfeit(book, Lot.Priority.PLAN, at=at)


def forfeit(book: Book, priority: Lot.Priority, *, at: datetime) -> None:
    """All open lots of a kind, those that end first before the others; what is disputed waits for its decision."""
    cause = book.id_of(_held(book))
    lots = [lot for lot in book.lots if lot.priority == priority and lot.frozen_at is None]
    for lot in sorted(lots, key=lambda lot: (lot.expires_at, age(lot))):
        book.forfeit(lot, at=at, cause=cause)


def _held(book: Book) -> Subscription:
    assert book.subscription is not None
    return book.subscription
