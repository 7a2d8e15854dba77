"""How the state of an order is said, in one sentence with what happens next."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.templatetags.postern import money
from billing.models import Dispute, Order

from .paying import AWAY, CONFIRM

State = Order.State


@dataclass(frozen=True, kw_only=True)
class Words:
    """`kind` is the mark's colour; `is_to_pay`: the buyer has something to do."""

    kind: str
    label: str
    sentence: str
    is_to_pay: bool = False


def words(order: Order, *, has_returned: bool = False) -> Words:
    """What the buyer reads. `has_returned`: back from the pay page, whose word does not count."""
    if order.state in {State.CREATED, State.PENDING}:
        return _of_open(order, has_returned=has_returned)
    if _is_disputed(order):
        return Words(
            kind="warn",
            label=_("Disputed"),
            sentence=_("Your bank asked the money back. Until that is decided these credits cannot be used."),
        )
    return _of_decided(order)


def _of_open(order: Order, *, has_returned: bool) -> Words:
    if order.mismatch:
        sentence = _("What was paid does not agree with this order. Staff are looking at it; nothing is lost.")
        return Words(kind="warn", label=_("Being checked"), sentence=sentence)
    if order.invoice_number is not None:
        sentence = _("Pay the invoice by bank transfer. What you ordered comes when the money has arrived.")
        return Words(kind="warn", label=_("Waits for payment"), sentence=sentence, is_to_pay=True)
    if order.failure == AWAY:
        sentence = _("The payment service does not answer now. We keep trying; nothing was charged. Try later.")
        return Words(kind="warn", label=_("Waiting"), sentence=sentence)
    if order.checkout_url and not has_returned:
        return Words(kind="warn", label=_("Waits for payment"), sentence=_how_to_pay(order), is_to_pay=True)
    return Words(kind="", label=_("Processing"), sentence=_("Processing. This page changes by itself."))


def _how_to_pay(order: Order) -> str:
    if order.kind == Order.Kind.RENEWAL:
        return _(
            "Your card was not charged for the next term: it was declined, or its bank wants you to confirm. "
            "Pay here, with this card or another, and the plan goes on as if it had been paid in time."
        )
    if not order.failure:
        return _("You pay on a page of our payment service; your card’s number never reaches this site.")
    why = _("Your bank wants you to confirm this payment.") if order.failure == CONFIRM else order.failure
    onward = _(
        "Nothing was charged, and the plan is as it was. Pay on a page of our payment service, with this card or "
        "another; then the plan changes."
    )
    return f"{why} {onward}"


def _of_decided(order: Order) -> Words:
    amounts = {"amount": money(order.repaid, order.currency), "of": money(order.amount, order.currency)}
    if order.mismatch and order.state != State.REPAID:
        sentence = _("Paid, but it could not be granted. Staff are looking at it; nothing is lost.")
        return Words(kind="warn", label=_("Being checked"), sentence=sentence)
    decided = {
        State.PAID: ("ok", _("Paid"), _("Paid. Thank you.")),
        State.FAILED: ("danger", _("Payment failed"), _("The payment failed. Nothing was charged.")),
        State.LAPSED: ("", _("Lapsed"), _("It was not paid in time and has lapsed. Nothing was charged.")),
        State.PART_REPAID: ("", _("Partly paid back"), _("%(amount)s of %(of)s were paid back.") % amounts),
        State.REPAID: ("", _("Paid back"), _("%(amount)s were paid back.") % amounts),
    }
    kind, label, sentence = decided[State(order.state)]
    if order.state == State.FAILED and order.failure:
        sentence = f"{sentence} {order.failure}"
    return Words(kind=kind, label=label, sentence=sentence)


def what(order: Order) -> str:
    """What was ordered: "10 credits", "Business, yearly"."""
    line = order.lines.all()[0]
    if line.pack is not None:
        return str(line.pack)
    facts = {"plan": line.plan_version.plan if line.plan_version else "", "interval": line.get_interval_display()}
    if line.seats > 1:
        return _("%(plan)s, %(interval)s, %(seats)s seats") % {**facts, "seats": line.seats}
    return _("%(plan)s, %(interval)s") % facts


def _is_disputed(order: Order) -> bool:
    return any(dispute.state == Dispute.State.OPEN for dispute in order.disputes.all())
