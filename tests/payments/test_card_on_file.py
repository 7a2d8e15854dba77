"""A change of plan that the card on file does not pay: its holder confirms it, or pays with another, or lets it be."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.contrib import admin

from accounts.models import Member
from billing import plan_changes, prices, subscriptions
from billing.admin.payments import OrderAdmin
from billing.catalog import version_in_force
from billing.models import Order, Subscription, Wallet
from billing.orders import following, order_plan, order_upgrade
from billing.orders.reconciling import reconcile
from billing.orders.working_off import work_off
from tests.only_reading import nothing_written
from tests.payments.conftest import Deliver
from tests.payments.gateway import FakeStripe

pytestmark = pytest.mark.django_db

State = Order.State


@pytest.fixture
def held(outsider: Member, gateway: FakeStripe, deliver: Deliver, clock: datetime) -> Subscription:
    """Career, by the month, its first term paid by a card whose bank asks for its holder from now on."""
    career = version_in_force("premium-career", at=clock)
    order = order_plan(buyer=outsider, version=career, interval="month", form_key="a" * 14, at=clock)
    following.collect(order=order, at=clock)
    gateway.pay(order.checkout_reference)
    deliver()
    held = Subscription.objects.get(wallet__member=outsider)
    gateway.objects[held.provider_reference]["card"] = "secured"
    return held


def _upgrade(outsider: Member, held: Subscription, at: datetime) -> Order:
    """To Business: 59.99 for the first month, of which 20 of 30 days of 39.99 are taken off ten days later."""
    business = version_in_force("premium-business", at=at)
    order = order_upgrade(
        buyer=outsider, subscription=held, version=business, interval="month", form_key="u" * 14, at=at
    )
    following.collect(order=order, at=at)
    order.refresh_from_db()
    return order


def _running(outsider: Member) -> Subscription:
    return Subscription.objects.running().get(wallet__member=outsider)


def _balance(member: Member) -> int:
    return Wallet.objects.get(member=member).balance


@pytest.mark.parametrize(
    ("card", "why"),
    [("secured", "Your bank wants you to confirm this payment. "), ("declined", "Your card was declined. ")],
)
def test_the_order_waits_and_says_how_to_go_on_and_once_it_is_paid_the_plan_changes(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, browse: Any, clock: datetime,
    card: str, why: str,
) -> None:  # fmt: skip
    gateway.objects[held.provider_reference]["card"] = card
    order = _upgrade(outsider, held, clock)
    assert (order.state, _running(outsider), _balance(outsider)) == (State.PENDING, held, 5)
    client = browse(outsider)
    with nothing_written():
        page = client.get(f"/orders/{order.public_id}/").content.decode()
    assert f"{why}Nothing was charged, and the plan is as it was." in page
    assert f'href="{order.checkout_url}">Pay ' in page
    assert "Cards and receipts" in page
    in_console = str(OrderAdmin(Order, admin.site).look(order))
    assert in_console == {"secured": "The bank wants the cardholder", "declined": "Your card was declined."}[card]
    gateway.pay(order.checkout_reference)
    for _time in range(2):
        deliver()
    order.refresh_from_db()
    assert (order.state, order.mismatch, order.failure) == (State.PAID, "", "")
    now_held = _running(outsider)
    assert (now_held.plan_version.plan.code, now_held.paid_through) == (
        "premium-business",
        clock + relativedelta(months=1),
    )
    assert _balance(outsider) == 15
    # The old one is collected no more, and the coupon was good for one payment.
    work_off(at=clock)
    old, new = (gateway.objects[one.provider_reference] for one in (held, now_held))
    assert (old["status"], new["status"]) == ("canceled", "active")
    assert gateway.objects[order.payment_reference]["amount"] == order.amount


def test_what_nobody_confirms_lapses_and_all_is_as_before(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    subscriptions.cancel(subscription=held, at=clock)
    work_off(at=clock)
    theirs = gateway.objects[held.provider_reference]
    order = _upgrade(outsider, held, clock)
    price = theirs["items"]["data"][0]["price"]
    work_off(at=clock + timedelta(hours=23))
    order.refresh_from_db()
    assert (order.state, gateway.objects[order.checkout_reference]["status"]) == (State.LAPSED, "expired")
    assert (theirs["status"], theirs["cancel_at_period_end"]) == ("active", True)
    assert gateway.objects[price]["unit_amount"] == 3_999
    deliver()
    assert (_running(outsider), _balance(outsider)) == (held, 5)


def test_a_cheaper_plan_that_waited_goes_on_waiting_at_the_gateway(
    outsider: Member, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    core = version_in_force("sales-navigator-core", at=clock)
    first = order_plan(buyer=outsider, version=core, interval="month", form_key="a" * 14, at=clock)
    following.collect(order=first, at=clock)
    gateway.pay(first.checkout_reference)
    deliver()
    held = _running(outsider)
    career = version_in_force("premium-career", at=clock)
    shown = plan_changes.preview(subscription=held, version=career, interval="month", at=clock)
    plan_changes.confirm(subscription=held, version=career, interval="month", shown=shown.digest, at=clock)
    work_off(at=clock)
    theirs = gateway.objects[held.provider_reference]
    theirs["card"] = "secured"
    yearly = order_upgrade(
        buyer=outsider, subscription=held, version=core, interval="year", form_key="u" * 14, at=clock
    )
    following.collect(order=yearly, at=clock)
    assert theirs["schedule"] is None
    work_off(at=clock)
    assert len(gateway.objects[theirs["schedule"]]["phases"]) == 2
    yearly.refresh_from_db()
    gateway.pay(yearly.checkout_reference)
    deliver()
    work_off(at=clock)
    assert (theirs["status"], _running(outsider).interval) == ("canceled", "year")


def test_a_confirmation_of_which_no_event_tells_is_found_by_the_hourly_run(
    outsider: Member, held: Subscription, gateway: FakeStripe, clock: datetime
) -> None:
    order = _upgrade(outsider, held, clock)
    gateway.pay(order.checkout_reference)
    for _time in range(2):
        run = reconcile(at=clock + timedelta(hours=1))
        work_off(at=clock + timedelta(hours=1))
    assert run.differences.count() == 0
    assert (_balance(outsider), Subscription.objects.count()) == (15, 2)


def test_money_that_comes_after_the_order_was_given_up_is_shown_and_no_more_of_it_is_collected(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = _upgrade(outsider, held, clock)
    # The worker died before it wrote the page down, and the order was given up meanwhile.
    Order.objects.filter(pk=order.pk).update(state=State.LAPSED, checkout_reference="", checkout_url="")
    gateway.pay(order.checkout_reference)
    for _time in range(2):
        deliver()
    order.refresh_from_db()
    assert (order.state, order.mismatch) == (State.LAPSED, "paid after it had lapsed")
    assert (_running(outsider), _balance(outsider)) == (held, 5)
    begun = gateway.objects[gateway.objects[order.checkout_reference]["subscription"]]
    assert (begun["status"], gateway.objects[held.provider_reference]["status"]) == ("canceled", "active")
    assert "paid after it had lapsed" in reconcile(at=clock).differences.get().sentence


def test_a_term_that_was_paid_while_the_change_waited_is_owed(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    """Three hours before the term ends the whole price is asked for; then the next term is paid all the same."""
    late = held.paid_through - timedelta(hours=3)
    order = _upgrade(outsider, held, late)
    assert order.amount == 5_999
    gateway.objects[held.provider_reference]["card"] = "good"
    following.invoice(gateway.next_term(held.provider_reference)["id"], at=held.paid_through)
    gateway.pay(order.checkout_reference)
    paid_at = held.paid_through + timedelta(hours=1)
    following.look(order=order, at=paid_at)
    assert _running(outsider).plan_version.plan.code == "premium-business"
    # 30 days of the month's 31 are not begun.
    assert prices.owed(Wallet.objects.get(member=outsider), "USD") == 3_999 * 30 // 31


def test_money_for_a_plan_that_another_took_the_place_of_pays_no_term(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = _upgrade(outsider, held, clock)
    gateway.pay(order.checkout_reference)
    deliver()
    until = _running(outsider).paid_through
    gateway.objects[held.provider_reference]["card"] = "good"
    following.invoice(gateway.next_term(held.provider_reference)["id"], at=clock)
    late = Order.objects.get(kind="renewal")
    assert (late.state, late.mismatch) == (State.PAID, "Paid, and not granted: The plan that this paid for has ended.")
    assert _running(outsider).paid_through == until
