"""A plan is taken, paid on, cancelled, kept after all, exchanged for another, ended.

Every verb locks the wallet first, so that plan and credits change together. A holder is a member or a team.
"""

import logging
from datetime import datetime

from django.utils.translation import gettext as _

from accounts import live
from accounts.busy import short_wait
from accounts.models import Member, Team

from . import ledger, payments, succession
from .allotments import next_renewal
from .bookkeeping import open_books, write
from .conditions import (
    AlreadySubscribed,
    NotOffered,
    NotRunning,
    SubscriptionRefused,
    check_anchor,
    check_licences,
    check_terms,
)
from .entitlements import held_at
from .models import Plan, PlanRequest, PlanVersion, Subscription, Wallet
from .plan_money import credit_left_over
from .prices import post_bill_credit
from .settling import settle_book

logger = logging.getLogger(__name__)


__all__ = [
    "AlreadySubscribed",
    "NotOffered",
    "NotRunning",
    "SubscriptionRefused",
    "cancel",
    "end",
    "holder_of",
    "lock",
    "pay_through",
    "resume",
    "running",
    "store",
    "subscribe",
    "tell",
    "upgrade",
]


def subscribe(
    *,
    member: Member | Team,
    plan_version: PlanVersion,
    interval: str,
    paid_through: datetime,
    started_by: Member | None,
    at: datetime,
    seats: int = 1,
    contract_allotment: int | None = None,
    anchor_at: datetime | None = None,
    provider: str = "",
    provider_reference: str = "",
    paid_at: datetime | None = None,
) -> Subscription:
    """Start a plan; its first allotment is granted at once. `paid_through` FOREVER = without end.

    `contract_allotment` (credits a seat) and `anchor_at` (a day that has begun) are what a contract says; `paid_at` is
    empty if no money came. Raises AlreadySubscribed, NotOffered, TooFewLicences, SubscriptionRefused (a past day).
    """
    if paid_through <= at:
        raise SubscriptionRefused(_("That day is past."))
    check_terms(member, plan_version, seats=seats, contract_allotment=contract_allotment)
    check_anchor(plan_version, anchor_at, at=at)
    with short_wait():
        wallet = ledger.lock_wallet(member, at=at)
        at = max(at, wallet.last_entry_at or at)
        ledger.settle(wallet, at=at)
        if held := running(member, at=at):
            raise AlreadySubscribed(
                _("%(member)s already holds %(plan)s.") % {"member": member, "plan": held.plan_version.plan}
            )
        check_licences(member, seats=seats)
        subscription = Subscription(
            wallet=wallet,
            plan_version=plan_version,
            interval=interval,
            anchor_at=anchor_at or at,
            renews_at=anchor_at or at,
            paid_through=paid_through,
            started_by=started_by,
            seats=seats,
            contract_allotment=contract_allotment,
            provider=provider,
            provider_reference=provider_reference,
            paid_at=paid_at,
        )
        subscription.save(force_insert=True)
        _close_waiting_requests(wallet, plan_version.plan, started_by, at)
        ledger.settle(wallet, at=at)
    tell(wallet)
    subscription.refresh_from_db()
    return subscription


def running(holder: Member | Team, *, at: datetime) -> Subscription | None:
    """The plan held at `at`, with its terms, whether or not a worker has ended it since.

    A change that waited is seen once it is posted: by the next operation on the wallet, or by the sweep each minute.
    """
    whose = {"wallet__team" if isinstance(holder, Team) else "wallet__member": holder}
    related = ("plan_version__plan", "next_version__plan", "wallet__member", "wallet__team")
    return held_at(at).filter(**whose).select_related(*related).first()


def upgrade(
    *,
    subscription: Subscription,
    version: PlanVersion,
    interval: str,
    paid_through: datetime,
    at: datetime,
    seats: int | None = None,
    provider: str = "",
    provider_reference: str = "",
    paid_at: datetime | None = None,
    started_by: Member | None = None,
) -> Subscription:
    """Exchange the plan for another at once: a new anchor, and by policy the plan's credits are lost (domain 5.7).

    `seats` None = as many licences as before. What the unused share of the old term leaves over is owed to the holder.
    With a provider the money came at `at`, if `paid_at` does not say another instant. Raises NotRunning, NotOffered,
    TooFewLicences.
    """
    with short_wait():
        held = lock(subscription, at=at)
        at = max(at, held.wallet.last_entry_at or at)
        seats = seats or held.seats
        check_terms(holder_of(held.wallet), version, seats=seats, contract_allotment=None)
        # Seats may have been given out while the order waited for its money.
        check_licences(holder_of(held.wallet), seats=seats)
        left_over = credit_left_over(held, version, interval, seats=seats, at=at)
        book = open_books([held.wallet], until=at, recorded_at=at)[0]
        facts = {
            "provider": provider,
            "provider_reference": provider_reference,
            "paid_at": paid_at or (at if provider else None),
            "started_by_id": started_by.pk if started_by else held.started_by_id,
            "seats": seats,
        }
        succession.upgrade(book, plan_version=version, interval=interval, paid_through=paid_through, at=at, **facts)
        settle_book(book, until=at)
        write([book])
        post_bill_credit(
            wallet=held.wallet,
            amount=left_over,
            currency=version.currency,
            reason=_("Unused share of %(plan)s") % {"plan": held.plan_version.plan},
            key=f"upgrade:{held.pk}",
            at=at,
        )
        _close_waiting_requests(held.wallet, version.plan, started_by, at)
    tell(held.wallet)
    assert book.subscription is not None
    return book.subscription


