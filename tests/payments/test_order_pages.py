"""What the buyer reads while an order goes its way, and that looking at it grants nothing."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import Member
from billing.models import Dispute, Lot, Order, Pack
from billing.orders import following
from tests.only_reading import nothing_written
from tests.payments.conftest import Deliver, order_of
from tests.payments.gateway import FakeStripe

pytestmark = pytest.mark.django_db


def test_each_state_of_an_order_is_one_sentence(
    buyer: Member, pack: Pack, gateway: FakeStripe, browse: Any, clock: datetime
) -> None:
    client = browse(buyer)
    assert "on a page of our payment service" in client.get("/credits/buy/10/").content.decode()
    where = client.post("/credits/buy/10/", {"form_key": "a" * 14}).headers["Location"]
    order = Order.objects.get()

    def page(query: str = "") -> str:
        with nothing_written():
            return str(client.get(f"{where}{query}").content.decode())

    assert "Processing. This page changes by itself." in page()
    following.collect(order=order, at=clock)
    order.refresh_from_db()
    assert f'href="{order.checkout_url}">Pay $10</a>' in page()
    assert "Processing. This page changes by itself." in page("?returned=on")
    shown = {
        "does not answer now": {"state": "created", "failure": "away"},
        "does not agree": {"state": "pending", "mismatch": "amount is 1"},
        "The payment failed. Nothing was charged. Your bank refused.": {
            "state": "failed",
            "failure": "Your bank refused.",
        },
        "has lapsed": {"state": "lapsed"},
        "Paid. Thank you.": {"state": "paid", "paid_at": clock},
        "could not be granted": {"state": "paid", "paid_at": clock, "mismatch": "x"},
        "$4 of $10 were paid back": {"state": "part_repaid", "paid_at": clock, "repaid": 400},
        "$10 were paid back": {"state": "repaid", "paid_at": clock, "repaid": 1_000},
    }
    for sentence, facts in shown.items():
        Order.objects.filter(pk=order.pk).update(**{"failure": "", "mismatch": "", "repaid": 0, **facts})
        assert sentence in page(), sentence
        assert "Pay $10" not in page()
    Dispute.objects.create(order=order, provider="stripe", reference="dp_1", amount=1_000, opened_at=clock)
    assert "Your bank asked the money back" in page()


def test_the_success_page_opened_by_hand_grants_nothing(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, browse: Any, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    client = browse(buyer)
    assert gateway.objects[order.checkout_reference]["success_url"].endswith(f"/orders/{order.public_id}/?returned=on")
    client.get(f"/orders/{order.public_id}/?returned=on")
    following.look(order=order, at=clock)
    order.refresh_from_db()
    assert order.state == Order.State.PENDING
    assert Lot.objects.filter(source=Lot.Source.PURCHASE).count() == 0


def test_where_nothing_is_sold_there_is_no_page(
    buyer: Member, outsider: Member, pack: Pack, gateway: FakeStripe, browse: Any, settings: Any, clock: datetime
) -> None:
    assert browse(outsider).get("/credits/buy/10/").status_code == 404
    for credits in ("0", "11", "9" * 40):
        assert browse(buyer).get(f"/credits/buy/{credits}/").status_code == 404
    settings.PAYMENT_PROVIDER = ""
    assert browse(buyer).get("/credits/buy/10/").status_code == 404
    assert browse(buyer).post("/credits/buy/10/", {"form_key": "a" * 14}).status_code == 404
    assert browse(buyer).get("/payments/portal/").status_code == 404
