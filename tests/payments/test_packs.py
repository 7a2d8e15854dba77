"""Credits are bought once, by what the gateway itself says, whatever is told how often and in which order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Member, PolicyVersion
from billing import ledger, packs, prices
from billing.ledger import KeyReused
from billing.models import BillCredit, Difference, Lot, Order, Pack, PaymentEvent, Wallet
from billing.orders import NotForSale, following, lapse, order_pack
from billing.orders.reconciling import reconcile
from billing.orders.working_off import work_off
from billing.payments import GatewayAway
from tests.conftest import MakeMember
from tests.payments.conftest import Deliver, order_of
from tests.payments.gateway import FakeStripe
from tests.rewriting import rewrite

pytestmark = pytest.mark.django_db

Browse = Callable[[Member], Client]
State = Order.State


def _bought(buyer: Member) -> list[int]:
    return list(Lot.objects.filter(wallet__member=buyer, source=Lot.Source.PURCHASE).values_list("granted", flat=True))


def test_a_paid_pack_is_granted_once_for_a_year(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    assert (order.state, order.amount) == (State.PENDING, 1_000)
    assert order.checkout_url.endswith(f"/pay/{order.checkout_reference}")
    deliver({"id": "evt_x", "type": "invoice.upcoming", "livemode": False, "data": {"object": {}}})
    assert _bought(buyer) == []
    gateway.pay(order.checkout_reference)
    for _time in range(3):
        assert deliver() == 200
    order.refresh_from_db()
    assert (order.state, order.mismatch) == (State.PAID, "")
    assert order.payment_reference.startswith("pi_")
    assert _bought(buyer) == [10]
    assert Lot.objects.get(source=Lot.Source.PURCHASE).expires_at == clock.replace(year=2027)
    assert set(PaymentEvent.objects.values_list("outcome", flat=True)) == {f"{order.public_id} paid", "of no concern"}


def test_a_declined_card_changes_nothing_and_the_next_one_pays(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    gateway.pay(order.checkout_reference, "declined")
    following.look(order=order, at=clock)
    order.refresh_from_db()
    assert (order.state, _bought(buyer)) == (State.PENDING, [])
    gateway.pay(order.checkout_reference)
    deliver()
    assert _bought(buyer) == [10]


@pytest.mark.parametrize("is_good", [True, False])
def test_a_slow_bank_decides_days_later(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime, is_good: bool
) -> None:
    order = order_of(buyer, pack, at=clock)
    gateway.pay(order.checkout_reference, "slow")
    deliver()
    order.refresh_from_db()
    # Nobody is asked to pay a second time, and the wait does not end with the page's own life.
    assert (order.state, order.checkout_url, _bought(buyer)) == (State.PENDING, "", [])
    assert following.look_at_open(at=clock + timedelta(days=3)) == 1
    order.refresh_from_db()
    assert order.state == State.PENDING
    gateway.decide(order.checkout_reference, is_good=is_good)
    deliver()
    order.refresh_from_db()
    assert (order.state, _bought(buyer)) == ((State.PAID, [10]) if is_good else (State.FAILED, []))
    assert order.failure == ("" if is_good else "Your bank refused.")


def test_an_order_that_nobody_pays_lapses_and_can_no_longer_be_paid(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    work_off(at=clock + timedelta(hours=22))
    order.refresh_from_db()
    assert order.state == State.PENDING
    work_off(at=clock + timedelta(hours=23))
    order.refresh_from_db()
    assert order.state == State.LAPSED
    assert gateway.objects[order.checkout_reference]["status"] == "expired"
    deliver()
    assert _bought(buyer) == []


FAULTS: dict[str, dict[str, Any]] = {
    "amount": {"amount_total": 1},
    "currency": {"currency": "jpy"},
    "order": {"client_reference_id": "2" * 14},
    "customer": {"customer": "cus_other"},
    "mode": {"mode": "setup"},
    "is_live": {"livemode": True},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_does_not_agree_is_shown_to_staff_and_grants_nothing(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime, fault: str
) -> None:
    order = order_of(buyer, pack, at=clock)
    gateway.pay(order.checkout_reference)
    gateway.objects[order.checkout_reference].update(FAULTS[fault])
    deliver()
    order.refresh_from_db()
    assert (order.state, _bought(buyer)) == (State.PENDING, [])
    assert order.mismatch.startswith(f"{fault} is ")
    reconcile(at=clock)
    assert Difference.objects.get().sentence == f"Order {order.public_id}: {order.mismatch}"


def test_money_that_comes_after_an_order_was_given_up_is_shown_and_grants_nothing(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    lapse(order=order, at=clock)
    gateway.pay(order.checkout_reference)
    deliver()
    order.refresh_from_db()
    assert (order.state, order.mismatch) == (State.LAPSED, "paid after it had lapsed")
    assert _bought(buyer) == []


def test_an_event_that_never_comes_is_made_up_by_the_hourly_run(
    buyer: Member, pack: Pack, gateway: FakeStripe, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    # The worker died between making the page and writing its name down.
    nameless = order_of(buyer, pack, at=clock, form_key="b" * 14)
    Order.objects.filter(pk=nameless.pk).update(state=State.CREATED, checkout_reference="", checkout_url="")
    for page in (order, nameless):
        gateway.pay(page.checkout_reference)
    for _time in range(2):
        run = reconcile(at=clock + timedelta(hours=1))
        assert run.finished_at is not None
    assert run.differences.count() == 0
    assert _bought(buyer) == [10, 10]


def test_a_payment_whose_order_a_restored_backup_does_not_know_is_shown(
    buyer: Member, pack: Pack, gateway: FakeStripe, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    gateway.pay(order.checkout_reference)
    Order.objects.update(public_id="2" * 14, checkout_reference="", state=State.LAPSED)
    found = reconcile(at=clock).differences.get()
    assert found.sentence == f"{order.checkout_reference} pays order {order.public_id}, which is not here"


def test_a_repayment_told_before_its_payment_is_worked_off_after_it(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    gateway.pay(order.checkout_reference)
    gateway.send_back(gateway.objects[order.checkout_reference]["payment_intent"], 1_000)
    deliver(*reversed(gateway.events))
    order.refresh_from_db()
    assert (order.state, order.repaid) == (State.REPAID, 1_000)
    assert _bought(buyer) == [10]
    assert Wallet.objects.get(member=buyer).balance == 15


@pytest.mark.parametrize("trouble", ["down", "error", "slow"])
def test_an_order_outlives_a_gateway_that_is_away(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime, trouble: str
) -> None:
    order = order_pack(buyer=buyer, pack=pack, form_key="a" * 14, at=clock)
    gateway.trouble = trouble
    with pytest.raises(GatewayAway):
        following.collect(order=order, at=clock)
    assert "does not answer" in work_off(at=clock)
    order.refresh_from_db()
    assert (order.state, order.failure) == (State.CREATED, "away")
    gateway.trouble = ""
    work_off(at=clock + timedelta(minutes=1))
    order.refresh_from_db()
    assert (order.state, order.failure) == (State.PENDING, "")
    # However often it was asked, one page was made, and no second customer.
    assert [len(list(gateway.of_kind(kind))) for kind in ("checkout.session", "customer")] == [1, 1]
    gateway.pay(order.checkout_reference)
    deliver(works=False)
    gateway.trouble = trouble
    assert "does not answer" in work_off(at=clock + timedelta(minutes=2))
    gateway.trouble = ""
    work_off(at=clock + timedelta(minutes=3))
    assert _bought(buyer) == [10]


def test_pressing_twice_orders_once_and_a_key_is_for_one_order(
    buyer: Member, outsider: Member, pack: Pack, gateway: FakeStripe, clock: datetime
) -> None:
    orders = {order_pack(buyer=buyer, pack=pack, form_key="a" * 14, at=clock).pk for _time in range(2)}
    assert len(orders) == Order.objects.count() == 1
    other = Pack.objects.create(credits=7, price=700)
    with pytest.raises(KeyReused):
        order_pack(buyer=buyer, pack=other, form_key="a" * 14, at=clock)


def test_money_owed_to_a_member_is_set_against_the_price_and_comes_back_if_nobody_pays(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    wallet = ledger.lock_wallet(buyer, at=clock)

    def owe(amount: int) -> None:
        BillCredit.objects.create(
            wallet=wallet, amount=amount, currency="USD", reason="Sorry", key=f"x{amount}", posted_at=clock
        )

    owe(980)
    order = order_of(buyer, pack, at=clock)
    # Stripe takes no less than 50 cents.
    assert (order.amount, order.bill_credit_used, prices.owed(wallet, "USD")) == (50, 950, 30)
    lapse(order=order, at=clock)
    assert prices.owed(wallet, "USD") == 980
    owe(20)
    free = order_pack(buyer=buyer, pack=pack, form_key="b" * 14, at=clock)
    assert (free.state, free.amount, prices.owed(wallet, "USD")) == (State.PAID, 0, 0)
    assert _bought(buyer) == [10]


def test_packs_are_sold_to_whom_policy_and_plan_allow(
    buyer: Member, outsider: Member, pack: Pack, gateway: FakeStripe, browse: Browse, settings: Any, clock: datetime
) -> None:
    assert [offer.pack for offer in packs.on_offer(buyer, at=clock)].count(pack) == 1
    assert packs.on_offer(outsider, at=clock) == []
    with pytest.raises(NotForSale):
        order_pack(buyer=outsider, pack=pack, form_key="a" * 14, at=clock)
    policy = PolicyVersion.objects.latest("in_force_from")
    rewrite(PolicyVersion.objects.filter(pk=policy.pk), settings={**policy.settings, "packs_need_plan": False})
    assert packs.may_buy(outsider, at=clock)
    for setting, told in (
        ({"credits_without_plan": False}, "they wait"),
        ({"purchased_on_cancel": "forfeit"}, "They end"),
    ):
        page = f"/credits/buy/{pack.credits}/"
        assert told not in browse(buyer).get(page).content.decode()
        rewrite(PolicyVersion.objects.filter(pk=policy.pk), settings={**policy.settings, **setting})
        assert told in browse(buyer).get(page).content.decode()
        rewrite(PolicyVersion.objects.filter(pk=policy.pk), settings=policy.settings)
    rewrite(PolicyVersion.objects.filter(pk=policy.pk), settings={**policy.settings, "packs_enabled": False})
    assert not packs.may_buy(buyer, at=clock)
    rewrite(PolicyVersion.objects.filter(pk=policy.pk), settings=policy.settings)
    settings.PAYMENT_PROVIDER = ""
    assert packs.on_offer(buyer, at=clock) == []


def test_a_payment_of_another_order_pays_no_second(
    buyer: Member, make_member: MakeMember, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    other = make_member("Paul Roy", plan="premium-business")
    orders = [order_of(member, pack, at=clock, form_key=key * 14) for member, key in ((buyer, "a"), (other, "b"))]
    gateway.pay(orders[0].checkout_reference)
    deliver()
    stolen = gateway.objects[orders[0].checkout_reference]["payment_intent"]
    gateway.pay(orders[1].checkout_reference)
    gateway.objects[orders[1].checkout_reference]["payment_intent"] = stolen
    deliver()
    orders[1].refresh_from_db()
    assert "has paid another order" in orders[1].mismatch
    assert (_bought(buyer), _bought(other)) == ([10], [])
