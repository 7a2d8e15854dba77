"""A site that sells, a fake gateway, and a worker that runs when told."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Member
from billing.models import Order, Pack, PaymentEvent
from billing.orders import events, following, order_pack
from billing.payments import stripe_client
from tests.conftest import MakeMember
from tests.payments.gateway import SECRET, FakeStripe, signed

Deliver = Callable[..., int]


@pytest.fixture
def gateway(settings: Any, monkeypatch: pytest.MonkeyPatch, at: datetime) -> Iterator[FakeStripe]:
    """The site asks Stripe in test mode; what goes over the wire ends here."""
    settings.PAYMENT_PROVIDER, settings.STRIPE_SECRET_KEY = "stripe", "sk_test_0123456789"
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    fake = FakeStripe(at)
    monkeypatch.setattr(stripe_client, "new_http_client", lambda: fake)
    stripe_client.client_with.cache_clear()
    yield fake
    stripe_client.client_with.cache_clear()


@pytest.fixture
def invoicing(settings: Any) -> None:
    """The site sends invoices."""
    settings.PAYMENT_PROVIDER, settings.INVOICE_DUE_DAYS = "manual", 14
    settings.INVOICE_SELLER, settings.INVOICE_BANK_DETAILS = (
        "Elbe Alumni e.V.\nHafen 1, Hamburg",
        "DE02 1203 0000 0000 2020 51",
    )


@pytest.fixture
def pack(catalog: None) -> Pack:
    return Pack.objects.get_or_create(credits=10, price=1_000, currency="USD")[0]


@pytest.fixture
def buyer(make_member: MakeMember) -> Member:
    return make_member("Nadia Osei", plan="premium-business")


@pytest.fixture
def deliver(gateway: FakeStripe, clock: datetime) -> Deliver:
    """Post events as Stripe does, signed now, and let the worker work them off; the status of the last."""

    def post(*sent: dict[str, Any], works: bool = True) -> int:
        status = 0
        for event in sent or list(gateway.events):
            body, signature = signed(event, at=clock)
            status = (
                Client()
                .post(
                    "/payments/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature}
                )
                .status_code
            )
        if works:
            work(clock)
        return status

    return post


def work(at: datetime) -> None:
    """What hints and sweeps have the worker do."""
    for event in PaymentEvent.objects.filter(handled_at=None).order_by("pk"):
        events.handle(event=event, at=at)


def order_of(buyer: Member, pack: Pack, *, at: datetime, form_key: str = "a" * 14) -> Order:
    """An order with its pay page open."""
    order = order_pack(buyer=buyer, pack=pack, form_key=form_key, at=at)
    following.collect(order=order, at=at)
    order.refresh_from_db()
    return order
