"""Invoices: numbered without a gap, marked as paid by staff, lapsing, and asked again for the next term."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client

from accounts.models import Member, Notice, PolicyVersion
from billing import plan_changes, subscriptions
from billing.catalog import version_in_force
from billing.models import Lot, Order, Pack, Subscription, Wallet
from billing.orders import TooLate, ask_repayment, mark_paid, order_pack, order_plan
from billing.orders.renewing import invoice_next_terms
from billing.orders.working_off import work_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invoicing")]

State = Order.State


def test_an_invoice_is_numbered_mailed_and_paid_once(
    buyer: Member, outsider: Member, pack: Pack, clock: datetime
) -> None:
    orders = [order_pack(buyer=buyer, pack=pack, form_key=key * 14, at=clock) for key in "aab"]
    assert [order.invoice_number for order in orders] == [1, 1, 2]
    assert orders[0].state == State.PENDING
    assert Notice.objects.filter(kind="invoice", address=buyer.email).count() == 2
    mark_paid(order=orders[0], reference="RF18 5390", actor=outsider, at=clock)
    for order, reference in ((orders[0], "RF 19"), (orders[2], "RF18 5390")):
        with pytest.raises(TooLate):
            mark_paid(order=order, reference=reference, actor=outsider, at=clock)
    orders[0].refresh_from_db()
    assert (orders[0].state, orders[0].confirmed_by) == (State.PAID, outsider)
    assert Lot.objects.filter(source=Lot.Source.PURCHASE).count() == 1


def test_an_invoice_that_nobody_pays_lapses_and_says_so(buyer: Member, pack: Pack, clock: datetime) -> None:
    order = order_pack(buyer=buyer, pack=pack, form_key="a" * 14, at=clock)
    work_off(at=clock + timedelta(days=14) - timedelta(microseconds=1))
    order.refresh_from_db()
    assert order.state == State.PENDING
    for _time in range(2):
        work_off(at=clock + timedelta(days=14))
    order.refresh_from_db()
    assert order.state == State.LAPSED
    assert Notice.objects.filter(kind="invoice_lapsed").count() == 1
    with pytest.raises(TooLate):
        mark_paid(order=order, reference="RF 18", actor=buyer, at=clock)


def test_the_next_term_is_invoiced_a_week_ahead_and_goes_on_when_paid(outsider: Member, clock: datetime) -> None:
    terms = version_in_force("premium-career", at=clock)
    order = order_plan(buyer=outsider, version=terms, interval="month", form_key="a" * 14, at=clock)
    mark_paid(order=order, reference="first", actor=outsider, at=clock)
    ends = clock + relativedelta(months=1)
    assert Subscription.objects.get().paid_through == ends
    assert invoice_next_terms(at=ends - timedelta(days=7, microseconds=1)) == 0
    assert [invoice_next_terms(at=ends - timedelta(days=7)) for _time in range(2)] == [1, 0]
    renewal = Order.objects.get(kind=Order.Kind.RENEWAL)
    assert (renewal.invoice_number, renewal.amount, renewal.lapses_at) == (2, 3_999, ends + timedelta(days=7))
    # Paid in the grace: the term that was missed is made up with its own dates.
    mark_paid(order=renewal, reference="second", actor=outsider, at=ends + timedelta(days=3))
    assert Subscription.objects.get().paid_through == clock + relativedelta(months=2)
    assert Lot.objects.filter(effective_at=ends, granted=5).count() == 1
    subscriptions.cancel(subscription=Subscription.objects.get(), at=ends + timedelta(days=4))
    assert invoice_next_terms(at=clock + relativedelta(months=2)) == 0


def test_an_unpaid_term_is_invoiced_within_the_grace_that_the_policy_gives(outsider: Member, clock: datetime) -> None:
    """Not after it, though the plan may wait for a sweep to end it: each invoice would lapse at once."""
    terms = version_in_force("premium-career", at=clock)
    order = order_plan(buyer=outsider, version=terms, interval="month", form_key="a" * 14, at=clock)
    mark_paid(order=order, reference="first", actor=outsider, at=clock)
    policy = {"catalog": "standard", "settings": {"payment_grace_days": 2}, "in_force_from": clock}
    PolicyVersion.objects.create(**policy, approved_at=clock)
    ends = Subscription.objects.get().paid_through
    assert [invoice_next_terms(at=ends + timedelta(days=days)) for days in (5, 2)] == [0, 0]
    assert invoice_next_terms(at=ends + timedelta(days=2, microseconds=-1)) == 1
    assert Order.objects.get(kind=Order.Kind.RENEWAL).lapses_at == ends + timedelta(days=2)


def test_the_invoice_of_a_term_that_begins_otherwise_is_given_up_for_another(outsider: Member, clock: datetime) -> None:
    business, career = (version_in_force(code, at=clock) for code in ("premium-business", "premium-career"))
    order = order_plan(buyer=outsider, version=business, interval="month", form_key="a" * 14, at=clock)
    mark_paid(order=order, reference="first", actor=outsider, at=clock)
    held, at = Subscription.objects.get(), clock + relativedelta(months=1) - timedelta(days=6)
    wanted: dict[str, Any] = {"subscription": held, "version": career, "interval": "month", "at": at}

    def invoices() -> list[tuple[str, int]]:
        invoice_next_terms(at=at)
        work_off(at=at)
        renewals = Order.objects.filter(kind=Order.Kind.RENEWAL).order_by("pk")
        return list(renewals.values_list("state", "amount"))

    assert invoices() == [("pending", 5_999)]
    plan_changes.confirm(shown=plan_changes.preview(**wanted).digest, **wanted)
    assert invoices() == [("lapsed", 5_999), ("pending", 3_999)] == invoices()
    plan_changes.withdraw(subscription=held, at=at)
    assert invoices()[1:] == [("lapsed", 3_999), ("pending", 5_999)]
    held.refresh_from_db()
    subscriptions.cancel(subscription=held, at=at)
    assert invoices()[2:] == [("lapsed", 5_999)] == invoices()[2:]
    subscriptions.resume(subscription=held, at=at)
    assert invoices()[3:] == [("pending", 5_999)]
    mark_paid(order=Order.objects.latest("pk"), reference="second", actor=outsider, at=at)
    assert Notice.objects.filter(kind="invoice_lapsed").count() == 3
    assert Subscription.objects.get().paid_through == clock + relativedelta(months=2)


def test_money_that_staff_sent_back_takes_its_credits_at_once(buyer: Member, pack: Pack, clock: datetime) -> None:
    order = order_pack(buyer=buyer, pack=pack, form_key="a" * 14, at=clock)
    mark_paid(order=order, reference="RF 18", actor=buyer, at=clock)
    ask_repayment(order=order, amount=500, reason="Sorry", actor=buyer, at=clock)
    order.refresh_from_db()
    assert (order.state, order.repaid) == (State.PART_REPAID, 500)
    assert Wallet.objects.get(member=buyer).balance == 20


def test_the_pages_of_an_invoice(buyer: Member, outsider: Member, pack: Pack, browse: Any, clock: datetime) -> None:
    client: Client = browse(buyer)
    page = client.get("/credits/buy/10/").content.decode()
    assert "by bank transfer" in page
    answer = client.post("/credits/buy/10/", {"form_key": "a" * 14})
    order = Order.objects.get()
    assert answer.headers["Location"] == f"/orders/{order.public_id}/"
    assert "Open invoice 1" in client.get(answer.headers["Location"]).content.decode()
    invoice = client.get("/invoices/1/").content.decode()
    for words in ("Elbe Alumni e.V.<br>Hafen 1, Hamburg", "DE02 1203 0000 0000 2020 51", "$10", "Invoice 1"):
        assert words in invoice
    assert order.public_id in client.get("/invoices/").content.decode()
    for url in ("/invoices/1/", f"/orders/{order.public_id}/"):
        assert browse(outsider).get(url).status_code == 404
    assert order.public_id not in browse(outsider).get("/invoices/").content.decode()
    other = client.post("/credits/buy/10/", {"form_key": "a" * 14})
    assert (other.status_code, Order.objects.count()) == (302, 1)
    for key in ("", "x", "A" * 14, "a" * 13 + "\n", "a\x00" * 7):
        assert client.post("/credits/buy/10/", {"form_key": key}).status_code == 422
