"""What becomes of an order: paid and granted once, failed, lapsed. States only advance, by conditional update.

The provider's own state is compared with our rows before anything is granted; what does not agree is written down for
staff, and nothing is granted.
"""

import logging
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import live
from accounts.busy import short_wait
from accounts.models import Member
from billing import ledger, purchases, referrals
from billing.models import Customer, Order, OrderLine
from billing.payments import Payment
from billing.payments.base import Checkout
from billing.payments.manual import tell
from billing.prices import post_bill_credit
from billing.subscriptions import SubscriptionRefused

from . import plans
from .plans import OPEN
from .refusals import OrderRefused, TooLate

logger = logging.getLogger(__name__)

State = Order.State
# In `failure` of an order that goes on waiting; beside them the gateway's own sentence about a card.
AWAY, CONFIRM = "away", "confirm"
PAID = (State.PAID, State.PART_REPAID, State.REPAID)


def paid(*, order: Order, payment: Payment, at: datetime) -> Order:
    """The provider holds the money: grant what was ordered, once, if all it says agrees with our order."""
    with short_wait():
        held = lock(order)
        fault = disagreement(held, payment) if held.state not in PAID else ""
        if fault:
            _note(held, fault)
        elif held.state in OPEN:
            facts = {"payment_reference": payment.reference, "mismatch": "", "failure": ""}
            _settle(held, at=at, subscription=payment.subscription, **facts)
    return held


def mark_paid(*, order: Order, reference: str, actor: Member, at: datetime) -> Order:
    """Staff saw the money of an invoice arrive; `reference` is the bank's. Raises TooLate unless it waits for money."""
    with short_wait():
        held = lock(order)
        if held.provider != "manual" or held.state not in OPEN:
            raise TooLate(f"{held}: no invoice that waits for its money.")
        if Order.objects.filter(provider="manual", payment_reference=reference).exists():
            raise TooLate(f"{reference} has paid another invoice.")
        _settle(held, at=at, payment_reference=reference, confirmed_by=actor)
    logger.info("order %s marked as paid by member %s", held.public_id, actor.pk)
    return held


def grant_free(order: Order, *, at: datetime) -> None:
    """Nothing is left to pay. The caller made the order in this transaction. Raises OrderRefused: nobody would be there
    to send money back.
    """
    _settle(order, at=at)
    if order.mismatch:
        raise OrderRefused(_("Your plan changed meanwhile. Look again."))


def begin(*, order: Order, checkout: Checkout) -> bool:
    """The gateway asks for the money now; whether the order still waited for that."""
    waiting = Order.objects.filter(pk=order.pk, state=State.CREATED)
    refusal = checkout.refusal
    why = "" if refusal is None else CONFIRM if refusal.asks_for_holder else str(refusal)[:200]
    facts = {"checkout_reference": checkout.reference, "checkout_url": checkout.url, "failure": why}
    begun = bool(waiting.update(state=State.PENDING, **facts))
    order.refresh_from_db()
    live.tell(order.buyer_id, changed="order", id=order.public_id)
    return begun


def wait(*, order: Order) -> None:
    """The buyer has paid, and their bank takes its time: nothing is to be paid a second time."""
    if Order.objects.filter(pk=order.pk, state=State.PENDING).exclude(checkout_url="").update(checkout_url=""):
        live.tell(order.buyer_id, changed="order", id=order.public_id)


def note_away(order: Order) -> None:
    """The gateway does not answer: the page says so, and the sweep asks again."""
    Order.objects.filter(pk=order.pk, state=State.CREATED).update(failure=AWAY)
    live.tell(order.buyer_id, changed="order", id=order.public_id)


def fail(*, order: Order, why: str, at: datetime) -> None:
    """The provider will not get the money; bill credit that was set against it comes back."""
    _give_up(order, State.FAILED, why=why, at=at)


def lapse(*, order: Order, at: datetime) -> None:
    """Nobody paid in time, and nobody can any more. Who got an invoice is told by mail."""
    given_up = _give_up(order, State.LAPSED, why="", at=at)
    if given_up is not None and given_up.invoice_number is not None:
        path = reverse("billing:invoice", args=[given_up.invoice_number])
        tell(given_up, "invoice_lapsed", {"number": given_up.invoice_number, "path": path}, at=at)


def lock(order: Order) -> Order:
    return Order.objects.select_for_update(no_key=True, of=("self",)).select_related("buyer").get(pk=order.pk)


