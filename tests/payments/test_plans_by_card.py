"""Plans that Stripe collects: begun, paid on, cancelled on either side, changed, ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from accounts.models import Member, Notice
from billing import ledger, plan_changes, subscriptions, tasks
from billing.catalog import version_in_force
from billing.models import BillCredit, Order, PlanVersion, Subscription, Wallet
from billing.orders import OrderRefused, ask_repayment, following, order_plan, order_upgrade
from billing.orders.reconciling import reconcile
from billing.orders.working_off import work_off
from tests.payments.conftest import Deliver
from tests.payments.gateway import FakeStripe

pytestmark = pytest.mark.django_db

State = Order.State


def _terms(code: str, at: datetime) -> PlanVersion:
    return version_in_force(code, at=at)


def _order(buyer: Member, at: datetime, *, code: str = "premium-career", form_key: str = "a" * 14) -> Order:
    order = order_plan(buyer=buyer, version=_terms(code, at), interval="month", form_key=form_key, at=at)
    following.collect(order=order, at=at)
    order.refresh_from_db()
    return order


@pytest.fixture
def held(outsider: Member, gateway: FakeStripe, deliver: Deliver, clock: datetime) -> Subscription:
    """Career, by the month, its first term paid by card."""
    order = _order(outsider, clock)
    gateway.pay(order.checkout_reference)
    for _time in range(2):
        deliver()
    order.refresh_from_db()
    assert (order.state, order.mismatch, order.amount) == (State.PAID, "", 3_999)
    return Subscription.objects.get(wallet__member=outsider)


def _balance(member: Member) -> int:
    return Wallet.objects.get(member=member).balance


def test_the_first_term_is_paid_and_granted_once(outsider: Member, held: Subscription, clock: datetime) -> None:
    assert (held.provider, held.provider_reference[:4], held.paid_at) == ("stripe", "sub_", clock)
    assert held.paid_through == clock + relativedelta(months=1)
    assert _balance(outsider) == 5
    with pytest.raises(OrderRefused):
        _order(outsider, clock, form_key="b" * 14)


def test_each_further_payment_is_one_term_more(
    outsider: Member, held: Subscription, gateway: FakeStripe, clock: datetime
) -> None:
    due = clock + relativedelta(months=1)
    work_off(at=due)
    for month in (1, 2):
        invoice = gateway.next_term(held.provider_reference)
        for _time in range(3):
            following.invoice(invoice["id"], at=due + timedelta(hours=1))
        held.refresh_from_db()
        assert held.paid_through == clock + relativedelta(months=month + 1)
    assert Order.objects.filter(kind="renewal", state=State.PAID, amount=3_999).count() == 2
    assert _balance(outsider) == 10


def test_another_price_than_ours_pays_no_term(
    outsider: Member, held: Subscription, gateway: FakeStripe, clock: datetime
) -> None:
    invoice = gateway.next_term(held.provider_reference)
    invoice["total"] = 1
    following.invoice(invoice["id"], at=clock)
    order = Order.objects.get(kind="renewal")
    assert (order.state, order.mismatch) == (State.PENDING, "amount is 1, ordered was 3999")
    assert Subscription.objects.get(pk=held.pk).paid_through == held.paid_through


def test_a_refused_card_is_told_once_and_the_grace_ends_the_plan_on_both_sides(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    gateway.next_term(held.provider_reference, "declined")
    for _time in range(2):
        deliver()
    assert Notice.objects.filter(kind="payment_failed", address=outsider.email).count() == 1
    over = held.paid_through + timedelta(days=7)
    ledger.settle(ledger.lock_by_id(held.wallet_id), at=over)
    work_off(at=over)
    assert gateway.objects[held.provider_reference]["status"] == "canceled"


def test_cancelling_here_and_taking_it_back_reaches_stripe(
    held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    theirs = gateway.objects[held.provider_reference]
    subscriptions.cancel(subscription=held, at=clock)
    work_off(at=clock)
    assert theirs["cancel_at_period_end"] is True
    # Its own echo undoes nothing.
    deliver(*gateway.events)
    assert Subscription.objects.get(pk=held.pk).cancel_at == held.paid_through
    subscriptions.resume(subscription=held, at=clock)
    # An older word of Stripe's, read before ours was told, does not cancel again.
    following.subscription(held.provider_reference, at=clock)
    assert Subscription.objects.get(pk=held.pk).cancel_at is None
    work_off(at=clock)
    assert theirs["cancel_at_period_end"] is False
    told = len(gateway.calls)
    work_off(at=clock)
    assert len(gateway.calls) == told


def test_cancelling_in_the_portal_reaches_us(
    held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    for is_cancelling in (True, False):
        gateway.cancel_in_portal(held.provider_reference, is_cancelling=is_cancelling)
        deliver(gateway.events[-1])
        ends_at = Subscription.objects.get(pk=held.pk).cancel_at
        assert ends_at == (held.paid_through if is_cancelling else None)
    work_off(at=clock)
    assert gateway.objects[held.provider_reference]["cancel_at_period_end"] is False
    gateway._over(gateway.objects[held.provider_reference])
    deliver(gateway.events[-1])
    assert Subscription.objects.get(pk=held.pk).cancel_at == held.paid_through


def _upgrade(outsider: Member, held: Subscription, at: datetime) -> Order:
    terms = _terms("premium-business", at)
    order = order_upgrade(buyer=outsider, subscription=held, version=terms, interval="month", form_key="u" * 14, at=at)
    following.collect(order=order, at=at)
    order.refresh_from_db()
    return order


def test_an_upgrade_charges_the_card_for_the_difference_and_starts_anew(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    at = clock + timedelta(days=10)
    gateway.at = at
    order = _upgrade(outsider, held, at)
    # 20 of 30 days of 39.99 are unused: 26.66 of 59.99.
    assert (order.state, order.amount, order.mismatch) == (State.PAID, 3_333, "")
    for event in gateway.events:
        if event["type"].startswith("invoice"):
            following.invoice(event["data"]["object"]["id"], at=at)
    now_held = Subscription.objects.running().get(wallet__member=outsider)
    assert (now_held.anchor_at, now_held.provider_reference) == (at, held.provider_reference)
    assert now_held.paid_through == at + relativedelta(months=1)
    assert _balance(outsider) == 15
    work_off(at=at)
    theirs = gateway.objects[held.provider_reference]
    assert theirs["status"] == "active"
    assert gateway.objects[theirs["items"]["data"][0]["price"]]["unit_amount"] == 5_999
    assert BillCredit.objects.count() == 0


def test_a_downgrade_waits_at_stripe_too_and_is_paid_at_its_own_price(
    outsider: Member, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    gateway.pay(_order(outsider, clock, code="premium-business").checkout_reference)
    deliver()
    held = Subscription.objects.get(wallet__member=outsider)
    career = _terms("premium-career", clock)
    shown = plan_changes.preview(subscription=held, version=career, interval="month", at=clock)
    plan_changes.confirm(subscription=held, version=career, interval="month", shown=shown.digest, at=clock)
    work_off(at=clock)
    theirs = gateway.objects[held.provider_reference]
    phases = gateway.objects[theirs["schedule"]]["phases"]
    prices = [gateway.objects[phase["items"]["0"]["price"]]["unit_amount"] for phase in phases]
    assert prices == [5_999, 3_999]
    # The day has come: Stripe collects the lower price, and the plan goes on with it.
    theirs["items"]["data"][0]["price"] = phases[1]["items"]["0"]["price"]
    due = clock + relativedelta(months=1, hours=1)
    following.invoice(gateway.next_term(held.provider_reference)["id"], at=due)
    now_held = Subscription.objects.running().get(wallet__member=outsider)
    assert (now_held.plan_version, now_held.ended_at) == (career, None)
    assert now_held.paid_through == clock + relativedelta(months=2)
    # Career holds 15.
    assert _balance(outsider) == 15
    work_off(at=due)
    assert theirs["status"] == "active"


def test_taking_a_downgrade_back_releases_the_schedule(
    outsider: Member, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    gateway.pay(_order(outsider, clock, code="premium-business").checkout_reference)
    deliver()
    held = Subscription.objects.get(wallet__member=outsider)
    career = _terms("premium-career", clock)
    shown = plan_changes.preview(subscription=held, version=career, interval="month", at=clock)
    plan_changes.confirm(subscription=held, version=career, interval="month", shown=shown.digest, at=clock)
    work_off(at=clock)
    order = order_upgrade(
        buyer=outsider,
        subscription=held,
        version=_terms("sales-navigator-core", clock),
        interval="month",
        form_key="u" * 14,
        at=clock,
    )
    following.collect(order=order, at=clock)
    assert gateway.objects[held.provider_reference]["schedule"] is None
    assert _balance(outsider) == 50


def test_all_the_money_back_ends_the_plan_here_and_there(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = Order.objects.get()
    ask_repayment(order=order, amount=1_000, reason="Sorry", actor=outsider, at=clock)
    work_off(at=clock)
    assert Subscription.objects.get().ended_at is None
    ask_repayment(order=order, amount=2_999, reason="Sorry", actor=outsider, at=clock)
    work_off(at=clock)
    work_off(at=clock)
    assert (Subscription.objects.get().ended_at, _balance(outsider)) == (clock, 0)
    assert gateway.objects[held.provider_reference]["status"] == "canceled"


def test_a_plan_paid_twice_is_granted_once_and_shown_to_staff(
    outsider: Member, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    orders = [_order(outsider, clock, form_key=key * 14) for key in "ab"]
    for order in orders:
        gateway.pay(order.checkout_reference)
    deliver()
    states = [(order.state, bool(order.mismatch)) for order in Order.objects.order_by("pk")]
    assert sorted(states) == [(State.PAID, False), (State.PAID, True)]
    assert (Subscription.objects.count(), _balance(outsider)) == (1, 5)
    assert "Paid, and not granted" in reconcile(at=clock).differences.get().sentence


def test_ordering_another_plan_gives_the_first_up(
    outsider: Member, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    first = _order(outsider, clock)
    second = _order(outsider, clock, code="premium-business", form_key="b" * 14)
    work_off(at=clock)
    first.refresh_from_db()
    assert (first.state, gateway.objects[first.checkout_reference]["status"]) == (State.LAPSED, "expired")
    gateway.pay(second.checkout_reference)
    deliver()
    assert _balance(outsider) == 15


def test_the_gateways_own_page_opens_for_its_customer(
    outsider: Member, held: Subscription, gateway: FakeStripe, browse: Any
) -> None:
    client = browse(outsider)
    assert client.post("/payments/portal/").status_code == 302
    assert "being opened" in client.get("/payments/portal/").content.decode()
    tasks.gateway_portal(held.wallet_id)
    assert f"{gateway.pages}/portal" in client.get("/payments/portal/").content.decode()
