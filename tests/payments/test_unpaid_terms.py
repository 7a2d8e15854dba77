"""A further term that the card on file does not pay: its holder is told once, with a page to pay on."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from accounts.clock import set_to
from accounts.models import Member, Notice
from billing import audit, ledger
from billing.catalog import version_in_force
from billing.models import Lot, Order, Period, Subscription
from billing.orders import following, order_plan, order_upgrade
from billing.orders.reconciling import reconcile
from billing.orders.working_off import work_off
from tests.payments.conftest import Deliver
from tests.payments.gateway import FakeStripe

pytestmark = pytest.mark.django_db

State = Order.State


@pytest.fixture
def held(outsider: Member, gateway: FakeStripe, deliver: Deliver, clock: datetime) -> Subscription:
    """Career, by the month, its first term paid by card."""
    career = version_in_force("premium-career", at=clock)
    order = order_plan(buyer=outsider, version=career, interval="month", form_key="a" * 14, at=clock)
    following.collect(order=order, at=clock)
    gateway.pay(order.checkout_reference)
    deliver()
    return Subscription.objects.get(wallet__member=outsider)


def _fail(gateway: FakeStripe, held: Subscription, card: str = "declined") -> Any:
    """The next term's invoice, an hour after it was due."""
    gateway.at = held.paid_through + timedelta(hours=1)
    return gateway.next_term(held.provider_reference, card)


def _settle(held: Subscription, at: datetime) -> None:
    ledger.settle(ledger.lock_by_id(held.wallet_id), at=at)


@pytest.mark.parametrize("card", ["declined", "secured"])
def test_the_mail_leads_once_to_a_page_to_pay_on_and_paid_in_the_grace_the_term_has_its_true_dates(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, browse: Any, clock: datetime, card: str
) -> None:
    due = held.paid_through
    invoice = _fail(gateway, held, card)
    for _time in range(2):
        deliver()
    order = Order.objects.get(kind="renewal")
    told = Notice.objects.get(kind="payment_failed", address=outsider.email)
    assert told.context["path"] == f"/orders/{order.public_id}/"
    client = browse(outsider)
    page = client.get(told.context["path"]).content.decode()
    assert "Your card was not charged for the next term" in page
    assert f'href="{invoice["hosted_invoice_url"]}">Pay $39.99</a>' in page
    assert (order.lapses_at, order.state) == (due + timedelta(days=7), State.PENDING)
    with set_to(due + timedelta(hours=2)):
        plan = client.get("/plan/").content.decode()
    assert f'href="/orders/{order.public_id}/">Pay $39.99</a>' in plan
    assert "Nothing changes before the payment" not in plan
    # Paid five days later, and no event comes: the invoice itself is older than what the hourly run looks back on.
    paid_at = due + timedelta(days=5)
    gateway.pay_invoice(invoice["id"])
    reconcile(at=paid_at)
    held.refresh_from_db()
    assert (held.paid_through, held.ended_at) == (clock + relativedelta(months=2), None)
    period = Period.objects.get(subscription=held, n=1)
    assert (period.starts_at, period.lot and period.lot.effective_at) == (due, due)
    assert Order.objects.get(kind="renewal").state == State.PAID
    assert Lot.objects.filter(wallet=held.wallet).count() == 2
    assert audit.verify(at=paid_at, holds=False).breaches == []


def test_after_the_grace_nobody_can_pay_and_the_plan_ends_on_both_sides(
    held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    invoice = _fail(gateway, held)
    deliver()
    over = held.paid_through + timedelta(days=7)
    _settle(held, over)
    work_off(at=over)
    assert Order.objects.get(kind="renewal").state == State.LAPSED
    assert (invoice["status"], gateway.objects[held.provider_reference]["status"]) == ("void", "canceled")
    assert Subscription.objects.get().ended_at == over


def test_a_failure_of_which_no_event_tells_is_found_by_the_hourly_run(
    outsider: Member, held: Subscription, gateway: FakeStripe, clock: datetime
) -> None:
    invoice = _fail(gateway, held)
    invoice["attempted"] = False
    later = held.paid_through + timedelta(hours=2)
    reconcile(at=later)
    assert not Order.objects.filter(kind="renewal").exists()
    invoice["attempted"] = True
    for _time in range(2):
        assert reconcile(at=later).differences.count() == 0
    assert Notice.objects.filter(kind="payment_failed", address=outsider.email).count() == 1


def test_another_plan_instead_of_the_unpaid_term_makes_an_end_of_its_invoice(
    outsider: Member, held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    invoice = _fail(gateway, held)
    deliver()
    at = held.paid_through + timedelta(days=2)
    business = version_in_force("premium-business", at=at)
    order = order_upgrade(
        buyer=outsider, subscription=held, version=business, interval="month", form_key="u" * 14, at=at
    )
    following.collect(order=order, at=at)
    work_off(at=at)
    # It may still be paid as long as the other is not.
    assert (invoice["status"], Order.objects.get(kind="renewal").state) == ("open", State.PENDING)
    order.refresh_from_db()
    gateway.pay(order.checkout_reference)
    following.look(order=order, at=at)
    work_off(at=at)
    assert (invoice["status"], Order.objects.get(kind="renewal").state) == ("void", State.LAPSED)
    assert Subscription.objects.running().get().plan_version == business


def test_a_term_of_other_licences_than_are_held_is_shown_and_not_granted(
    held: Subscription, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    invoice = _fail(gateway, held)
    deliver()
    business = version_in_force("premium-business", at=clock)
    Subscription.objects.filter(pk=held.pk).update(plan_version=business)
    gateway.pay_invoice(invoice["id"])
    following.invoice(invoice["id"], at=held.paid_through + timedelta(days=1))
    order = Order.objects.get(kind="renewal")
    assert (order.state, order.mismatch) == (
        State.PAID,
        "Paid, and not granted: It pays another plan, or other licences.",
    )
