"""Eight workers at once: one grant, one number for each invoice, one repayment."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection, connections

from accounts.busy import try_whole
from accounts.models import Member, Notice
from billing.catalog import version_in_force
from billing.models import Lot, Order, Pack, PaymentEvent, Repayment, Subscription
from billing.orders import events, following, order_pack, order_plan, order_upgrade
from tests.payments.conftest import Deliver, order_of
from tests.payments.gateway import FakeStripe

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 8


def at_once(*works: Callable[[], object]) -> None:
    """All of them begin together, each on a connection of its own; nothing else may fail."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    barrier, faults = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            barrier.wait()
            work()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_one_event_eight_times_at_once_grants_once(
    buyer: Member, pack: Pack, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    order = order_of(buyer, pack, at=clock)
    gateway.pay(order.checkout_reference)
    at_once(*[lambda: deliver(works=False)] * WORKERS)
    event = PaymentEvent.objects.get()
    at_once(*[lambda: events.handle(event=PaymentEvent.objects.get(pk=event.pk), at=clock)] * WORKERS)
    assert list(Lot.objects.filter(source=Lot.Source.PURCHASE).values_list("granted", flat=True)) == [10]
    # Money back eight times, while somebody looks whether it is paid.
    refund = gateway.send_back(gateway.objects[order.checkout_reference]["payment_intent"], 500)
    looks = [lambda: following.look(order=Order.objects.get(pk=order.pk), at=clock)] * 4
    at_once(*[lambda: following.refund(refund["id"], at=clock)] * WORKERS, *looks)
    order.refresh_from_db()
    assert (order.repaid, Repayment.objects.count()) == (500, 1)
    assert Lot.objects.get(source=Lot.Source.PURCHASE).remaining == 5


def test_a_missed_term_told_and_paid_at_once_is_asked_for_once_and_granted_once(
    outsider: Member, gateway: FakeStripe, deliver: Deliver, clock: datetime
) -> None:
    career = version_in_force("premium-career", at=clock)
    order = order_plan(buyer=outsider, version=career, interval="month", form_key="a" * 14, at=clock)
    following.collect(order=order, at=clock)
    order.refresh_from_db()
    gateway.pay(order.checkout_reference)
    deliver()
    held = Subscription.objects.get()
    due = held.paid_through
    invoice = gateway.next_term(held.provider_reference, "secured")["id"]
    told = [lambda: following.invoice(invoice, at=due)]
    at_once(*told * WORKERS)
    assert [Order.objects.filter(kind="renewal").count(), Notice.objects.filter(kind="payment_failed").count()] == [
        1,
        1,
    ]
    gateway.pay_invoice(invoice)
    looks = [lambda: following.advance(order=Order.objects.get(kind="renewal"), at=due)]
    at_once(*told * 4, *looks * 4)
    held.refresh_from_db()
    assert held.paid_through == due + relativedelta(months=1)
    # The holder confirms a dearer plan while several workers look.
    business = version_in_force("premium-business", at=due)
    change = order_upgrade(
        buyer=outsider, subscription=held, version=business, interval="month", form_key="u" * 14, at=due
    )
    following.collect(order=change, at=due)
    change.refresh_from_db()
    gateway.pay(change.checkout_reference)
    at_once(*[lambda: following.look(order=Order.objects.get(pk=change.pk), at=due)] * WORKERS)
    change.refresh_from_db()
    assert (change.state, change.mismatch, Subscription.objects.count()) == (Order.State.PAID, "", 2)


def test_invoices_drawn_at_once_have_numbers_without_a_gap(
    buyer: Member, pack: Pack, invoicing: None, clock: datetime
) -> None:
    works = [
        lambda key=key: try_whole(lambda: order_pack(buyer=buyer, pack=pack, form_key=key * 14, at=clock))
        for key in "abcdefgh"
    ]
    at_once(*works, works[0], works[1])
    assert sorted(Order.objects.values_list("invoice_number", flat=True)) == list(range(1, WORKERS + 1))
