"""A member takes a plan, cancels it, takes the cancellation back; members ask and staff confirm.

Every verb locks the member's wallet first, so that plan and credits change together.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import live
from accounts.busy import short_wait
from accounts.clock import FOREVER
from accounts.models import Member

from . import ledger
from .allotments import next_renewal
from .catalog import version_in_force
from .entitlements import held_at
from .models import Lot, Plan, PlanRequest, PlanVersion, Subscription, Wallet
from .periods import term_end_after
from .sweeps import settle_wallets

logger = logging.getLogger(__name__)


class SubscriptionRefused(Exception):
    """Nothing was changed; the text is a sentence for whoever asked."""


class AlreadySubscribed(SubscriptionRefused):
    """A wallet has at most one running subscription (domain 5.6)."""


class NotRunning(SubscriptionRefused):
    """The plan has ended meanwhile."""


class NotOffered(SubscriptionRefused):
    """A plan that cannot be asked for."""


class AlreadyAsked(SubscriptionRefused):
    """Another request of this member waits."""


class RequestDecided(SubscriptionRefused):
    """Somebody was quicker: the request no longer waits."""


def subscribe(
    *,
    member: Member,
    plan_version: PlanVersion,
    interval: str,
    paid_through: datetime,
    started_by: Member | None,
    at: datetime,
) -> Subscription:
    """Start a plan; its first allotment is granted at once. `paid_through` FOREVER = without end.

    Raises AlreadySubscribed, NotOffered (the free plan is nobody's), SubscriptionRefused (a day that is past).
    """
    if paid_through <= at:
        raise SubscriptionRefused(_("That day is past."))
    if not plan_version.is_paid:
        raise NotOffered(_("%(plan)s is what every member has.") % {"plan": plan_version.plan})
    with short_wait():
        wallet = ledger.lock_wallet(member, at=at)
        at = max(at, wallet.last_entry_at or at)
        ledger.settle(wallet, at=at)
        if held := running(member, at=at):
            raise AlreadySubscribed(
                _("%(member)s already holds %(plan)s.") % {"member": member, "plan": held.plan_version.plan}
            )
        start = Start(
            member_id=member.pk,
            plan_version=plan_version,
            interval=interval,
            paid_through=paid_through,
            anchor_at=at,
        )
        subscription = _started(wallet, start)
        subscription.started_by = started_by
        subscription.save(force_insert=True)
        _close_waiting_requests(member, plan_version.plan, started_by, at)
        ledger.settle(wallet, at=at)
    live.tell(member.pk, changed="credits")
    subscription.refresh_from_db()
    return subscription


@dataclass(frozen=True, kw_only=True)
class Start:
    """One of many plans to start; `anchor_at` is the start of its first period."""

    member_id: int
    plan_version: PlanVersion
    interval: str
    paid_through: datetime
    anchor_at: datetime


def subscribe_many(starts: Sequence[Start], *, at: datetime) -> int:
    """Start many plans and grant what is due by `at`, by the same few queries for hundreds; at best 500 a call.

    For bringing members in: who holds a plan already keeps it and is left out. Answers how many were started.
    """
    wanted = {start.member_id: start for start in starts}
    with short_wait():
        new = [Wallet(member_id=start.member_id, opened_at=start.anchor_at) for start in starts]
        Wallet.objects.bulk_create(new, ignore_conflicts=True)
        wallets = Wallet.objects.select_for_update(no_key=True).filter(member__in=wanted).order_by("pk")
        locked = {wallet.member_id: wallet for wallet in wallets}
        held = set(
            Subscription.objects.running().filter(wallet__in=locked.values()).values_list("wallet_id", flat=True)
        )
        free = [wallet for wallet in locked.values() if wallet.pk not in held]
        Subscription.objects.bulk_create([_started(wallet, wanted[wallet.member_id]) for wallet in free])
        settle_wallets([wallet.pk for wallet in free], at=at, wait=True)
    return len(free)


def _started(wallet: Wallet, start: Start) -> Subscription:
    # A clock that went back starts nothing before the wallet's last entry.
    anchor_at = max(start.anchor_at, wallet.last_entry_at or start.anchor_at)
    return Subscription(
        wallet=wallet,
        plan_version=start.plan_version,
        interval=start.interval,
        anchor_at=anchor_at,
        paid_through=start.paid_through,
        renews_at=anchor_at,
    )


def running(member: Member, *, at: datetime) -> Subscription | None:
    """The plan a member holds at `at`, with its terms, whether or not a worker has ended it since."""
    held = held_at(at).filter(wallet__member=member)
    return held.select_related("plan_version__plan", "wallet__member").first()


@dataclass(frozen=True, kw_only=True)
class Cancellation:
    """What cancelling does: the plan's end, the credits lost there unless used before, those that stay."""

    ends_at: datetime
    is_at_once: bool
    lost: int
    kept: int

    @property
    def digest(self) -> str:
        """Posted back by the page: what was shown must still hold."""
        when = "at once" if self.is_at_once else self.ends_at.isoformat()
        return f"{when}, {self.lost} lost, {self.kept} kept"


def cancellation(subscription: Subscription, *, at: datetime) -> Cancellation:
    """What `cancel` would do at `at`; the page that asks shows it."""
    ends_at = _end_of_term(subscription, at=at)
    lots = list(Lot.objects.filter(wallet=subscription.wallet_id).alive(at).filter(expires_at__gt=ends_at))
    plan_credits = sum(lot.remaining for lot in lots if lot.priority == Lot.Priority.PLAN)
    kept = sum(lot.remaining for lot in lots) - plan_credits
    return Cancellation(ends_at=ends_at, is_at_once=ends_at <= at, lost=plan_credits, kept=kept)


def cancel(*, subscription: Subscription, at: datetime) -> datetime:
    """Let the plan end with the term that is paid for; returns that instant. Twice is once.

    Until then nothing changes; then plan credits and their returns are forfeited (domain 5.7). In the grace
    of a missed payment the term is over: the plan ends at once. Raises NotRunning.
    """
    with short_wait():
        held = _locked(subscription, at=at)
        if held.cancel_at is None:
            held.cancel_at = _end_of_term(held, at=at)
            _store(held, "cancel_at")
            ledger.settle(held.wallet, at=at)
    live.tell(held.wallet.member_id, changed="credits")
    return held.cancel_at


def resume(*, subscription: Subscription, at: datetime) -> Subscription:
    """Take a cancellation back before it takes effect. Raises NotRunning."""
    with short_wait():
        held = _locked(subscription, at=at)
        held.cancel_at = None
        _store(held, "cancel_at")
    live.tell(held.wallet.member_id, changed="credits")
    return held


def pay_through(*, subscription: Subscription, until: datetime, actor: Member, at: datetime) -> Subscription:
    """Move the instant to which the plan is paid; what a late payment covers is granted with its true dates.

    Raises NotRunning, and SubscriptionRefused for an instant that is past or a plan that is cancelled.
    """
    if until <= at:
        raise SubscriptionRefused(_("That day is past. Cancel the plan to end it."))
    with short_wait():
        held = _locked(subscription, at=at)
        if held.cancel_at is not None:
            raise SubscriptionRefused(_("This plan is cancelled. Take the cancellation back first."))
        held.paid_through = until
        _store(held, "paid_through")
        ledger.settle(held.wallet, at=at)
    logger.info("subscription %s paid through %s by member %s", held.pk, until.isoformat(), actor.pk)
    live.tell(held.wallet.member_id, changed="credits")
    return held


def _locked(subscription: Subscription, *, at: datetime) -> Subscription:
    """The running subscription under its wallet's lock, with everything due by `at` posted."""
    wallet = ledger.lock_wallet(subscription.wallet.member, at=at)
    at = max(at, wallet.last_entry_at or at)
    ledger.settle(wallet, at=at)
    held = running(wallet.member, at=at)
    if held is None or held.pk != subscription.pk:
        raise NotRunning(_("This plan has ended."))
    held.wallet = wallet
    return held


def _store(subscription: Subscription, changed: str) -> None:
    subscription.renews_at = next_renewal(subscription)
    subscription.save(update_fields=[changed, "renews_at"])


def _end_of_term(subscription: Subscription, *, at: datetime) -> datetime:
    """A term is what is paid for; without end, the month or year that is running."""
    if subscription.paid_through >= FOREVER:
        return term_end_after(at, anchor_at=subscription.anchor_at, interval=subscription.interval)
    return max(subscription.paid_through, at)


def ask_for_plan(*, member: Member, plan: Plan, interval: str, at: datetime) -> PlanRequest:
    """Ask staff for a plan. The same request twice is one. Raises NotOffered, AlreadySubscribed, AlreadyAsked."""
    if not plan.is_offered or not version_in_force(plan.code, at=at).is_paid:
        raise NotOffered(_("%(plan)s cannot be asked for.") % {"plan": plan})
    if held := running(member, at=at):
        raise AlreadySubscribed(_("You already hold %(plan)s.") % {"plan": held.plan_version.plan})
    try:
        with transaction.atomic():
            return PlanRequest.objects.create(member=member, plan=plan, interval=interval, asked_at=at)
    except IntegrityError:
        waiting = waiting_request(member)
    if waiting is not None and (waiting.plan_id, waiting.interval) == (plan.pk, interval):
        return waiting
    raise AlreadyAsked(_("Another request waits. Withdraw it first."))


def waiting_request(member: Member) -> PlanRequest | None:
    """The one request of a member that staff have not decided."""
    return PlanRequest.objects.filter(member=member, state=PlanRequest.State.WAITING).select_related("plan").first()


def withdraw_request(*, request: PlanRequest, at: datetime) -> PlanRequest:
    """The member no longer asks. Raises RequestDecided."""
    return _decide(request, PlanRequest.State.WITHDRAWN, decided_by=request.member, at=at)


def decline_request(*, request: PlanRequest, actor: Member, at: datetime) -> PlanRequest:
    """Staff say no. Raises RequestDecided."""
    return _decide(request, PlanRequest.State.DECLINED, decided_by=actor, at=at)


def confirm_request(
    *, request: PlanRequest, actor: Member, at: datetime, paid_through: datetime = FOREVER
) -> Subscription:
    """Staff say yes: the plan starts, on the terms the member saw. Raises RequestDecided, AlreadySubscribed."""
    with short_wait():
        _decide(request, PlanRequest.State.CONFIRMED, decided_by=actor, at=at)
        return subscribe(
            member=request.member,
            plan_version=version_in_force(request.plan.code, at=request.asked_at),
            interval=request.interval,
            paid_through=paid_through,
            started_by=actor,
            at=at,
        )


def _decide(request: PlanRequest, state: str, *, decided_by: Member, at: datetime) -> PlanRequest:
    """The first decision wins: claimed by a conditional update."""
    waiting = PlanRequest.objects.filter(pk=request.pk, state=PlanRequest.State.WAITING)
    if not waiting.update(state=state, decided_at=at, decided_by=decided_by):
        raise RequestDecided(_("This request was decided meanwhile."))
    request.refresh_from_db(fields=["state", "decided_at", "decided_by"])
    return request


def _close_waiting_requests(member: Member, plan: Plan, actor: Member | None, at: datetime) -> None:
    """A plan given otherwise answers what the member asked for."""
    waiting = PlanRequest.objects.filter(member=member, state=PlanRequest.State.WAITING)
    waiting.filter(plan=plan).update(state=PlanRequest.State.CONFIRMED, decided_at=at, decided_by=actor)
    waiting.update(state=PlanRequest.State.DECLINED, decided_at=at, decided_by=actor)
