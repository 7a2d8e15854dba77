"""A change of plan: which kind it is, what it would do to every credit and to the bill, and doing it (domain 5.7).

A preview takes the very steps of the change (`billing.succession`, `billing.settling`) in a book that is thrown away.

**What an upgrade is.** A plan with a higher price a month for all licences, both paid in the rhythm that is wanted, and
with no lower one in the other rhythm; or the same plan in a longer rhythm, for no fewer licences. It happens at once.
Everything else waits for the end of the term paid for: whoever came back to where they were by changes that happen at
once would be given a whole allotment for each, and pay by the day.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from accounts.busy import short_wait
from accounts.clock import FOREVER

from . import plan_preview, subscriptions, succession
from .bookkeeping import open_books
from .conditions import check_licences
from .models import PlanVersion, Subscription
from .models.subscription import Interval
from .payments import provider
from .periods import term_end_after
from .plan_money import is_next_paid, monthly_price
from .plan_preview import Change
from .prices import term_price
from .subscriptions import NotOffered, NotRunning, SubscriptionRefused

# The fields of a change that waits.
WAITING = ("next_version", "next_interval", "next_seats", "changes_at")


class Kind(StrEnum):
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    SAME = "same"


class FiguresChanged(SubscriptionRefused):
    """What was shown no longer holds; `change` is what does."""

    def __init__(self, change: Change) -> None:
        super().__init__(_("The figures changed. Look again."))
        self.change = change


def kind_of(held: Subscription, version: PlanVersion, interval: str, seats: int | None = None) -> Kind:
    """Whether it happens at once, waits for the end of the term, or changes nothing."""
    seats = seats or held.seats
    if (held.plan_version_id, held.interval, held.seats) == (version.pk, interval, seats):
        return Kind.SAME
    if held.plan_version.plan_id == version.plan_id and held.interval != interval:
        is_more = interval == Interval.YEAR and seats >= held.seats
        return Kind.UPGRADE if is_more else Kind.DOWNGRADE
    by_rhythm = {one: _dearer_by(held, version, one, seats) for one in Interval.values}
    is_dearer = by_rhythm[interval] > 0 and min(by_rhythm.values()) >= 0
    return Kind.UPGRADE if is_dearer else Kind.DOWNGRADE


def _dearer_by(held: Subscription, version: PlanVersion, interval: str, seats: int) -> int:
    """A month of all licences, paid in this rhythm, against the plan held."""
    return seats * monthly_price(version, interval) - held.seats * monthly_price(held.plan_version, interval)


def preview(
    *, subscription: Subscription, version: PlanVersion, interval: str, seats: int | None = None, at: datetime
) -> Change:
    """What `confirm` would do at `at`, if nothing is spent, answered or bought until it takes effect.

    `seats` None = as many licences as now. Nothing is written, nothing locked. Raises SubscriptionRefused for what
    cannot be changed.
    """
    seats = seats or subscription.seats
    kind = _check(subscription, version, interval, seats, at=at)
    if kind == Kind.UPGRADE:
        until = paid_through(subscription, interval, at=at)
        return plan_preview.of_upgrade(subscription, version, interval, until, seats=seats, at=at)
    return plan_preview.of_downgrade(subscription, version, interval, seats=seats, at=at)


def preview_of_cancelling(*, subscription: Subscription, at: datetime) -> Change:
    """What `subscriptions.cancel` would do at `at`, if nothing happens until it takes effect."""
    return plan_preview.of_cancellation(subscription, at=at)


def confirm(
    *,
    subscription: Subscription,
    version: PlanVersion,
    interval: str,
    seats: int | None = None,
    shown: str,
    at: datetime,
) -> Change:
    """Do what was shown, if it still holds; money that is due is the caller's to have collected.

    `shown` is the digest of the preview. Raises FiguresChanged with the new preview, NotRunning, SubscriptionRefused.
    """
    with short_wait():
        held = subscriptions.lock(subscription, at=at)
        change = preview(subscription=held, version=version, interval=interval, seats=seats, at=at)
        if change.digest != shown:
            raise FiguresChanged(change)
        if change.kind == Kind.UPGRADE:
            until = paid_through(held, interval, at=at)
            wanted: dict[str, Any] = {"version": version, "interval": interval, "seats": change.seats, "at": at}
            subscriptions.upgrade(subscription=held, paid_through=until, **wanted)
        else:
            _let_wait(held, version, interval, change.seats, at=at)
    subscriptions.tell(held.wallet)
    return change


def withdraw(*, subscription: Subscription, at: datetime) -> Subscription:
    """Forget the change that waits: the plan goes on as it is. Twice is once.

    Raises NotRunning, and SubscriptionRefused once the term of the plan that waits is paid.
    """
    with short_wait():
        held = subscriptions.lock(subscription, at=at)
        _refuse_if_next_is_paid(held)
        held.next_version, held.next_interval, held.next_seats, held.changes_at = None, "", None, None
        subscriptions.store(held, *WAITING)
    subscriptions.tell(held.wallet)
    return held


def paid_through(held: Subscription, interval: str, *, at: datetime) -> datetime:
    """To when an upgrade at `at` is paid: one term; where nobody collects money, without end as the plan before."""
    is_endless = held.paid_through >= FOREVER and provider() is None
    return FOREVER if is_endless else term_end_after(at, anchor_at=at, interval=interval)


def _let_wait(held: Subscription, version: PlanVersion, interval: str, seats: int, *, at: datetime) -> None:
    book = open_books([held.wallet], until=at, recorded_at=at)[0]
    succession.wait(book, plan_version=version, interval=interval, seats=seats, at=book.not_before_last_entry(at))
    assert book.subscription is not None
    subscriptions.store(book.subscription, *WAITING)


def _check(held: Subscription, version: PlanVersion, interval: str, seats: int, *, at: datetime) -> Kind:
    kind = kind_of(held, version, interval, seats)
    if held.ended_at is not None:
        raise NotRunning(_("This plan has ended."))
    if not version.is_paid:
        raise NotOffered(_("To hold %(plan)s, cancel your plan.") % {"plan": version.plan})
    if kind == Kind.SAME:
        raise NotOffered(_("This is the plan you hold."))
    if held.wallet.team_id is not None and not version.is_per_seat:
        raise NotOffered(_("%(plan)s is not a plan for teams.") % {"plan": version.plan})
    if held.contract_allotment is not None:
        raise NotOffered(_("This plan is a contract: staff change it with you."))
    if kind == Kind.DOWNGRADE and held.cancel_at is not None:
        raise SubscriptionRefused(_("This plan is cancelled. Take the cancellation back first."))
    if kind == Kind.DOWNGRADE and held.paid_through <= at:
        # Its term is over: a change that waits for the end of the term would be a term that nobody pays for.
        raise SubscriptionRefused(
            _("A payment for this plan is missing. Pay it first, or cancel and choose another plan.")
        )
    if kind == Kind.DOWNGRADE:
        _refuse_if_next_is_paid(held)
    if not term_price(version, interval) and term_price(held.plan_version, held.interval):
        # By going down nobody comes to what order and payment would not give.
        raise NotOffered(_("%(plan)s costs nothing so: staff give it.") % {"plan": version.plan})
    check_licences(subscriptions.holder_of(held.wallet), seats=seats)
    return kind


def _refuse_if_next_is_paid(held: Subscription) -> None:
    """A term that was paid as a cheaper plan's, or for fewer licences, is no term of the plan held now."""
    if held.next_version is not None and is_next_paid(held):
        words = _("The next term is paid already, as %(plan)s. Change that when it has begun.")
        raise SubscriptionRefused(words % {"plan": held.next_version.plan})
