"""Credits given or taken by staff, with a reason; above a limit by two of them (domain 5.10).

Within the limits of the policy in force a proposal is posted at once. Above them, for what one gives oneself, and for
whatever writes a shortfall off, it waits 72 hours for somebody else. That nobody approves one's own is also a
constraint of the database; nor does anybody approve what they are given.
Every verb locks the wallet first.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Abs

from accounts import live
from accounts.clock import FOREVER
from accounts.models import Member
from accounts.site_policy import SitePolicy, policy_in_force
from billing import ledger
from billing.book import Book, age
from billing.bookkeeping import write
from billing.ledger import KeyReused, NotEnoughCredits
from billing.models import Adjustment, Entry, Lot, Shortfall, Wallet

WAITS = timedelta(hours=72)
State = Adjustment.State


class OwnProposal(Exception):
    """Whoever proposed it, or gets it, cannot be the second person."""


class NotWaiting(Exception):
    """It no longer waits: somebody was quicker, or 72 hours went by. `adjustment` says which."""

    def __init__(self, adjustment: Adjustment) -> None:
        super().__init__(adjustment.state)
        self.adjustment = adjustment


def propose(
    *,
    wallet: Wallet,
    amount: int,
    life_days: int | None,
    reason: str,
    evidence: str = "",
    actor: Member,
    form_key: str = "",
    at: datetime,
    writes_off: Shortfall | None = None,
) -> Adjustment:
    """Give (a lot of `life_days`; None = without end) or take credits, or write a shortfall off (amount 0).

    POSTED within the limits of one person, else WAITING. The same `form_key` again answers the first; raises KeyReused
    when that said something else, NotEnoughCredits instead of a balance below 0.
    """
    wallet = ledger.lock_by_id(wallet.pk)
    # Two of one person's adjustments must not pass the daily limit side by side.
    Member.objects.select_for_update(no_key=True).get(pk=actor.pk)
    earlier = Adjustment.objects.filter(form_key=form_key).first() if form_key else None
    if earlier is not None:
        return _same(earlier, wallet=wallet, amount=amount, actor=actor, writes_off=writes_off)
    ledger.settle(wallet, at=at)
    _check_there_is_enough(wallet, amount, at=at)
    is_gift_to_oneself = wallet.member_id == actor.pk and amount > 0
    is_within = _is_within_limits(policy_in_force(at), actor, amount, at=at)
    needs_second = writes_off is not None or is_gift_to_oneself or not is_within
    proposed = Adjustment(
        wallet=wallet,
        amount=amount,
        life_days=life_days,
        writes_off=writes_off,
        reason=reason,
        evidence=evidence,
        state=State.WAITING if needs_second else State.POSTED,
        needs_second=needs_second,
        posted_by=actor,
        proposed_at=at,
        posted_at=None if needs_second else at,
        **({"form_key": form_key} if form_key else {}),
    )
    proposed.save(force_insert=True)
    if not needs_second:
        _post(proposed, wallet, actor=actor, at=at)
    return proposed


def approve(*, adjustment: Adjustment, actor: Member, at: datetime) -> Adjustment:
    """The second person agrees: it is posted now, in their name.

    Raises OwnProposal, NotWaiting, and NotEnoughCredits when the credits to be taken have gone meanwhile.
    """
    if actor.pk in {adjustment.posted_by_id, adjustment.wallet.member_id}:
        raise OwnProposal
    wallet = ledger.lock_by_id(adjustment.wallet_id)
    decided = _decide(adjustment, State.POSTED, actor=actor, at=at, posted_at=at)
    ledger.settle(wallet, at=at)
    _post(decided, wallet, actor=actor, at=at)
    return decided


def send_back(*, adjustment: Adjustment, actor: Member, comment: str, at: datetime) -> Adjustment:
    """It needs something else, says `comment`; who proposed it may propose anew. Raises OwnProposal, NotWaiting."""
    if adjustment.posted_by_id == actor.pk:
        raise OwnProposal
    return _decide(adjustment, State.RETURNED, actor=actor, at=at, comment=comment)


def reject(*, adjustment: Adjustment, actor: Member, comment: str = "", at: datetime) -> Adjustment:
    """It will not be posted; who proposed it may say so too. Raises NotWaiting."""
    return _decide(adjustment, State.REJECTED, actor=actor, at=at, comment=comment)


def waiting(*, at: datetime) -> QuerySet[Adjustment]:
    """What a second person may decide at `at`, oldest first."""
    return Adjustment.objects.filter(state=State.WAITING, proposed_at__gt=at - WAITS).order_by("proposed_at", "pk")


def lapse(*, at: datetime) -> int:
    """Close what nobody decided within 72 hours; answers how many. No credit moved, so none has to move back."""
    late = Adjustment.objects.filter(state=State.WAITING, proposed_at__lte=at - WAITS)
    return late.update(state=State.LAPSED, decided_at=at)


def _decide(adjustment: Adjustment, state: State, *, actor: Member, at: datetime, **facts: Any) -> Adjustment:
    """The first decision wins: claimed by a conditional update."""
    claimed = waiting(at=at).filter(pk=adjustment.pk).order_by()
    done = claimed.update(state=state, decided_by=actor, decided_at=at, **facts)
    adjustment.refresh_from_db()
    if not done:
        raise NotWaiting(adjustment)
    return adjustment


def _post(adjustment: Adjustment, wallet: Wallet, *, actor: Member, at: datetime) -> None:
    if adjustment.writes_off_id is not None:
        _write_off(adjustment.writes_off_id, at=at)
    elif adjustment.amount > 0:
        _give(adjustment, wallet, actor=actor, at=at)
    else:
        _take(adjustment, wallet, actor=actor, at=at)
    if wallet.member_id is not None:
        live.tell(wallet.member_id, changed="credits")


def _give(adjustment: Adjustment, wallet: Wallet, *, actor: Member, at: datetime) -> None:
    life = adjustment.life_days
    ledger.grant(
        wallet=wallet,
        amount=adjustment.amount,
        source=Lot.Source.ADMIN,
        priority=Lot.Priority.GIFT,
        expires_at=FOREVER if life is None else max(at, wallet.last_entry_at or at) + timedelta(days=life),
        key=f"adjust:{adjustment.pk}",
        kind=Entry.Kind.ADJUST,
        actor=actor,
        reason=adjustment.reason,
        at=at,
    )


def _take(adjustment: Adjustment, wallet: Wallet, *, actor: Member, at: datetime) -> None:
    """From the credits that end first, whatever they are."""
    book = _book(wallet, at=at)
    lots = sorted(book.alive(book.not_before_last_entry(at)), key=lambda lot: (lot.expires_at, age(lot)))
    key = f"adjust:{adjustment.pk}:{{lot}}"
    facts = {"actor": actor, "reason": adjustment.reason}
    book.take(-adjustment.amount, at=at, kind=Entry.Kind.ADJUST, key=key, lots=lots, **facts)
    write([book])


def _write_off(shortfall_id: int, *, at: datetime) -> None:
    """The wallet's lock guards its shortfalls. One that was paid meanwhile stays as it is."""
    Shortfall.objects.filter(pk=shortfall_id, closed_at=None).update(remaining=0, closed_at=at)