def visible_to(member: Member) -> QuerySet[Order]:
    """What one ordered, and what is ordered for the team one looks after."""
    for_the_team = Q(team__admins__member=member, team__admins__until=None)
    return Order.objects.filter(Q(buyer=member) | for_the_team)


def open_orders() -> QuerySet[Order]:
    return Order.objects.filter(state__in=OPEN)


# --- Agreement ----------------------------------------------------------------------------------


def disagreement(order: Order, payment: Payment) -> str:
    """What the provider says otherwise than our order; "" if all agrees."""
    expected = {
        "order": order.public_id,
        "mode": "payment" if order.kind == Order.Kind.PACK else "subscription",
        "amount": order.amount,
        "currency": order.currency,
        "is_live": order.is_live,
        "customer": customer_of(order),
    }
    faults = [
        f"{name} is {getattr(payment, name)!r}, ordered was {wanted!r}"
        for name, wanted in expected.items()
        if getattr(payment, name) != wanted
    ]
    if order.state in {State.FAILED, State.LAPSED}:
        faults.append(f"paid after it had {order.state}")
    if payment.reference and _paid_another(order, payment.reference):
        faults.append(f"{payment.reference} has paid another order")
    return "; ".join(faults)[:200]


def customer_of(order: Order) -> str:
    known = Customer.objects.filter(wallet__order_lines__order=order, provider=order.provider, is_live=order.is_live)
    return known.values_list("reference", flat=True).first() or ""


def _paid_another(order: Order, reference: str) -> bool:
    others = Order.objects.filter(provider=order.provider, payment_reference=reference).exclude(pk=order.pk)
    return others.exists()


def _note(order: Order, fault: str) -> None:
    logger.error("order %s does not agree with its payment: %s", order.public_id, fault)
    Order.objects.filter(pk=order.pk).update(mismatch=fault)
    order.mismatch = fault
    live.tell(order.buyer_id, changed="order", id=order.public_id)


# --- Steps --------------------------------------------------------------------------------------


def _settle(order: Order, *, at: datetime, subscription: str = "", **facts: object) -> None:
    """The one step to PAID, and what it grants, under the order's lock."""
    _advance(order, State.PAID, paid_at=at, **facts)
    for line in order.lines.select_related("pack", "plan_version__plan", "wallet__member", "wallet__team"):
        line.order = order
        _grant(order, line, subscription=subscription, at=at)
    live.tell(order.buyer_id, changed="order", id=order.public_id)


def _grant(order: Order, line: OrderLine, *, subscription: str, at: datetime) -> None:
    if line.pack is not None:
        purchases.grant_purchase(line=line, at=at)
        return
    try:
        with short_wait():
            plans.grant(order, line, subscription=subscription, at=at)
    except SubscriptionRefused as refusal:
        # The money is there and the plan cannot be: somebody has to send it back.
        _note(order, f"Paid, and not granted: {refusal}"[:200])
        if not order.amount:
            # Of what was paid by credit alone no money can be sent back.
            give_credit_back(order, key=f"order-undone:{order.pk}", reason=f"Order {order.public_id} failed", at=at)
        return
    referrals.on_plan_paid(order=order, at=at)


def _give_up(order: Order, state: State, *, why: str, at: datetime) -> Order | None:
    with short_wait():
        held = lock(order)
        if held.state not in OPEN:
            return None
        _advance(held, state, failure=why[:200], checkout_url="")
        give_credit_back(held, key=f"order-back:{held.pk}", reason=f"Order {held.public_id} was not paid", at=at)
    live.tell(held.buyer_id, changed="order", id=held.public_id)
    return held


def give_credit_back(order: Order, *, key: str, reason: str, at: datetime) -> None:
    """Bill credit that was set against the price is owed again. Under the order's lock; once for each key."""
    for line in order.lines.all():
        wallet = ledger.lock_by_id(line.wallet_id)
        used, currency = order.bill_credit_used, order.currency
        post_bill_credit(wallet=wallet, amount=used, currency=currency, reason=reason, key=key, at=at)


def _advance(order: Order, state: State, **facts: object) -> None:
    """Forward only: the count says that nobody was quicker, whatever the caller has read."""
    came = Order.objects.filter(pk=order.pk, state__in=OPEN).update(state=state, **facts)
    if not came:
        raise TooLate(f"{order.public_id} has gone on meanwhile.")
    order.refresh_from_db()
