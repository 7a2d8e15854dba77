"""Money back to a buyer, and money that a bank takes back: the credits of it go too (domain 5.9).

What was spent already becomes a shortfall. Each repayment and each dispute counts once, under the order's lock.
"""

from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts import live
from accounts.busy import short_wait
from accounts.hints import hint
from accounts.models import Member
from accounts.public_ids import new_public_id
from billing import purchases, referrals
from billing.models import Dispute, Lot, Order, Repayment
from billing.payments.base import Contested, Returned

from .paying import lock
from .refusals import OrderRefused
from .undoing import undo, undo_part

State = Order.State
REPAYABLE = (State.PAID, State.PART_REPAID)


def repayable(order: Order) -> int:
    """The most that can be sent back now, in minor units: what was asked for and not yet done is taken off."""
    if order.state not in REPAYABLE or order.disputes.filter(state=Dispute.State.OPEN).exists():
        return 0
    waiting = order.repayments.filter(repaid_at=None, failure="").aggregate(sum=Sum("amount"))["sum"] or 0
    return max(order.amount - _gone(order) - waiting, 0)


def ask_repayment(
    *, order: Order, amount: int, reason: str, actor: Member, at: datetime, form_key: str = ""
) -> Repayment:
    """Send money back, wholly or in part; the same `form_key` again answers the first.

    The gateway is asked by the worker, and the credits go when it confirms; an invoice's money staff send themselves,
    so that its credits go at once. Raises OrderRefused for more than is left, during a dispute, or before payment.
    """
    with short_wait():
        held = lock(order)
        reference = f"asked-{form_key or new_public_id()}"
        earlier = held.repayments.filter(reference=reference).first()
        if earlier is not None:
            return earlier
        if not 0 < amount <= repayable(held):
            raise OrderRefused(_("So much cannot be paid back now."))
        made = Repayment.objects.create(
            order=held, reference=reference, amount=amount, reason=reason, asked_by=actor, asked_at=at
        )
        if held.provider == "manual":
            _repaid(held, made, at=at)
        else:
            hint("billing.tasks.gateway_repay", made.pk)
    return made


def returned(*, order: Order, said: Returned, at: datetime) -> Repayment:
    """What the gateway says of one repayment, whoever asked for it; told again, it changes nothing."""
    with short_wait():
        held = lock(order)
        repayment = _repayment_of(held, said, at=at)
        facts = {"reference": said.reference, "failure": (said.why or "refused")[:200] if said.is_failed else ""}
        Repayment.objects.filter(pk=repayment.pk).update(**facts)
        if said.is_done and repayment.repaid_at is None:
            _repaid(held, repayment, at=at)
    return repayment


def _repayment_of(order: Order, said: Returned, *, at: datetime) -> Repayment:
    known = order.repayments.filter(reference=said.reference).first()
    if known is None and said.ours is not None:
        known = order.repayments.filter(pk=said.ours).first()
    if known is not None:
        return known
    # Somebody sent it at the gateway itself.
    facts = {"amount": said.amount, "reason": "At the provider", "asked_at": at}
    return Repayment.objects.create(order=order, reference=said.reference, **facts)


def _repaid(order: Order, repayment: Repayment, *, at: datetime) -> None:
    if not Repayment.objects.filter(pk=repayment.pk, repaid_at=None).update(repaid_at=at):
        return
    repayment.repaid_at = at
    before = _gone(order)
    order.repaid = min(order.repaid + repayment.amount, order.amount)
    order.state = State.REPAID if order.repaid == order.amount else State.PART_REPAID
    order.save(update_fields=["repaid", "state"])
    _take_back(order, before=before, cause=f"repayment-{repayment.pk}", at=at)
    live.tell(order.buyer_id, changed="order", id=order.public_id)


# --- Disputes -----------------------------------------------------------------------------------


def contested(*, order: Order, said: Contested, at: datetime) -> Dispute | None:
    """What the gateway says of one dispute. Open: the credits are frozen. Won: free again. Lost: taken back.

    An inquiry, in which no money moved, is none: None.
    """
    if not (said.is_open or said.is_lost or said.is_won):
        return None
    with short_wait():
        held = lock(order)
        facts = {"order": held, "amount": said.amount, "opened_at": at}
        dispute, is_new = Dispute.objects.get_or_create(
            provider=held.provider, reference=said.reference, defaults=facts
        )
        if is_new:
            for line in held.lines.filter(pack__isnull=False):
                purchases.freeze(line=line, at=at)
        if said.is_lost or said.is_won:
            _close(held, dispute, is_lost=said.is_lost, at=at)
    live.tell(held.buyer_id, changed="order", id=held.public_id)
    dispute.refresh_from_db()
    return dispute


def _close(order: Order, dispute: Dispute, *, is_lost: bool, at: datetime) -> None:
    before = _gone(order)
    state = Dispute.State.LOST if is_lost else Dispute.State.WON
    still_open = Dispute.objects.filter(pk=dispute.pk, state=Dispute.State.OPEN)
    if not still_open.update(state=state, closed_at=at):
        return
    if is_lost:
        _take_back(order, before=before, cause=f"dispute-{dispute.pk}", at=at)
    if not order.disputes.filter(state=Dispute.State.OPEN).exists():
        for line in order.lines.filter(pack__isnull=False):
            purchases.unfreeze(line=line, at=at)


# --- Credits follow the money -------------------------------------------------------------------


def _gone(order: Order) -> int:
    """Money of this order that is no longer here: paid back, or lost in disputes."""
    lost = order.disputes.filter(state=Dispute.State.LOST).aggregate(sum=Sum("amount"))["sum"] or 0
    return min(order.repaid + lost, order.amount)


def _take_back(order: Order, *, before: int, cause: str, at: datetime) -> None:
    """The share of credits that goes with the share of money. Shares are cut from the whole, so that parts add up."""
    after = _gone(order)
    for lot in Lot.objects.filter(order_line__order=order).select_related("order_line__order"):
        share = lot.order_line.credits_of(after) - lot.order_line.credits_of(before) if lot.order_line else 0
        if share:
            purchases.claw_back(lot=lot, amount=share, cause=cause, at=at)
    if before < after == order.amount:
        undo(order, at=at)
    elif before < after:
        undo_part(order, amount=after - before, cause=cause, at=at)
    referrals.on_repaid(order=order, at=at)
