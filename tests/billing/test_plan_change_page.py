"""The page of a change of plan: three blocks, losses in words, and what pressing the button does."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.clock import set_to
from accounts.models import Member
from billing import plan_requests, subscriptions
from billing.catalog import version_in_force
from billing.models import BillCredit, Entry, Order, PlanRequest, PlanVersion, Subscription
from billing.standing import standing
from tests.billing import world
from tests.billing.test_plan_page import words
from tests.conftest import MakeMember
from tests.rewriting import rewrite

Browse = Callable[[Member], Client]

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def paying(recipient: Member, at: datetime) -> Member:
    """Pays Business by the month, ten of thirty days ago."""
    start = at - timedelta(days=10)
    subscriptions.subscribe(
        member=recipient,
        plan_version=version_in_force("premium-business", at=at),
        interval="month",
        paid_through=datetime.fromisoformat("2026-12-12T11:00:00+00:00"),
        started_by=None,
        paid_at=start,
        at=start,
    )
    return recipient


def fields(response: Any) -> dict[str, str]:
    found = re.findall(r'name="(interval|shown|form_key)" value="([^"]*)"', response.content.decode())
    return dict(found)


def test_changing_to_career_says_what_is_lost_and_when_and_does_just_that(
    paying: Member, browse: Browse, at: datetime
) -> None:
    """Story 38: three blocks, the loss in words; a balance that changed meanwhile is shown again first."""
    client = browse(paying)
    response = client.get("/plan/change/premium-career/")
    page = words(response)
    assert "Business, now Career, from 12 Dec Price $59.99 a month $39.99 a month" in page
    assert "Most you can hold 45 15 InMail a day 15 10" in page
    assert (
        "Your 15 credits 10 monthly stay until 10 Feb 2027 10 5 monthly of 12 Nov 2026 are lost on 12 Dec 2026 5"
        in page
    )
    assert "You could lose up to 5 on 12 Dec 2026. 15 monthly and 5 new make 20; Career holds 15." in page
    assert "Today $0 12 Dec 2026 $39.99 Then, from 12 Jan 2027 $39.99 a month, cancel at any time" in page
    assert "Change to Career on 12 Dec" in page
    world.charge(paying, at=at)
    posted = fields(response)
    response = client.post("/plan/change/premium-career/", posted)
    assert response.status_code == 409
    assert "The figures changed. Look again. Nothing was changed." in words(response)
    assert "14 monthly, 1 that may come back and 5 new make 20" in words(response)
    assert Subscription.objects.get().changes_at is None
    response = client.post("/plan/change/premium-career/", fields(response), follow=True)
    assert "Career begins on 12 Dec 2026. " in words(response)
    assert "Career begins on 12 Dec 2026, 11:00 UTC. Until then nothing changes." in words(response)
    assert Subscription.objects.get().changes_at == datetime.fromisoformat("2026-12-12T11:00:00+00:00")
    assert "Business goes on." in words(client.post("/plan/stay/", follow=True))
    assert Subscription.objects.get().changes_at is None


def test_on_a_site_that_collects_no_money_an_upgrade_is_asked_for_and_staff_confirm_it(
    sender: Member, make_member: MakeMember, browse: Browse, at: datetime
) -> None:
    client, staff = browse(sender), make_member("Stefan Berg")
    response = client.get("/plan/change/sales-navigator-core/?interval=year")
    page = words(response)
    assert "15 plan credits are lost now." in page
    assert "50 monthly arrive at once and stay until 20 Feb 2027 50" in page
    assert "Next credits: 50 on 1 Dec 2026" in page
    assert "staff tell you how it is paid" in page
    response = client.post("/plan/change/sales-navigator-core/", fields(response), follow=True)
    assert "You asked for Sales." in words(response)
    assert "Change to" not in words(response)
    assert standing(sender, at=at).balance == 15
    plan_requests.confirm_request(request=PlanRequest.objects.get(), actor=staff, at=at)
    assert standing(sender, at=at).balance == 50
    held = subscriptions.running(sender, at=at)
    assert held is not None and (held.plan_version.plan.name, held.interval) == ("Sales", "year")


def test_an_upgrade_is_ordered_where_money_is_collected(
    paying: Member, browse: Browse, settings: Any, at: datetime
) -> None:
    """The invoice says what the preview said; paid, the plan begins."""
    settings.PAYMENT_PROVIDER = "manual"
    client = browse(paying)
    response = client.get("/plan/change/sales-navigator-core/?interval=month")
    due = 9999 - 5999 * 20 // 30
    assert "New plan, a month $99.99 20 unused days of your plan −$39.99 Today $60" in words(response)
    assert "Change to Sales for $60" in words(response)
    posted = fields(response)
    response = client.post("/plan/change/sales-navigator-core/", posted)
    order = Order.objects.get()
    assert response["Location"] == f"/orders/{order.public_id}/"
    assert (order.kind, order.amount, order.lines.get().plan_version.plan.code) == (  # type: ignore[union-attr]
        "upgrade",
        due,
        "sales-navigator-core",
    )
    assert "Price $99.99 Set against it −$39.99 To pay $60" in words(client.get(response["Location"]))
    assert client.post("/plan/change/sales-navigator-core/", posted).status_code in (302, 409)
    assert Order.objects.count() == 1
    assert standing(paying, at=at).balance == 15


def test_a_plan_is_ordered_where_money_is_collected(recipient: Member, browse: Browse, settings: Any) -> None:
    settings.PAYMENT_PROVIDER = "manual"
    client = browse(recipient)
    assert "Choose Career" in words(client.get("/plan/"))
    response = client.post("/plan/ask/premium-career/", {"interval": "year"})
    order = Order.objects.get()
    assert response["Location"] == f"/orders/{order.public_id}/"
    assert (order.amount, PlanRequest.objects.exists()) == (12 * 2999, False)
    told = "Career, yearly: ordered on 22 Nov 2026, not paid yet. Nothing changes before the payment"
    assert told in words(client.get("/plan/"))
    with set_to(order.lapses_at):
        assert told not in words(client.get("/plan/"))


def test_the_same_plan_may_be_paid_in_another_rhythm(sender: Member, browse: Browse) -> None:
    client = browse(sender)
    page = words(client.get("/plan/change/premium-business/"))
    assert "Business, billed yearly" in page
    assert "Price $59.99 a month $44.99 a month, billed yearly" in page
    assert "Ask for Business" in page


def test_what_is_missing_is_said_with_what_happens_when(recipient: Member, browse: Browse, at: datetime) -> None:
    terms = version_in_force("premium-career", at=at)
    paid = at + timedelta(days=20)
    subscriptions.subscribe(
        member=recipient, plan_version=terms, interval="month", paid_through=paid, started_by=None, at=at
    )
    BillCredit.objects.create(
        wallet=recipient.wallet, amount=1250, currency="USD", reason="test", key="test", posted_at=at
    )
    client = browse(recipient)
    assert "Next credits with the next payment" in words(client.get("/plan/"))
    assert "Owed to you $12.50, for plans and credits" in words(client.get("/plan/"))
    with set_to(paid + timedelta(days=2)):
        page = words(client.get("/plan/"))
    assert "Career Past due The payment from 12 Dec 2026 on is missing." in page
    assert "Paid before 19 Dec 2026, 11:00 UTC, Career goes on" in page
    assert "5 plan credits would be lost." in page


def test_a_contract_and_a_cancelled_plan_offer_no_change(
    recipient: Member, sender: Member, browse: Browse, at: datetime
) -> None:
    rewrite(PlanVersion.objects.filter(plan__code="recruiter-corporate"), contract_least=100, contract_most=150)
    subscriptions.subscribe(
        member=recipient,
        plan_version=version_in_force("recruiter-corporate", at=at),
        interval="year",
        paid_through=at + timedelta(days=365),
        started_by=None,
        contract_allotment=120,
        at=at,
    )
    page = words(browse(recipient).get("/plan/"))
    assert "Credits 120 a month (by contract)" in page
    assert "Change to" not in page
    refused = browse(recipient).get("/plan/change/premium-career/", follow=True)
    assert "This plan is a contract: staff change it with you." in words(refused)
    subscriptions.cancel(subscription=subscriptions.running(sender, at=at), at=at)  # type: ignore[arg-type]
    page = words(browse(sender).get("/plan/"))
    assert "Change to Sales" in page
    assert "Change to Career" not in page


@pytest.mark.parametrize("posted", [{}, {"shown": "x", "interval": "moon"}, {"shown": "\x00", "interval": "year"}])
def test_a_form_without_what_was_shown_changes_nothing(sender: Member, browse: Browse, posted: dict[str, str]) -> None:
    entries = Entry.objects.count()
    assert browse(sender).post("/plan/change/premium-career/", posted).status_code == 409
    assert Subscription.objects.get().changes_at is None
    assert Entry.objects.count() == entries


def test_plans_that_are_not_offered_cannot_be_changed_to(sender: Member, browse: Browse) -> None:
    client = browse(sender)
    for code in ("free", "moon"):
        assert client.get(f"/plan/change/{code}/").status_code == 404
    assert client.get("/plan/change/premium-career/?interval=moon").status_code == 200
    assert client.get("/plan/stay/").status_code == 405
