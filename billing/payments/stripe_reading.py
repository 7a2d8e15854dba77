"""Stripe's objects, as plain dictionaries, read into the records of `base`."""

from typing import Any

from .base import Collected, Contested, Payment, Returned, Stage

Object = dict[str, Any]

OPEN_DISPUTES = {"needs_response", "under_review"}
# A bank asked, and no money had moved; or the dispute ended for us.
WON_DISPUTES = {"won", "warning_closed", "prevented"}


def payment_of_session(session: Object) -> Payment:
    """A checkout session with payment_intent, subscription and invoice.payments expanded."""
    subscription = session.get("subscription") or {}
    stage, why = _stage_of_session(session)
    return Payment(
        stage=stage,
        order=session.get("client_reference_id") or "",
        customer=_id(session.get("customer")),
        mode=session["mode"],
        amount=session.get("amount_total") or 0,
        currency=(session.get("currency") or "").upper(),
        is_live=session["livemode"],
        reference=_id(session.get("payment_intent")) or payment_of_invoice(session.get("invoice") or {}),
        subscription=_id(subscription),
        why=why,
    )


def _stage_of_session(session: Object) -> tuple[Stage, str]:
    if session["status"] == "expired":
        return Stage.LAPSED, ""
    if session["status"] == "open":
        return Stage.OPEN, ""
    if session["payment_status"] in {"paid", "no_payment_required"}:
        return Stage.PAID, ""
    intent, subscription = session.get("payment_intent") or {}, session.get("subscription") or {}
    if intent.get("status") in {"requires_payment_method", "canceled"}:
        return Stage.FAILED, (intent.get("last_payment_error") or {}).get("message") or ""
    if subscription.get("status") in {"incomplete_expired", "canceled"}:
        return Stage.FAILED, ""
    return Stage.PROCESSING, ""


def payment_of_upgrade(invoice: Object) -> Payment:
    """The invoice that changing a subscription made; its `metadata` of the subscription names the order."""
    stages = {"paid": Stage.PAID, "void": Stage.FAILED, "uncollectible": Stage.FAILED}
    details = _details(invoice)
    return Payment(
        stage=stages.get(invoice["status"], Stage.PROCESSING),
        order=(details.get("metadata") or {}).get("order") or "",
        customer=_id(invoice.get("customer")),
        mode="subscription",
        amount=invoice["total"],
        currency=invoice["currency"].upper(),
        is_live=invoice["livemode"],
        reference=payment_of_invoice(invoice),
        subscription=_id(details.get("subscription")),
    )


def collected(invoice: Object) -> Collected:
    """A subscription's invoice with payments expanded."""
    return Collected(
        invoice=invoice["id"],
        subscription=_id(_details(invoice).get("subscription")),
        is_first=invoice.get("billing_reason") != "subscription_cycle",
        is_change=invoice.get("billing_reason") == "subscription_update",
        is_paid=invoice["status"] == "paid",
        amount=invoice["total"],
        currency=invoice["currency"].upper(),
        is_live=invoice["livemode"],
        order=(_details(invoice).get("metadata") or {}).get("order") or "",
        reference=payment_of_invoice(invoice),
        url=invoice.get("hosted_invoice_url") or "",
        is_tried=bool(invoice.get("attempted")),
        is_given_up=invoice["status"] == "void",
    )


def payment_of_invoice(invoice: Object) -> str:
    """The payment intent that paid an invoice; "" if nothing had to be paid."""
    made = (invoice.get("payments") or {}).get("data", [])
    return next((_id(one["payment"].get("payment_intent")) for one in made if one["status"] == "paid"), "")


def returned(refund: Object) -> Returned:
    ours = (refund.get("metadata") or {}).get("repayment", "")
    return Returned(
        reference=refund["id"],
        payment=_id(refund.get("payment_intent")),
        amount=refund["amount"],
        currency=refund["currency"].upper(),
        is_done=refund["status"] == "succeeded",
        is_failed=refund["status"] in {"failed", "canceled"},
        ours=int(ours) if ours.isdecimal() else None,
        why=refund.get("failure_reason") or "",
    )


def contested(dispute: Object) -> Contested:
    status = dispute["status"]
    return Contested(
        reference=dispute["id"],
        payment=_id(dispute.get("payment_intent")),
        amount=dispute["amount"],
        is_open=status in OPEN_DISPUTES,
        is_lost=status == "lost",
        is_won=status in WON_DISPUTES,
    )


def _details(invoice: Object) -> Object:
    return (invoice.get("parent") or {}).get("subscription_details") or {}


def _id(reference: Any) -> str:
    """Of an object that is expanded, or named."""
    return (reference.get("id") or "") if isinstance(reference, dict) else (reference or "")
