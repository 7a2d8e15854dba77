"""The plan page: compare, ask, withdraw, cancel, take back; and what visitors see of the plans."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.clock import FOREVER, set_to
from accounts.models import Member, PolicyVersion
from billing import ledger, subscriptions
from billing.catalog import version_in_force
from billing.models import Lot, Plan, PlanRequest, PlanVersion, Subscription
from billing.standing import standing
from tests.conftest import MakeMember
from tests.rewriting import rewrite

Browse = Callable[[Member], Client]

pytestmark = pytest.mark.usefixtures("clock")


def words(response: object) -> str:
    html = response.content.decode()  # type: ignore[attr-defined]
    text = re.sub(r"<[^>]+>", " ", re.sub(r"</?(bdi|time)[^>]*>", "", html))
    return " ".join(unescape(text).split())


def shown(client: Client) -> str:
    return re.search(r'name="shown" value="([^"]*)"', client.get("/plan/cancel/").content.decode())[1]  # type: ignore[index]


# --- Comparing ----------------------------------------------------------------------------------


def test_a_member_without_a_plan_compares_all_of_them(recipient: Member, browse: Browse) -> None:
    page = words(browse(recipient).get("/plan/"))
    assert "See what you get" in page
    assert (
        "Career $29.99 a month billed yearly, or $39.99 monthly (yearly saves 25%) Credits a month 5 They stay 90 days "
        "Most you can hold 15 InMail a day 10 Open Profile yes Ask for Career" in page
    )
    assert "Recruiter Lite $119.95" in page
    assert "They stay without limit Most you can hold 120" in page
    assert (
        "Free Yours $0 for everybody write to people you know Credits a month 0 InMail a day 5 Open Profile no" in page
    )
    assert "Cancel plan" not in page


def test_the_plan_held_shows_its_next_credits_and_the_ways_from_it(sender: Member, browse: Browse) -> None:
    page = words(browse(sender).get("/plan/"))
    assert "Business Running" in page
    assert "Next credits 15 on 22 Dec 2026, 10:00 UTC" in page
    assert "Pay yearly Cancel plan" in page
    assert "Change to Career" in page
    assert "Change to Business" not in page
    assert "Ask for" not in page


def test_a_plan_held_on_older_terms_shows_those(sender: Member, browse: Browse, at: datetime) -> None:
    plan = version_in_force("premium-business", at=at).plan
    plan.versions.create(
        number=2, in_force_from=at, approved_at=at, allotment=3, is_paid=True, inmail_daily_cap=1, digest="new"
    )
    assert "Business Yours $44.99" in words(browse(sender).get("/plan/"))


def test_a_plan_no_longer_offered_is_not_shown(recipient: Member, browse: Browse) -> None:
    Plan.objects.filter(code="recruiter-lite").update(is_offered=False)
    client = browse(recipient)
    assert "Recruiter Lite" not in words(client.get("/plan/"))
    assert client.get("/plan/ask/recruiter-lite/").status_code == 404


# --- Asking -------------------------------------------------------------------------------------


def test_asking_shows_what_will_happen_and_then_waits(recipient: Member, browse: Browse, at: datetime) -> None:
    client = browse(recipient)
    page = words(client.get("/plan/ask/premium-career/"))
    assert "At once 5 credits Then 5 every month, on the day it started" in page
    assert "Yearly: $29.99 a month, $359.88 a year" in page
    assert not PlanRequest.objects.exists()
    response = client.post("/plan/ask/premium-career/", {"interval": "month"}, follow=True)
    assert "You asked for Career" in words(response)
    request = PlanRequest.objects.get()
    assert (request.member, request.plan.code, request.interval, request.state, request.asked_at) == (
        recipient,
        "premium-career",
        "month",
        "waiting",
        at,
    )
    assert standing(recipient, at=at).balance == 0
    assert "Ask for" not in words(client.get("/plan/"))


def test_a_plan_without_credits_says_so_and_speaks_of_none(recipient: Member, browse: Browse) -> None:
    rewrite(PlanVersion.objects.filter(plan__code="premium-career"), allotment=0)
    page = words(browse(recipient).get("/plan/ask/premium-career/"))
    assert "What you get Credits none: this plan brings no credits InMail a day 10" in page
    assert "Credits that the plan brought" not in page


def test_a_calendar_plan_says_when_its_credits_come(recipient: Member, browse: Browse) -> None:
    page = words(browse(recipient).get("/plan/ask/sales-navigator-core/"))
    assert "At once 50 credits Then 50 on the 1st of every month" in page


@pytest.mark.parametrize("interval", ["", "week", "\x00"])
def test_asking_without_a_known_interval_is_refused_in_words(recipient: Member, browse: Browse, interval: str) -> None:
    response = browse(recipient).post("/plan/ask/premium-career/", {"interval": interval})
    assert response.status_code == 422
    assert "One thing to put right" in words(response)
    assert not PlanRequest.objects.exists()


@pytest.mark.parametrize("code", ["free", "moon"])
def test_only_offered_plans_can_be_asked_for(recipient: Member, browse: Browse, code: str) -> None:
    client = browse(recipient)
    assert client.get(f"/plan/ask/{code}/").status_code == 404
    assert client.post(f"/plan/ask/{code}/", {"interval": "year"}).status_code == 404


def test_who_holds_a_plan_is_led_to_the_change_of_it_and_who_holds_none_to_taking_one(
    sender: Member, recipient: Member, browse: Browse
) -> None:
    response = browse(sender).get("/plan/ask/premium-career/")
    assert response["Location"] == "/plan/change/premium-career/"
    response = browse(recipient).get("/plan/change/premium-career/")
    assert response["Location"] == "/plan/ask/premium-career/"


def test_a_second_request_is_refused_and_the_first_withdrawn(recipient: Member, browse: Browse) -> None:
    client = browse(recipient)
    client.post("/plan/ask/premium-career/", {"interval": "year"})
    response = client.post("/plan/ask/premium-business/", {"interval": "year"}, follow=True)
    assert "Another request waits. Withdraw it first." in words(response)
    response = client.post("/plan/withdraw/", follow=True)
    assert "You no longer ask for Career" in words(response)
    assert PlanRequest.objects.get().state == "withdrawn"
    assert client.post("/plan/withdraw/").status_code == 302


def test_nobody_withdraws_for_somebody_else(recipient: Member, outsider: Member, browse: Browse) -> None:
    browse(recipient).post("/plan/ask/premium-career/", {"interval": "year"})
    browse(outsider).post("/plan/withdraw/")
    assert PlanRequest.objects.get().state == "waiting"


# --- Cancelling ---------------------------------------------------------------------------------


def test_cancelling_says_what_is_lost_and_when_and_does_just_that(sender: Member, browse: Browse, at: datetime) -> None:
    client = browse(sender)
    page = words(client.get("/plan/cancel/"))
    assert "Business runs until 22 Dec 2026, 10:00 UTC" in page
    assert "15 plan credits are lost on 22 Dec 2026, 10:00 UTC, unless you use them before." in page
    response = client.post("/plan/cancel/", {"shown": shown(client)}, follow=True)
    assert "Business ends on 22 Dec 2026, 10:00 UTC." in words(response)
    assert "Business Cancelled" in words(response)
    assert "Next credits none" in words(response)
    ends_at = Subscription.objects.get().cancel_at
    assert ends_at == datetime.fromisoformat("2026-12-22T10:00:00+00:00")
    assert standing(sender, at=ends_at - timedelta(microseconds=1)).balance == 15
    assert standing(sender, at=ends_at).balance == 0


def test_figures_that_changed_meanwhile_are_shown_again_first(sender: Member, browse: Browse, at: datetime) -> None:
    client = browse(sender)
    before = shown(client)
    subscription = Subscription.objects.get()
    subscriptions.pay_through(subscription=subscription, until=at + timedelta(days=90), actor=sender, at=at)
    response = client.post("/plan/cancel/", {"shown": before})
    assert response.status_code == 409
    assert "The figures changed. Look again. Nothing was cancelled." in words(response)
    assert Subscription.objects.get().cancel_at is None


@pytest.mark.parametrize("posted", [{}, {"shown": ""}, {"shown": "x" * 300}, {"shown": "\x00"}])
def test_a_form_without_what_was_shown_cancels_nothing(sender: Member, browse: Browse, posted: dict[str, str]) -> None:
    assert browse(sender).post("/plan/cancel/", posted).status_code == 409
    assert Subscription.objects.get().cancel_at is None


def test_in_the_grace_of_a_missed_payment_it_ends_now(recipient: Member, browse: Browse, at: datetime) -> None:
    terms = version_in_force("premium-career", at=at)
    paid_through = at + timedelta(days=20)
    subscriptions.subscribe(
        member=recipient, plan_version=terms, interval="month", paid_through=paid_through, started_by=None, at=at
    )
    client = browse(recipient)
    with set_to(paid_through + timedelta(days=2)):
        assert "Career ends now: the time that is paid for is over." in words(client.get("/plan/cancel/"))
        posted = shown(client)
    with set_to(paid_through + timedelta(days=2, minutes=1)):
        client.post("/plan/cancel/", {"shown": posted})
        assert "See what you get" in words(client.get("/plan/"))
    assert Subscription.objects.get().ended_at is not None


def test_a_cancellation_is_taken_back(sender: Member, browse: Browse) -> None:
    client = browse(sender)
    client.post("/plan/cancel/", {"shown": shown(client)})
    assert client.get("/plan/cancel/").status_code == 302
    response = client.post("/plan/resume/", follow=True)
    assert "Business goes on." in words(response)
    assert Subscription.objects.get().cancel_at is None


def test_a_cancelled_year_shows_its_next_credits_and_a_button_that_posts_nothing_else(
    recipient: Member, browse: Browse, at: datetime
) -> None:
    """The day of the next credits once stood in the button's form, as where to go afterwards."""
    year: dict[str, Any] = {"interval": "year", "paid_through": at + timedelta(days=365), "started_by": None, "at": at}
    terms = version_in_force("premium-career", at=at)
    subscriptions.cancel(subscription=subscriptions.subscribe(member=recipient, plan_version=terms, **year), at=at)
    page = browse(recipient).get("/plan/")
    assert "Next credits 5 on 22 Dec 2026, 11:00 UTC" in words(page)
    assert b'name="next"' not in page.content


