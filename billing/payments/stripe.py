"""Orders at Stripe: pay pages, what became of them, money back. Prices, amounts and addresses are ours, never the
browser's; each call carries an idempotency key made of our own row, so that asking twice does once.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.hints import hint
from billing.models import Customer, Order, OrderLine, Repayment, Subscription, Wallet

from . import stripe_client, stripe_prices, stripe_reading, stripe_terms
from .base import CardRefused, Checkout, Collected, Contested, Payment, Returned, Standing
from .stripe_client import asking, named, plain, plain_list

# Stripe opens a pay page for at most 24 hours; it takes no less than 50 cents.
OPEN_HOURS = 23
LEAST_AMOUNT = 50
EXPANDED = ["payment_intent", "subscription", "invoice.payments"]


class Stripe:
    name = stripe_client.NAME
    collects_terms = True
    least_amount = LEAST_AMOUNT

    @property
    def is_live(self) -> bool:
        return stripe_client.is_live()

    def open_for(self) -> timedelta:
        return timedelta(hours=OPEN_HOURS)

    def begin(self, order: Order, *, at: datetime) -> None:
        """Nothing: the network is asked by the worker."""

    def announce(self, order: Order, *, at: datetime) -> None:
        hint("billing.tasks.gateway_collect", order.pk)

    # --- An order ------------------------------------------------------------------------------

    def collect(self, order: Order) -> Checkout:
        """A pay page; for the upgrade of a subscription that Stripe collects, the change itself, card on file.

        If that card does not do, a pay page too: what is paid there begins a subscription that takes the old one's
        place. Stripe's own pending updates take no coupon with them, so that the unused share could not be set against.
        """
        line = order.lines.select_related("wallet", "pack", "plan_version__plan").get()
        reference = stripe_terms.reference_to_change(order, line)
        if not reference:
            return self._open_page(order, line)
        try:
            return stripe_terms.change(reference, order=order, line=line)
        except CardRefused as refusal:
            return replace(self._open_page(order, line), refusal=refusal)

    def _open_page(self, order: Order, line: OrderLine) -> Checkout:
        page = f"{settings.SITE_URL}{reverse('billing:order', args=[order.public_id])}"
        common = {
            "client_reference_id": order.public_id,
            "customer": stripe_prices.customer(line.wallet, order),
            "success_url": f"{page}?returned=on",
            "cancel_url": page,
            "expires_at": int(order.lapses_at.timestamp()),
            "metadata": {"order": order.public_id},
        }
        what = self._pack(order, line) if line.pack else self._plan(order, line)
        with asking() as client:
            session = client.v1.checkout.sessions.create(
                common | what,  # type: ignore[arg-type]
                named("checkout", order.public_id),
            )
        return Checkout(reference=session.id, url=session.url or "")

    def _pack(self, order: Order, line: OrderLine) -> dict[str, Any]:
        price = {
            "currency": order.currency.lower(),
            "unit_amount": order.amount,
            "product_data": {"name": f"{settings.SITE_NAME}: {line.pack}"},
        }
        about = {"metadata": {"order": order.public_id}}
        return {"mode": "payment", "line_items": [{"quantity": 1, "price_data": price}], "payment_intent_data": about}

    def _plan(self, order: Order, line: OrderLine) -> dict[str, Any]:
        return {
            "mode": "subscription",
            "line_items": [{"price": stripe_prices.price_of(line, order.currency), "quantity": line.seats}],
            "subscription_data": {"metadata": {"order": order.public_id}},
            **stripe_prices.discount(order, line),
        }

    def payment_of(self, order: Order) -> Payment:
        """Fetched now: what an event says may be late, repeated or forged."""
        with asking() as client:
            if order.checkout_reference.startswith("in_"):
                invoice = client.v1.invoices.retrieve(order.checkout_reference, {"expand": ["payments"]})
                return stripe_reading.payment_of_upgrade(plain(invoice))
            session = client.v1.checkout.sessions.retrieve(order.checkout_reference, {"expand": EXPANDED})
        return stripe_reading.payment_of_session(plain(session))

    def close(self, order: Order) -> None:
        """Nobody can pay it any more. Raises GatewayRefused when somebody just did."""
        with asking() as client:
            if order.checkout_reference.startswith("in_"):
                client.v1.invoices.void_invoice(order.checkout_reference)
            else:
                client.v1.checkout.sessions.expire(order.checkout_reference)

    # --- What an event or reconciliation points at ---------------------------------------------

    def collected(self, invoice: str) -> Collected:
        with asking() as client:
            return stripe_reading.collected(plain(client.v1.invoices.retrieve(invoice, {"expand": ["payments"]})))

    def returned(self, refund: str) -> Returned:
        with asking() as client:
            return stripe_reading.returned(plain(client.v1.refunds.retrieve(refund)))

    def returned_of_charge(self, charge: str) -> list[Returned]:
        with asking() as client:
            refunds = client.v1.refunds.list({"charge": charge, "limit": 100})
            return [stripe_reading.returned(refund) for refund in plain_list(refunds)]

    def contested(self, dispute: str) -> Contested:
        with asking() as client:
            return stripe_reading.contested(plain(client.v1.disputes.retrieve(dispute)))

    def source_of(self, payment: str) -> str:
        """The checkout or invoice whose money this is; "" if neither: then it is none of ours."""
        with asking() as client:
            sessions = plain_list(client.v1.checkout.sessions.list({"payment_intent": payment, "limit": 1}))
            if sessions:
                return str(sessions[0]["id"])
            by: Any = {"payment": {"type": "payment_intent", "payment_intent": payment}, "limit": 1}
            paid = plain_list(client.v1.invoice_payments.list(by))
            return str(paid[0]["invoice"]) if paid else ""

    def checkout_of(self, subscription: str) -> str:
        """The pay page by which a subscription began; "" if by none."""
        with asking() as client:
            sessions = plain_list(client.v1.checkout.sessions.list({"subscription": subscription, "limit": 1}))
        return str(sessions[0]["id"]) if sessions else ""

    def recent(self, *, since: datetime) -> Iterator[tuple[str, str]]:
        """Kind and name of everything since then that may have moved money or failed to: checkouts, invoices, refunds,
        disputes.
        """
        window: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        with asking() as client:
            v1: Any = client.v1
            lists: tuple[tuple[str, Any, dict[str, str]], ...] = (
                ("checkout.session", v1.checkout.sessions, {"status": "complete"}),
                ("invoice", v1.invoices, {"status": "paid"}),
                ("invoice", v1.invoices, {"status": "open"}),
                ("refund", v1.refunds, {}),
                ("dispute", v1.disputes, {}),
            )
            for kind, service, only in lists:
                for one in service.list(window | only).auto_paging_iter():
                    yield kind, one.id

    # --- Subscriptions ---------------------------------------------------------------------------

    def standing(self, subscription: Subscription) -> Standing:
        return stripe_terms.standing(subscription.provider_reference)

    def follow(self, subscription: Subscription) -> None:
        stripe_terms.follow(subscription)

    def end(self, reference: str) -> None:
        stripe_terms.end(reference)

    # --- Money back, cards -----------------------------------------------------------------------

    def repay(self, repayment: Repayment) -> Returned:
        with asking() as client:
            refund = client.v1.refunds.create(
                {
                    "payment_intent": repayment.order.payment_reference,
                    "amount": repayment.amount,
                    "metadata": {"repayment": str(repayment.pk)},
                },
                named("repayment", repayment.pk),
            )
        return stripe_reading.returned(plain(refund))

    def portal(self, wallet: Wallet) -> str:
        """A short-lived page of Stripe's where cards are changed. Raises Customer.DoesNotExist."""
        customer = Customer.objects.get(wallet=wallet, provider=self.name, is_live=self.is_live)
        with asking() as client:
            back = reverse("billing:team_plan" if wallet.team_id else "billing:plan")
            session = client.v1.billing_portal.sessions.create(
                {"customer": customer.reference, "return_url": f"{settings.SITE_URL}{back}"}
            )
        return session.url
