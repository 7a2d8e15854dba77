"""Story 37: ten credits are bought on the gateway's page; its event arrives twice, and they come once."""

import os
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from accounts.models import Member
from billing.models import Entry, Order, Pack
from billing.orders import following
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
    client = Client()
    client.force_login(buyer, backend="django.contrib.auth.backends.ModelBackend")
    signed_in = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context()
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": signed_in, "url": served}])
    page = context.new_page()
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
    context.close()