def cancel(*, subscription: Subscription, at: datetime) -> datetime:
    """Let the plan end with the term that is paid for, or by policy at once; returns that instant. Twice is once.

    Until then nothing changes; then plan credits and their returns are forfeited (domain 5.7). In the grace
    of a missed payment the term is over: the plan ends at once. Raises NotRunning.
    """
    with short_wait():
        held = lock(subscription, at=at)
        if held.cancel_at is None:
            book = open_books([held.wallet], until=at, recorded_at=at, lock=False)[0]
            held.cancel_at = succession.cancel(book, at=at)
            store(held, "cancel_at")
            ledger.settle(held.wallet, at=at)
    tell(held.wallet)
    return held.cancel_at


def resume(*, subscription: Subscription, at: datetime) -> Subscription:
    """Take a cancellation back before it takes effect. Raises NotRunning."""
    with short_wait():
        held = lock(subscription, at=at)
        held.cancel_at = None
        store(held, "cancel_at")
    tell(held.wallet)
    return held


def end(*, subscription: Subscription, at: datetime) -> None:
    """End a plan whose money went back, now, whatever the policy says of cancelling. Raises NotRunning."""
    with short_wait():
        held = lock(subscription, at=at)
        held.cancel_at = max(at, held.wallet.last_entry_at or at)
        store(held, "cancel_at")
        ledger.settle(held.wallet, at=held.cancel_at)
    tell(held.wallet)


def pay_through(
    *,
    subscription: Subscription,
    until: datetime,
    actor: Member | None,
    at: datetime,
    paid_at: datetime | None = None,
) -> Subscription:
    """Move the instant to which the plan is paid; what a late payment covers is granted with its true dates.

    `actor` None = a provider told of the payment; `paid_at` is when money came, or at latest now: what staff gave stays
    given where they extend it on a site that collects money. Raises NotRunning, and SubscriptionRefused for an instant
    that is past or a plan that is cancelled.
    """
    if until <= at:
        raise SubscriptionRefused(_("That day is past. Cancel the plan to end it."))
    with short_wait():
        held = lock(subscription, at=at)
        if held.cancel_at is not None:
            raise SubscriptionRefused(_("This plan is cancelled. Take the cancellation back first."))
        is_gift = actor is not None and paid_at is None and held.paid_at is None and payments.provider() is not None
        held.paid_through, held.paid_at = until, None if is_gift else max(paid_at or at, held.paid_at or at)
        store(held, "paid_through", "paid_at")
        ledger.settle(held.wallet, at=at)
    by = "a provider" if actor is None else f"member {actor.pk}"
    logger.info("subscription %s paid through %s by %s", held.pk, until.isoformat(), by)
    tell(held.wallet)
    return held


# --- What the verbs share, also those of billing.plan_changes -----------------------------------


def lock(subscription: Subscription, *, at: datetime) -> Subscription:
    """The running subscription under its wallet's lock, with everything due by `at` posted. Raises NotRunning."""
    wallet = ledger.lock_wallet(holder_of(subscription.wallet), at=at)
    at = max(at, wallet.last_entry_at or at)
    ledger.settle(wallet, at=at)
    held = running(holder_of(wallet), at=at)
    if held is None or held.pk != subscription.pk:
        raise NotRunning(_("This plan has ended."))
    held.wallet = wallet
    return held


def store(subscription: Subscription, *changed: str) -> None:
    """Write these fields of a locked subscription, and when its next period starts as they are now."""
    subscription.renews_at = next_renewal(subscription)
    subscription.save(update_fields=[*changed, "renews_at"])


def holder_of(wallet: Wallet) -> Member | Team:
    """Whose it is."""
    holder = wallet.member or wallet.team
    assert holder is not None
    return holder


def tell(wallet: Wallet) -> None:
    """Hint the pages of whoever looks after it: the member, or the team's admins."""
    if wallet.team is None:
        live.tell(wallet.member_id or 0, changed="credits")
        return
    for member_id in wallet.team.admins.filter(until=None).values_list("member_id", flat=True):
        live.tell(member_id, changed="credits")


def _close_waiting_requests(wallet: Wallet, plan: Plan, actor: Member | None, at: datetime) -> None:
    """A plan given otherwise answers what the member asked for."""
    waiting = PlanRequest.objects.filter(member=wallet.member_id, state=PlanRequest.State.WAITING)
    waiting.filter(plan=plan).update(state=PlanRequest.State.CONFIRMED, decided_at=at, decided_by=actor)
    waiting.update(state=PlanRequest.State.DECLINED, decided_at=at, decided_by=actor)
