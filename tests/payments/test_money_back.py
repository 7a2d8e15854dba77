"""Money that goes back takes its credits along; what was spent is owed; a dispute freezes until it is decided."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Member
from accounts.site_policy import policy_in_force
from billing import ledger
from billing.models import Dispute, Lot, Order, Pack, Repayment, Shortfall, Wallet
from billing.orders import OrderRefused, ask_repayment, following, repayable
from billing.orders.reconciling import reconcile
from billing.orders.working_off import work_off
from tests.payments.conftest import Deliver, order_of
from tests.payments.gateway import FakeStripe

pytestmark = pytest.mark.django_db

State = Order.State


@pytest.fixture
def paid(buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime) -> Order:
    """Ten credits for ten dollars, paid."""
    order = order_of(buyer, pack, at=clock)
    gateway.pay(order.checkout_reference)
    deliver()
    order.refresh_from_db()
    assert order.state == State.PAID
    return order


def _left() -> int:
    return Lot.objects.get(source=Lot.Source.PURCHASE).remaining


def _spend(buyer: Member, credits: int, at: datetime) -> None:
    """The fifteen of the plan first, then of the pack."""
    wallet = ledger.lock_wallet(buyer, at=at)
    ledger.charge(wallet=wallet, payer=buyer, cost=credits, reference="x", policy=policy_in_force(at), at=at)


def test_parts_add_up_to_the_whole(
    buyer: Member, paid: Order, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    staff = buyer
    for key, amount, left in (("a", 333, 7), ("b", 333, 4), ("c", 334, 0)):
        for _time in range(2):
            ask_repayment(order=paid, amount=amount, reason="Sorry", actor=staff, at=clock, form_key=key)
        work_off(at=clock)
        deliver()
        assert _left() == left
    paid.refresh_from_db()
    assert (paid.state, paid.repaid, repayable(paid)) == (State.REPAID, 1_000, 0)
    assert Repayment.objects.filter(repaid_at=clock, failure="").count() == 3
    assert len(list(gateway.of_kind("refund"))) == 3


def test_no_more_goes_back_than_came(buyer: Member, paid: Order, gateway: FakeStripe, clock: datetime) -> None:
    ask_repayment(order=paid, amount=600, reason="", actor=buyer, at=clock)
    for amount in (401, 0, -1):
        with pytest.raises(OrderRefused):
            ask_repayment(order=paid, amount=amount, reason="", actor=buyer, at=clock)
    assert repayable(paid) == 400


def test_a_repayment_that_the_gateway_refuses_takes_nothing(
    buyer: Member, paid: Order, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    asked = ask_repayment(order=paid, amount=1_000, reason="", actor=buyer, at=clock)
    # Somebody was quicker at the gateway itself.
    gateway.send_back(paid.payment_reference, 400)
    following.repay(asked, at=clock)
    deliver()
    paid.refresh_from_db()
    asked.refresh_from_db()
    assert (paid.state, paid.repaid, _left()) == (State.PART_REPAID, 400, 6)
    assert "greater than unrefunded" in asked.failure
    assert "a repayment was refused" in reconcile(at=clock).differences.get().sentence


def test_spent_credits_of_repaid_money_are_owed(
    buyer: Member, paid: Order, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    _spend(buyer, 21, clock)
    gateway.send_back(paid.payment_reference, 1_000)
    deliver()
    assert (_left(), Shortfall.objects.get().remaining) == (0, 6)
    assert Wallet.objects.get(member=buyer).balance == 0
    with pytest.raises(ledger.WalletHeld):
        ledger.charge(
            wallet=ledger.lock_wallet(buyer, at=clock),
            payer=buyer,
            cost=1,
            reference="y",
            policy=policy_in_force(clock),
            at=clock,
        )


@pytest.mark.parametrize(("ending", "left"), [("won", 10), ("lost", 0)])
def test_a_dispute_freezes_until_it_is_decided(
    buyer: Member, paid: Order, gateway: FakeStripe, deliver: Deliver, clock: datetime, ending: str, left: int
) -> None:
    ends = Lot.objects.get(source=Lot.Source.PURCHASE).expires_at
    dispute = gateway.contest(paid.payment_reference, 1_000)
    deliver()
    assert Lot.objects.get(source=Lot.Source.PURCHASE).frozen_at == clock
    assert repayable(paid) == 0
    later = clock + timedelta(days=30)
    gateway.rule(dispute, ending)
    for _time in range(2):
        following.dispute(dispute["id"], at=later)
    row = Dispute.objects.get()
    assert (row.state, row.closed_at) == (ending, later)
    lot = Lot.objects.get(source=Lot.Source.PURCHASE)
    assert lot.remaining == left
    if ending == "won":
        assert (lot.frozen_at, lot.expires_at) == (None, ends + timedelta(days=30))
    # The opening is told after the end: nothing freezes again.
    deliver(*gateway.events)
    assert Lot.objects.get(source=Lot.Source.PURCHASE).frozen_at == lot.frozen_at
    assert Dispute.objects.get().state == ending


def test_a_dispute_told_before_its_payment_finds_its_order(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    gateway.pay(order.checkout_reference)
    gateway.contest(gateway.objects[order.checkout_reference]["payment_intent"], 1_000)
    deliver(*reversed(gateway.events))
    assert Lot.objects.get(source=Lot.Source.PURCHASE).frozen_at == clock


def test_an_inquiry_moves_nothing_and_money_of_others_is_not_ours(
    buyer: Member, paid: Order, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    gateway.contest(paid.payment_reference, 1_000)["status"] = "warning_needs_response"
    stranger = gateway._new("pi", "payment_intent", amount=500)
    gateway._charge(stranger)
    gateway.send_back(stranger["id"], 500)
    gateway.contest(stranger["id"], 500)
    deliver()
    assert (Dispute.objects.count(), Repayment.objects.count(), _left()) == (0, 0, 10)
