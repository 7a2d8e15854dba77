"""Stripe's own test mode, if STRIPE_TEST_KEY names a key of it: that what we ask is what it takes."""

import os
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.clock import now
from accounts.models import Member
from billing import ledger
from billing.catalog import version_in_force
from billing.models import BillCredit, Order, Pack
from billing.orders import following, order_pack, order_plan
from billing.payments import stripe_client

KEY = os.environ.get("STRIPE_TEST_KEY", "")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not KEY.startswith(("sk_test_", "rk_test_")), reason="STRIPE_TEST_KEY holds no test key"),
]


@pytest.fixture
def at() -> datetime:
    """Stripe's clock is the world's."""
    return now()


def test_pay_pages_open_and_close_at_stripe(
    buyer: Member, outsider: Member, pack: Pack, settings: Any, at: datetime
) -> None:
    settings.PAYMENT_PROVIDER, settings.STRIPE_SECRET_KEY, settings.SITE_URL = "stripe", KEY, "https://postern.example"
    stripe_client.client_with.cache_clear()
    wallet = ledger.lock_wallet(outsider, at=at)
    BillCredit.objects.create(wallet=wallet, amount=999, currency="USD", reason="x", key="x", posted_at=at)
    terms = version_in_force("premium-career", at=at)
    orders = [
        order_pack(buyer=buyer, pack=pack, form_key="a" * 14, at=at),
        order_plan(buyer=outsider, version=terms, interval="year", form_key="b" * 14, at=at),
    ]
    for order in orders:
        following.collect(order=order, at=at)
        order.refresh_from_db()
        assert (order.state, order.failure) == (Order.State.PENDING, "")
        assert order.checkout_url.startswith("https://checkout.stripe.com/")
        following.look(order=order, at=at + timedelta(hours=24))
        order.refresh_from_db()
        assert order.state == Order.State.LAPSED
