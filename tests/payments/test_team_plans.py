"""A team admin takes, changes and cancels the team's plan, and buys for its pool, as a member does for oneself."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client

from accounts import teams
from accounts.models import Member, Team
from billing import audit, ledger, subscriptions
from billing.catalog import version_in_force
from billing.models import Lot, Order, Pack, Shortfall, Subscription, Wallet
from billing.orders import ask_repayment, mark_paid
from billing.orders.renewing import invoice_next_terms
from tests.billing.test_plan_page import words
from tests.conftest import MakeMember
from tests.teams import give_seat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "invoicing")]

Browse = Callable[[Member], Client]


@pytest.fixture
def admin(make_member: MakeMember) -> Member:
    return make_member("Lena Brandt")


@pytest.fixture
def team(admin: Member, at: datetime) -> Team:
    return teams.found(name="Elbe Talent", admin=admin, at=at)


@pytest.fixture
def client(browse: Browse, admin: Member, team: Team) -> Client:
    return browse(admin)


@pytest.fixture
def chief(make_member: MakeMember) -> Member:
    return make_member("Chi Ndlovu")


@pytest.fixture
def held(team: Team, admin: Member, at: datetime) -> Subscription:
    """Three licences by the month, ten of thirty days ago."""
    start = at - timedelta(days=10)
    return subscriptions.subscribe(
        member=team,
        plan_version=version_in_force("sales-navigator-team", at=at),
        interval="month",
        paid_through=start + relativedelta(months=1),
        started_by=admin,
        seats=3,
        provider="manual",
        paid_at=start,
        at=start,
    )


def fields(response: Any) -> dict[str, str]:
    return dict(re.findall(r'name="(interval|shown|form_key|seats)" value="([^"]*)"', _last_form(response)))


def _last_form(response: Any) -> str:
    return response.content.decode().rpartition('<form class="cluster" method="post"')[2]


def pay(order: Order, chief: Member, *, at: datetime) -> None:
    mark_paid(order=order, reference=f"bank {order.pk}", actor=chief, at=at)


def test_an_admin_orders_licences_and_the_paid_plan_is_the_teams(
    client: Client, team: Team, admin: Member, chief: Member, at: datetime
) -> None:
    assert 'href="/team/plan/choose/sales-navigator-team/"' in client.get("/team/plan/").content.decode()
    page = words(client.get("/team/plan/choose/sales-navigator-team/"))
    assert "Yearly: $64.99 a seat and month" in page
    posted = {"seats": "4", "interval": "month", "form_key": "k" * 14}
    for _time in range(2):
        response = client.post("/team/plan/choose/sales-navigator-team/", posted)
    order = Order.objects.get()
    assert response.headers["Location"] == f"/orders/{order.public_id}/"
    assert (order.team, order.buyer, order.amount) == (team, admin, 4 * 7_999)
    pay(order, chief, at=at)
    held = Subscription.objects.get(wallet__team=team)
    assert (held.seats, held.paid_through) == (4, at + relativedelta(months=1))
    assert "Licences 4" in words(client.get("/team/plan/"))
    assert audit.verify(at=at, holds=False).breaches == []


def test_licences_below_the_seats_held_are_refused_with_their_number(
    client: Client, team: Team, held: Subscription, make_member: MakeMember, at: datetime
) -> None:
    for name in ("Mei Tanaka", "Karim Haddad"):
        give_seat(team, make_member(name), at=at)
    page = words(client.get("/team/plan/change/sales-navigator-team/?seats=1&interval=month"))
    assert "Elbe Talent holds 2 seats. Take some back first, or choose at least 2 licences." in page
    assert "What the team pays" not in page
    posted = {"seats": "1", "interval": "month", "shown": "x", "form_key": "k" * 14}
    assert client.post("/team/plan/change/sales-navigator-team/", posted).status_code == 422
    subscriptions.end(subscription=held, at=at)
    refused = client.post("/team/plan/choose/sales-navigator-team/", posted)
    assert refused.status_code == 422
    assert "Elbe Talent holds 2 seats." in words(refused)
    assert not Order.objects.exists()


def test_fewer_licences_wait_for_the_next_term_and_its_invoice_asks_for_so_many(
    client: Client, team: Team, held: Subscription, make_member: MakeMember, chief: Member, at: datetime
) -> None:
    address = "/team/plan/change/sales-navigator-team/"
    response = client.get(address, {"seats": "2", "interval": "month"})
    page = words(response)
    assert "Licences 3 2" in page
    assert "Today $0 12 Dec 2026 $159.98" in page
    assert client.post(address, fields(response) | {"shown": "x"}).status_code == 409
    said = words(client.post(address, fields(response), follow=True))
    assert "From 12 Dec 2026: Sales Team, licences: 2." in said
    for name in ("Mei Tanaka", "Karim Haddad"):
        give_seat(team, make_member(name), at=at)
    with pytest.raises(teams.NoFreeLicence):
        give_seat(team, make_member("Tomas Lind"), at=at)
    due = held.paid_through
    invoice_next_terms(at=due - timedelta(days=1))
    order = Order.objects.get()
    assert (order.amount, order.lines.get().seats) == (2 * 7_999, 2)
    pay(order, chief, at=due - timedelta(hours=1))
    ledger.settle(ledger.lock_by_id(held.wallet_id), at=due)
    now_held = Subscription.objects.running().get(wallet__team=team)
    assert (now_held.seats, now_held.next_seats, now_held.changes_at) == (2, None, None)
    assert audit.verify(at=due, holds=False).breaches == []


def test_more_licences_begin_at_once_for_a_new_term_less_the_unused_days(
    client: Client, team: Team, held: Subscription, chief: Member, at: datetime
) -> None:
    address = "/team/plan/change/sales-navigator-team/"
    response = client.get(address, {"seats": "5", "interval": "month"})
    page = words(response)
    due = 5 * 7_999 - 3 * 7_999 * 20 // 30
    assert "150 credits in the pool 150 monthly stay" in page
    assert "No credits of the pool are lost by this." in page
    assert f"Change for ${due / 100:.2f}" in page
    order_page = client.post(address, fields(response), follow=True)
    assert "Sales Team, monthly, 5 seats" in words(order_page)
    order = Order.objects.get()
    assert (order.amount, order.team) == (due, team)
    pay(order, chief, at=at)
    assert Subscription.objects.running().get(wallet__team=team).seats == 5
    pool = Wallet.objects.get(team=team)
    assert pool.balance == 150
    # Nobody holds a seat yet: the next allotment is for none.
    next_month = at + relativedelta(months=1)
    ledger.settle(ledger.lock_by_id(pool.pk), at=next_month - timedelta(days=1))
    assert audit.verify(at=next_month - timedelta(days=1), holds=False).breaches == []
    assert audit.verify(at=at, holds=False).breaches == []


def test_an_admin_takes_the_waiting_change_back_cancels_and_goes_on(
    client: Client, team: Team, held: Subscription, at: datetime
) -> None:
    address = "/team/plan/change/sales-navigator-team/"
    client.post(address, fields(client.get(address, {"seats": "2", "interval": "month"})))
    assert "Sales Team goes on." in words(client.post("/team/plan/stay/", follow=True))
    held.refresh_from_db()
    assert (held.next_seats, held.next_version) == (None, None)
    page = client.get("/team/plan/cancel/")
    assert "150 credits in the pool" in words(page)
    assert client.post("/team/plan/cancel/", {"shown": "x"}).status_code == 409
    said = words(client.post("/team/plan/cancel/", fields(page), follow=True))
    assert "Sales Team ends on 12 Dec 2026, 11:00 UTC." in said
    assert "Sales Team goes on." in words(client.post("/team/plan/resume/", follow=True))
    held.refresh_from_db()
    assert held.cancel_at is None


def test_where_nobody_collects_money_more_is_asked_of_staff_and_less_is_the_admins(
    client: Client, team: Team, held: Subscription, settings: Any, at: datetime
) -> None:
    settings.PAYMENT_PROVIDER = ""
    assert "For more licences or a dearer plan, ask the people who run this site." in words(client.get("/team/plan/"))
    page = client.get("/team/plan/change/sales-navigator-team/", {"seats": "5", "interval": "month"})
    assert "this site collects no money itself" in words(page)
    assert "shown" not in fields(page)
    address = "/team/plan/change/sales-navigator-team/"
    response = client.get(address, {"seats": "2", "interval": "month"})
    assert "From 12 Dec 2026: Sales Team, licences: 2." in words(client.post(address, fields(response), follow=True))
    assert client.get("/team/plan/choose/sales-navigator-team/").status_code == 302
    assert not Order.objects.exists()


def test_a_pack_for_the_pool_goes_to_the_pool_and_back_with_its_money(
    client: Client, team: Team, held: Subscription, admin: Member, chief: Member, pack: Pack, at: datetime
) -> None:
    assert 'href="/team/pool/buy/10/"' in client.get("/team/pool/").content.decode()
    assert "For the pool of Elbe Talent" in words(client.get("/team/pool/buy/10/"))
    for _time in range(2):
        client.post("/team/pool/buy/10/", {"form_key": "p" * 14})
    order = Order.objects.get()
    pay(order, chief, at=at)
    pool = Wallet.objects.get(team=team)
    assert pool.balance == 160
    assert Lot.objects.get(source=Lot.Source.PURCHASE).wallet == pool
    assert not Wallet.objects.filter(member=admin).exists()
    ask_repayment(order=order, amount=order.amount, reason="Changed their mind", actor=chief, at=at)
    pool.refresh_from_db()
    assert (pool.balance, Shortfall.objects.count()) == (150, 0)
    assert Subscription.objects.running().filter(wallet=pool).exists()
    assert audit.verify(at=at, holds=False).breaches == []


def test_a_key_orders_for_the_pool_or_for_oneself_and_not_both(
    client: Client, held: Subscription, admin: Member, pack: Pack, at: datetime
) -> None:
    subscriptions.subscribe(
        member=admin,
        plan_version=version_in_force("premium-business", at=at),
        interval="month",
        paid_through=at + timedelta(days=30),
        started_by=None,
        at=at,
    )
    client.post("/team/pool/buy/10/", {"form_key": "p" * 14})
    said = words(client.post("/credits/buy/10/", {"form_key": "p" * 14}, follow=True))
    assert "This page was used for another order." in said
    assert Order.objects.count() == 1


def test_who_looks_after_no_team_finds_none_of_these_pages(outsider: Member, browse: Browse, pack: Pack) -> None:
    stranger = browse(outsider)
    for path in ("choose/sales-navigator-team/", "change/sales-navigator-team/", "cancel/"):
        assert stranger.get(f"/team/plan/{path}").status_code == 404
    assert stranger.get("/team/pool/buy/10/").status_code == 404
