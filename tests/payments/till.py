"""What buyers, banks and Stripe's own staff do to the fake gateway."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

Object = dict[str, Any]


REFUSALS = {
    "declined": ("card_declined", "Your card was declined."),
    # 3-D Secure: only its holder can pay with it.
    "secured": (
        "subscription_payment_intent_requires_action",
        "Payment for this subscription requires additional user action before it can be completed successfully.",
    ),
}


class Declined(Exception):
    """A card that is refused."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Unknown(Exception):
    """What Stripe calls an invalid request."""


class Till:
    at: datetime
    objects: dict[str, Object]

    def pay(self, name: str, card: str = "good") -> None:
        """`card`: good, declined (the page stays open), or slow (the bank takes days)."""
        session = self._get(name)
        assert session["status"] == "open", "an expired page takes no money"
        if card == "declined":
            return
        session["status"] = "complete"
        if session["mode"] == "payment":
            intent = self._new("pi", "payment_intent", amount=session["amount_total"], status="processing")
            session["payment_intent"] = intent["id"]
        else:
            self._subscribe(session)
        if card == "slow":
            self.tell("checkout.session.completed", session)
            return
        self._paid(session)
        self.tell("checkout.session.completed", session)

    def decide(self, name: str, *, is_good: bool) -> None:
        """What the slow bank says at last."""
        session = self._get(name)
        if is_good:
            self._paid(session)
        else:
            refused = {"last_payment_error": {"message": "Your bank refused."}, "status": "requires_payment_method"}
            self._get(session["payment_intent"]).update(refused)
        kind = "succeeded" if is_good else "failed"
        self.tell(f"checkout.session.async_payment_{kind}", session)

    def _paid(self, session: Object) -> None:
        session["payment_status"] = "paid" if session["amount_total"] else "no_payment_required"
        if session["payment_intent"]:
            self._charge(self._get(session["payment_intent"]))

    def _charge(self, intent: Object) -> None:
        intent["status"] = "succeeded"
        intent["charge"] = self._new("ch", "charge", payment_intent=intent["id"], amount=intent["amount"])["id"]

    def _subscribe(self, session: Object) -> None:
        line = session["line_items"]["0"]
        held = self._new(
            "sub",
            "subscription",
            status="active",
            customer=session["customer"],
            metadata=session["subscription_data"]["metadata"],
            items={"object": "list", "data": [{"id": "si_1", **line}]},
            cancel_at_period_end=False,
            schedule=None,
            card="good",
        )
        session["subscription"] = held["id"]
        self.redeem(session)
        session["invoice"] = self.bill(held, off=self._off(session), reason="subscription_create")["id"]

    def refuse(self, card: str) -> None:
        """Of the cards on file, those that pay nothing by themselves. Raises Declined."""
        if card in REFUSALS:
            raise Declined(*REFUSALS[card])

    def redeem(self, params: Object) -> None:
        for one in params.get("discounts", {}).values():
            self._get(one["coupon"])["times_redeemed"] += 1

    def next_term(self, name: str, card: str = "good") -> Object:
        """The next month's invoice, paid or not."""
        held = self._get(name)
        held["card"] = card
        return self.bill(held, reason="subscription_cycle")

    def bill(self, held: Object, *, reason: str, off: int = 0) -> Object:
        total = sum(self._line(one) for one in held["items"]["data"]) - off
        details = {"subscription": held["id"], "metadata": held["metadata"]}
        invoice = self._new(
            "in",
            "invoice",
            status="open",
            attempted=True,
            total=total,
            currency=self._get(held["items"]["data"][0]["price"])["currency"],
            customer=held["customer"],
            billing_reason=reason,
            parent={"type": "subscription_details", "subscription_details": details},
            payments={"object": "list", "data": []},
        )
        invoice["hosted_invoice_url"] = f"{self.pages}/invoice/{invoice['id']}"
        held["latest_invoice"] = invoice["id"]
        if held["card"] == "secured":
            self.tell("invoice.payment_action_required", invoice)
        if held["card"] in REFUSALS:
            self.tell("invoice.payment_failed", invoice)
        else:
            self.pay_invoice(invoice["id"])
        return invoice

    def pay_invoice(self, name: str) -> None:
        """By the card on file, or by its holder on the page of the invoice."""
        invoice = self._get(name)
        assert invoice["status"] == "open", "an invoice that is not open takes no money"
        invoice["status"] = "paid"
        if invoice["total"]:
            intent = self._new("pi", "payment_intent", amount=invoice["total"])
            self._charge(intent)
            paid_by = {"type": "payment_intent", "payment_intent": intent["id"]}
            names = {"invoice": name, "payment_intent": intent["id"]}
            made = self._new("inpay", "invoice_payment", **names, payment=paid_by, status="paid")
            invoice["payments"]["data"].append(made)
        self.tell("invoice.paid", invoice)

    def send_back(self, payment: str, amount: int, *, metadata: Object | None = None) -> Object:
        intent = self._get(payment)
        gone = sum(one["amount"] for one in self.of_kind("refund") if one["payment_intent"] == payment)
        if gone + amount > intent["amount"]:
            raise Unknown("Refund amount is greater than unrefunded amount on charge")
        facts = {"amount": amount, "currency": "usd", "status": "succeeded", "metadata": metadata or {}}
        refund = self._new("re", "refund", payment_intent=payment, charge=intent["charge"], **facts)
        self.tell("charge.refunded", self._get(intent["charge"]))
        return refund

    def contest(self, payment: str, amount: int) -> Object:
        facts = {"amount": amount, "status": "needs_response", "payment_intent": payment}
        dispute = self._new("dp", "dispute", **facts)
        self.tell("charge.dispute.created", dispute)
        return dispute

    def rule(self, dispute: Object, status: str) -> None:
        dispute["status"] = status
        self.tell("charge.dispute.closed", dispute)

    def cancel_in_portal(self, name: str, *, is_cancelling: bool = True) -> None:
        held = self._get(name)
        held["cancel_at_period_end"] = is_cancelling
        self.tell("customer.subscription.updated", held)

    def of_kind(self, kind: str) -> Iterator[Object]:
        return (one for one in list(self.objects.values()) if one["object"] == kind)

    def later(self, **time: int) -> None:
        self.at += timedelta(**time)

    def _get(self, name: str) -> Object:
        raise NotImplementedError

    def _new(self, prefix: str, kind: str, **fields: Any) -> Object:
        raise NotImplementedError

    def _off(self, params: Object) -> int:
        raise NotImplementedError

    def _line(self, line: Object) -> int:
        raise NotImplementedError

    def tell(self, kind: str, about: Object) -> Object:
        raise NotImplementedError
