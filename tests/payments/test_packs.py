"""Credits are bought once, by what the gateway itself says, whatever is told how often and in which order."""

from datetime import datetime

import pytest

from accounts.models import Member
from billing.models import Lot, Order, Pack, PaymentEvent
from tests.payments.conftest import Deliver, order_of
from tests.payments.gateway import FakeStripe

pytestmark = pytest.mark.django_db

State = Order.State


def _bought(buyer: Member) -> list[int]:
    return list(Lot.objects.filter(wallet__member=buyer, source=Lot.Source.PURCHASE).values_list("granted", flat=True))


def _session(order: Order) -> str:
    return order.checkout_reference


def test_a_paid_pack_is_granted_once_for_a_year(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    assert (order.state, order.amount) == (State.PENDING, 1_000)
    assert order.checkout_url.endswith(f"/pay/{order.checkout_reference}")
    assert _bought(buyer) == []
    gateway.pay(_session(order))
    for _time in range(3):
        deliver()
    order.refresh_from_db()
    assert (order.state, order.mismatch) == (State.PAID, "")
    assert _bought(buyer) == [10]
    assert Lot.objects.get(source=Lot.Source.PURCHASE).expires_at == clock.replace(year=2027)
    assert PaymentEvent.objects.count() == 1