def test_by_rules_that_say_so_credits_wait_for_a_plan_and_are_told_to(
    sender: Member, browse: Browse, at: datetime
) -> None:
    rewrite(PolicyVersion.objects.all(), settings={"credits_without_plan": False, "cancel_effect": "at_once"})
    with transaction.atomic():
        gift: dict[str, Any] = {"source": Lot.Source.ADMIN, "priority": Lot.Priority.GIFT, "key": "gift", "at": at}
        wallet = ledger.lock_wallet(sender, at=at)
        ledger.grant(wallet=wallet, amount=3, expires_at=at + timedelta(days=90), **gift)
    client = browse(sender)
    assert "To use now 18" in words(client.get("/credits/"))
    assert "Without a plan the credits that stay cannot be used." in words(client.get("/plan/cancel/"))
    client.post("/plan/cancel/", {"shown": shown(client)})
    page = words(client.get("/credits/"))
    assert "Your 3 credits wait. Without a plan credits cannot be used; each still ends on its day." in page
    assert "To use with a plan 3" in page


def test_without_a_plan_there_is_nothing_to_cancel_or_resume(recipient: Member, browse: Browse) -> None:
    client = browse(recipient)
    assert client.get("/plan/cancel/").status_code == 404
    assert client.post("/plan/cancel/", {"shown": "x"}).status_code == 404
    assert client.post("/plan/resume/").status_code == 404


