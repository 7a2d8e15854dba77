"""Story 37: ten credits are bought on the gateway's page; its event arrives twice, and they come once. A change of plan
and a further term that the card on file does not pay are paid on pages of the gateway's too.
"""

import os
from datetime import datetime
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from accounts.models import Member
from billing.catalog import version_in_force
from billing.models import Entry, Order, Pack, Subscription
from billing.orders import following, order_plan
from tests.payments.conftest import Deliver, buyer, deliver, gateway, pack
from tests.payments.gateway import FakeStripe
from tests.payments.pay_page import pay_pages

__all__ = ["buyer", "deliver", "gateway", "pack"]

# Playwright's event loop runs in this thread, in which the test asks the database too.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def served(settings: Any, gateway: FakeStripe, request: pytest.FixtureRequest) -> str:
    """A site that refuses to start without mail, and leads buyers back to where it is."""
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    settings.SITE_URL = request.getfixturevalue("site")
    return str(settings.SITE_URL)


def test_credits_are_bought_once_and_the_page_changes_by_itself(
    buyer: Member,
    pack: Pack,
    gateway: FakeStripe,
    deliver: Deliver,
    served: str,
    browser: Browser,
    settings: Any,
    clock: datetime,
) -> None:
    page = _page_of(buyer, browser, served, settings)
    with pay_pages(gateway):
        page.goto(f"{served}/credits/")
        page.get_by_role("link", name="Buy 10 for $10").click()
        page.get_by_role("button", name="Order 10 for $10").click()
        expect(page.locator("#order")).to_contain_text("Processing. This page changes by itself.")

        following.collect(order=Order.objects.get(), at=clock)
        page.get_by_role("link", name="Pay $10").click()
        page.get_by_role("button", name="Pay now").click()
        expect(page.locator("#order")).to_contain_text("Processing. This page changes by itself.")

        for _time in range(2):
            deliver()
        expect(page.locator("#order")).to_contain_text("Paid. Thank you.")
    page.goto(f"{served}/credits/")
    expect(page.locator("#balance")).to_have_text("25")
    assert Entry.objects.filter(key__startswith="purchase:").count() == 1
    page.context.close()


def test_what_the_card_on_file_does_not_pay_is_paid_by_its_holder(
    outsider: Member,
    gateway: FakeStripe,
    deliver: Deliver,
    served: str,
    browser: Browser,
    settings: Any,
    clock: datetime,
) -> None:
    career = version_in_force("premium-career", at=clock)
    order = order_plan(buyer=outsider, version=career, interval="month", form_key="a" * 14, at=clock)
    following.collect(order=order, at=clock)
    order.refresh_from_db()
    gateway.pay(order.checkout_reference)
    deliver()
    gateway.objects[_held().provider_reference]["card"] = "secured"
    page = _page_of(outsider, browser, served, settings)
    with pay_pages(gateway):
        page.goto(f"{served}/plan/change/premium-business/?interval=month")
        page.get_by_role("button", name="Business").click()
        expect(page.locator("#order")).to_contain_text("Processing")
        following.collect(order=Order.objects.latest("pk"), at=clock)
        page.reload()
        expect(page.locator("#order")).to_contain_text("Your bank wants you to confirm this payment.")
        page.get_by_role("link", name="Pay $20").click()
        page.get_by_role("button", name="Pay now").click()
        expect(page.locator("#order")).to_contain_text("Processing")
        deliver()
        page.reload()
        expect(page.locator("#order")).to_contain_text("Paid. Thank you.")
        assert _held().plan_version.plan.code == "premium-business"

        due = _held().paid_through
        invoice = gateway.next_term(_held().provider_reference, "declined")["id"]
        following.invoice(invoice, at=due)
        page.goto(f"{served}/orders/{Order.objects.latest('pk').public_id}/")
        page.get_by_role("link", name="Pay $59.99").click()
        page.get_by_role("button", name="Pay now").click()
        expect(page.get_by_role("heading", name="Paid")).to_be_visible()
        following.invoice(invoice, at=due)
    assert _held().paid_through == due + relativedelta(months=1)
    page.context.close()


def _held() -> Subscription:
    return Subscription.objects.running().get()


def _page_of(member: Member, browser: Browser, served: str, settings: Any) -> Page:
    """Signed in, in a context of its own."""
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    signed_in = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context()
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": signed_in, "url": served}])
    return context.new_page()