def _check_there_is_enough(wallet: Wallet, amount: int, *, at: datetime) -> None:
    book = _book(wallet, at=at)
    balance = sum(lot.remaining for lot in book.alive(book.not_before_last_entry(at)))
    if balance + amount < 0:
        raise NotEnoughCredits(balance=balance, needed=-amount)


def _book(wallet: Wallet, *, at: datetime) -> Book:
    return Book(wallet=wallet, recorded_at=at, lots=list(wallet.lots.filter(closed_at=None)))


def _is_within_limits(policy: SitePolicy, actor: Member, amount: int, *, at: datetime) -> bool:
    """Of what one person posts alone, at once and in one day (UTC)."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    alone = Adjustment.objects.filter(
        posted_by=actor, needs_second=False, posted_at__gte=midnight, posted_at__lt=midnight + timedelta(days=1)
    )
    posted = alone.aggregate(total=Sum(Abs("amount")))["total"] or 0
    return abs(amount) <= policy.adjust_direct_limit and posted + abs(amount) <= policy.adjust_daily_limit


def _same(
    earlier: Adjustment, *, wallet: Wallet, amount: int, actor: Member, writes_off: Shortfall | None
) -> Adjustment:
    said = (earlier.wallet_id, earlier.amount, earlier.posted_by_id, earlier.writes_off_id)
    if said != (wallet.pk, amount, actor.pk, writes_off.pk if writes_off else None):
        raise KeyReused(earlier.form_key)
    return earlier