# --- For all of them ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["withdraw/", "cancel/", "resume/", "ask/premium-career/"])
def test_posts_need_a_token_and_a_member(recipient: Member, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(recipient, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(f"/plan/{path}", {"interval": "year"}).status_code == 403
    signed_out = Client().post(f"/plan/{path}")
    assert signed_out.status_code == 302
    assert signed_out["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["withdraw/", "resume/"])
def test_looking_changes_nothing(sender: Member, browse: Browse, path: str) -> None:
    assert browse(sender).get(f"/plan/{path}").status_code == 405


def test_pages_have_one_heading_and_no_inline_style(sender: Member, recipient: Member, browse: Browse) -> None:
    for member, path in ((sender, ""), (sender, "cancel/"), (recipient, ""), (recipient, "ask/premium-career/")):
        html = browse(member).get(f"/plan/{path}").content.decode()
        assert html.count("<h1") == 1
        assert " style=" not in html


def test_visitors_see_the_plans_on_the_front_page(catalog: None) -> None:
    response = Client().get("/")
    assert response.status_code == 200
    assert "Career $29.99 5 credits a month" in words(response)
    assert "Sales Team $64.99 50 credits a month" in words(response)


def test_members_go_to_their_inbox(sender: Member, browse: Browse) -> None:
    response = browse(sender).get("/")
    assert (response.status_code, response["Location"]) == (302, "/inbox/")


def test_a_plan_without_end_names_no_paid_day(make_member: MakeMember, browse: Browse, at: datetime) -> None:
    member = make_member("Kei Mori", plan="premium-career")
    assert "Paid through" not in words(browse(member).get("/plan/"))
    Subscription.objects.update(paid_through=at + timedelta(days=30))
    assert "Paid through 22 Dec 2026, 11:00 UTC" in words(browse(member).get("/plan/"))
    assert Subscription.objects.get().paid_through < FOREVER
