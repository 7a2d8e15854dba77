"""One order in the console: an invoice marked as paid, money sent back, and who may."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from billing import subscriptions
from billing.catalog import version_in_force
from billing.models import Order, Pack, PaymentEvent, Subscription, Wallet
from billing.orders import order_pack, order_upgrade
from billing.orders.words import words
from config.console_orders import minor_units
from tests.config.test_console import biller, supporter
from tests.payments.conftest import invoicing, pack

__all__ = ["biller", "invoicing", "pack", "supporter"]

Browse = Callable[[Member], Client]


@pytest.fixture
def order(sender: Member, pack: Pack, invoicing: None, clock: datetime) -> Order:
    return order_pack(buyer=sender, pack=pack, form_key="a" * 14, at=clock)


def page(order: Order) -> str:
    return reverse("admin:order_page", args=[order.pk])


def balance(member: Member) -> int:
    return Wallet.objects.get(member=member).balance


def repay(client: Client, order: Order, amount: str, *, reason: str = "Goodwill") -> int:
    key = client.get(page(order)).context["repay"]["form_key"].value()
    posted = {"act": "repay", "form_key": key, "amount": amount, "reason": reason}
    return client.post(page(order), posted).status_code


def test_an_invoice_is_marked_as_paid_once_and_grants(
    order: Order, biller: Member, sender: Member, browse: Browse
) -> None:
    before, client = balance(sender), browse(biller)
    assert client.post(page(order), {"act": "paid", "reference": " "}).status_code == 422
    assert balance(sender) == before
    assert client.post(page(order), {"act": "paid", "reference": "SEPA 4711"}).status_code == 302
    assert balance(sender) == before + 10
    assert client.post(page(order), {"act": "paid", "reference": "SEPA 4711"}).status_code == 422
    assert balance(sender) == before + 10
    assert "SEPA 4711" in client.get(page(order)).content.decode()


def test_money_for_what_can_no_longer_be_had_is_said_to_grant_nothing(
    invoicing: None, biller: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    held = Subscription.objects.get(wallet__member=sender)
    sales = version_in_force("sales-navigator-core", at=clock)
    chosen = {"version": sales, "interval": "month", "form_key": "u" * 14, "at": clock}
    order = order_upgrade(buyer=sender, subscription=held, **chosen)
    subscriptions.end(subscription=held, at=clock)
    answer = browse(biller).post(page(order), {"act": "paid", "reference": "SEPA 4712"}, follow=True)
    said = answer.content.decode()
    assert "Marked as paid, and nothing is granted" in said and "What was ordered is granted" not in said
    assert "Nothing was granted for this money: pay it back." in said
    in_doubt, client = "1 order does not agree with its payment.", browse(biller)
    assert in_doubt in client.get(reverse("admin:index")).content.decode()
    assert repay(client, order, str(Decimal(order.amount) / 100)) == 302
    order.refresh_from_db()
    assert (order.state, words(order).label) == (Order.State.REPAID, "Paid back")
    assert in_doubt not in client.get(reverse("admin:index")).content.decode()
    assert "Nothing was granted" not in client.get(page(order)).content.decode()


def test_part_of_the_money_goes_back_with_its_credits_and_never_too_much(
    order: Order, biller: Member, sender: Member, browse: Browse
) -> None:
    before, client = balance(sender), browse(biller)
    client.post(page(order), {"act": "paid", "reference": "SEPA 4711"})
    assert repay(client, order, "10.01") == 422
    assert repay(client, order, "-1") == 422
    assert repay(client, order, "NaN") == 422
    assert repay(client, order, "4.00") == 302
    assert balance(sender) == before + 6
    order.refresh_from_db()
    assert (order.state, order.repaid) == (Order.State.PART_REPAID, 400)


def test_only_a_billing_operator_marks_or_repays(
    order: Order, supporter: Member, sender: Member, browse: Browse
) -> None:
    client = browse(supporter)
    shown = client.get(page(order))
    assert shown.status_code == 200 and "Mark as paid" not in shown.content.decode()
    assert client.post(page(order), {"act": "paid", "reference": "SEPA 1"}).status_code == 403
    assert client.post(page(order), {"act": "repay", "amount": "1"}).status_code == 403
    assert browse(sender).get(page(order), follow=True).status_code == 403
    order.refresh_from_db()
    assert order.state in {Order.State.CREATED, Order.State.PENDING}


def test_an_event_is_worked_off_again_when_staff_ask(biller: Member, browse: Browse, clock: datetime) -> None:
    event = PaymentEvent.objects.create(
        provider="stripe",
        event_id="evt_1",
        kind="checkout.session.completed",
        is_live=False,
        received_at=clock,
        handled_at=clock,
        attempts=3,
    )
    posted = {"action": "replay", "_selected_action": [event.pk]}
    assert browse(biller).post(reverse("admin:billing_paymentevent_changelist"), posted).status_code == 302
    event.refresh_from_db()
    assert (event.handled_at, event.attempts) == (None, 0)


def test_a_yen_has_no_smaller_part() -> None:
    assert minor_units(Decimal("12.50"), "USD") == 1250
    assert minor_units(Decimal(500), "JPY") == 500
