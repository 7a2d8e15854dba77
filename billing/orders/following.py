"""Brings our orders and subscriptions to where the gateway's own objects are. What an event says is never believed:
the object is fetched, outside any transaction, and then one verb is called, which may be called again.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import F

from billing import subscriptions
from billing.models import Order, Repayment, Subscription
from billing.payments import Gateway, GatewayAway, GatewayRefused, Stage, gateway
from billing.payments.base import Collected

from . import paying, renewing, repaying

logger = logging.getLogger(__name__)

# A pay page has to stay open for half an hour at least.
SHORTEST_PAGE = timedelta(minutes=31)
NOT_OURS = "not ours"


def collect(*, order: Order, at: datetime) -> None:
    """Ask the gateway for the money of an order that waits for it. Raises GatewayAway."""
    asked = _gateway_of(order)
    if asked is None or order.state != Order.State.CREATED:
        return
    if order.lapses_at - at < SHORTEST_PAGE:
        paying.lapse(order=order, at=at)
        return
    try:
        checkout = asked.collect(order)
    except GatewayRefused as refusal:
        renewing.tell_again(order)
        paying.fail(order=order, why=str(refusal), at=at)
        return
    except GatewayAway:
        paying.note_away(order)
        raise
    if checkout.refusal is not None:
        renewing.tell_again(order)
    if paying.begin(order=order, checkout=checkout):
        if not checkout.url:
            look(order=order, at=at)
    elif checkout.url:
        # It was given up while the page was made: nobody is to pay there.
        order.checkout_reference = checkout.reference
        with suppress(GatewayRefused):
            asked.close(order)


def look(*, order: Order, at: datetime) -> None:
    """Advance an order to where its payment is. Raises GatewayAway."""
    asked = _gateway_of(order)
    if asked is None or not order.checkout_reference:
        return
    if order.kind == Order.Kind.RENEWAL:
        invoice(order.checkout_reference, at=at)
        return
    payment = asked.payment_of(order)
    if payment.stage == Stage.PAID:
        seen = paying.paid(order=order, payment=payment, at=at)
        _end_what_nobody_holds(asked, seen, payment.subscription)
    elif payment.stage == Stage.FAILED:
        paying.fail(order=order, why=payment.why, at=at)
    elif payment.stage == Stage.LAPSED:
        paying.lapse(order=order, at=at)
    elif payment.stage == Stage.PROCESSING:
        paying.wait(order=order)
    elif order.lapses_at <= at:
        _close(asked, order, at=at)


def _end_what_nobody_holds(asked: Gateway, order: Order, reference: str) -> None:
    """A plan that was paid and could not be granted: staff send the money back, and no more is to be collected."""
    is_held = Subscription.objects.filter(provider=asked.name, provider_reference=reference).exists()
    if reference and order.mismatch and order.state not in paying.OPEN and not is_held:
        asked.end(reference)


def _close(asked: Gateway, order: Order, *, at: datetime) -> None:
    try:
        asked.close(order)
    except GatewayRefused:
        # Paid in this moment: the next look finds it.
        return
    paying.lapse(order=order, at=at)


def look_at_open(*, at: datetime, limit: int = 200) -> int:
    """Ask about the orders that should be over, or never got a pay page; counts them. Raises GatewayAway."""
    due = paying.open_orders().filter(lapses_at__lte=at).order_by("lapses_at")[:limit]
    unasked = paying.open_orders().filter(state=Order.State.CREATED, lapses_at__gt=at).order_by("pk")[:limit]
    waiting = [*due, *unasked]
    for order in waiting:
        advance(order=order, at=at)
    return len(waiting)


def advance(*, order: Order, at: datetime) -> None:
    """Whatever this order waits for. Raises GatewayAway."""
    try:
        if order.checkout_reference:
            look(order=order, at=at)
        elif _gateway_of(order) is not None:
            collect(order=order, at=at)
        elif order.lapses_at <= at:
            paying.lapse(order=order, at=at)
    except GatewayRefused as refusal:
        logger.error("order %s: the gateway refused: %s", order.public_id, refusal)


def repay_waiting(*, at: datetime) -> int:
    """Ask again for repayments whose hint was lost. Raises GatewayAway."""
    waiting = Repayment.objects.filter(repaid_at=None, failure="", reference__startswith="asked-")
    for repayment in waiting.select_related("order").order_by("pk")[:200]:
        repay(repayment, at=at)
    return waiting.count()


# --- What an event or reconciliation points at --------------------------------------------------


def checkout(reference: str, *, at: datetime) -> str:
    """A pay page. Answers what came of it, in a few words."""
    order = Order.objects.filter(checkout_reference=reference).first() or _unnamed(reference)
    if order is None:
        return NOT_OURS
    look(order=order, at=at)
    return _said(order)


def _unnamed(reference: str) -> Order | None:
    """The worker died between making the page and writing its name down: the page names the order."""
    payment = _asked().payment_of(Order(checkout_reference=reference))
    return _with_reference(payment.order, reference)


def _with_reference(public_id: str, reference: str) -> Order | None:
    nameless = Order.objects.filter(public_id=public_id, checkout_reference="", provider=_asked().name)
    # What was given up meanwhile stays so: money that comes for it is shown to staff.
    if not nameless.filter(state=Order.State.CREATED).update(checkout_reference=reference, state=Order.State.PENDING):
        nameless.update(checkout_reference=reference)
    return Order.objects.filter(public_id=public_id, checkout_reference=reference).first()


def invoice(reference: str, *, at: datetime) -> str:
    """Money for a term of a subscription: the first, the change to another plan, or a further one."""
    money = _asked().collected(reference)
    if not money.subscription:
        return NOT_OURS
    if money.is_first:
        return _first_term(money, at=at)
    held = _held(money.subscription, at=at)
    if held is None:
        return NOT_OURS
    if not money.is_paid:
        return _not_paid(held, money, at=at)
    return _said(renewing.collected(subscription=held, money=money, at=at))


def _not_paid(held: Subscription, money: Collected, *, at: datetime) -> str:
    """Who holds the plan may pay until the grace is over; then nobody can."""
    order = renewing.not_paid(subscription=held, money=money, at=at)
    if order is None:
        return f"{held.pk} is not paid"
    if money.is_given_up:
        paying.lapse(order=order, at=at)
    elif order.state in paying.OPEN and (order.lapses_at <= at or held.ended_at is not None):
        _close(_asked(), order, at=at)
    return _said(order)


def _first_term(money: Collected, *, at: datetime) -> str:
    order = Order.objects.filter(public_id=money.order, provider=_asked().name).first()
    if order is None:
        return NOT_OURS
    if money.is_change:
        order = _with_reference(order.public_id, money.invoice) or order
    look(order=order, at=at)
    return _said(order)


def _held(reference: str, *, at: datetime) -> Subscription | None:
    """Our subscription of this name, the running one first. Its first payment may not have been told yet."""
    named = Subscription.objects.filter(provider=_asked().name, provider_reference=reference)
    if not named.exists() and (page := _asked().checkout_of(reference)):
        checkout(page, at=at)
    return named.order_by(F("ended_at").desc(nulls_first=True), "-pk").first()


def refund(reference: str, *, at: datetime) -> str:
    """Money that went back."""
    said = _asked().returned(reference)
    order = _order_of(said.payment, at=at)
    if order is None:
        return NOT_OURS
    repaying.returned(order=order, said=said, at=at)
    return _said(order)


def refunds_of_charge(reference: str, *, at: datetime) -> str:
    """All that went back of one charge."""
    outcome = NOT_OURS
    for said in _asked().returned_of_charge(reference):
        outcome = refund(said.reference, at=at)
    return outcome


def repay(repayment: Repayment, *, at: datetime) -> None:
    """Ask the gateway for a repayment that staff asked for. Raises GatewayAway."""
    asked = _gateway_of(repayment.order)
    if asked is None or repayment.repaid_at is not None or repayment.failure:
        return
    try:
        said = asked.repay(repayment)
    except GatewayRefused as refusal:
        Repayment.objects.filter(pk=repayment.pk).update(failure=str(refusal)[:200])
        return
    repaying.returned(order=repayment.order, said=said, at=at)


def dispute(reference: str, *, at: datetime) -> str:
    """A bank asks the money back, or has decided."""
    said = _asked().contested(reference)
    order = _order_of(said.payment, at=at)
    if order is None:
        return NOT_OURS
    repaying.contested(order=order, said=said, at=at)
    return _said(order)


def _order_of(payment: str, *, at: datetime) -> Order | None:
    """The order that this money paid; events may come in any order, so it is brought up to date first."""
    paid_by = Order.objects.filter(provider=_asked().name, payment_reference=payment)
    if payment and not paid_by.exists():
        source = _asked().source_of(payment)
        if source.startswith("in_"):
            invoice(source, at=at)
        elif source:
            checkout(source, at=at)
    return paid_by.first() if payment else None


def subscription(reference: str, *, at: datetime) -> str:
    """A subscription that was cancelled, resumed or ended at the gateway, by its portal or its staff."""
    held = Subscription.objects.running().filter(provider=_asked().name, provider_reference=reference).first()
    if held is None:
        return NOT_OURS
    standing = _asked().standing(held)
    with suppress(subscriptions.SubscriptionRefused):
        if standing.is_over:
            _cancel(held, at=at)
        elif renewing.has_told(held):
            # Nothing of ours is on its way there: what differs was wished there.
            _agree(held, is_cancelling=standing.is_cancelling, at=at)
    held.refresh_from_db()
    return f"{held.pk}: {renewing.wish(held) or 'goes on'}"


def _agree(held: Subscription, *, is_cancelling: bool, at: datetime) -> None:
    if is_cancelling:
        _cancel(held, at=at)
    elif held.cancel_at is not None:
        subscriptions.resume(subscription=held, at=at)
    held.refresh_from_db()
    renewing.note_told(held)


def _cancel(held: Subscription, *, at: datetime) -> None:
    if held.cancel_at is None:
        subscriptions.cancel(subscription=held, at=at)


def _gateway_of(order: Order) -> Gateway | None:
    """The gateway of this order; None if it is an invoice, or its provider is no longer configured."""
    asked = gateway()
    return asked if asked is not None and asked.name == order.provider else None


def _asked() -> Gateway:
    asked = gateway()
    if asked is None:
        raise GatewayAway
    return asked


def _said(order: Order) -> str:
    order.refresh_from_db()
    return f"{order.public_id} {order.mismatch or order.state}"[:200]
