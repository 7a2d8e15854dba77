"""The gateway's own page for cards and receipts, of a member and of a team."""

from datetime import datetime
from typing import Any

import pytest

from accounts import teams
from billing import tasks
from billing.catalog import version_in_force
from billing.models import Customer, Order
from billing.orders import following, order_plan
from tests.conftest import MakeMember
from tests.payments.conftest import Deliver
from tests.payments.gateway import FakeStripe

pytestmark = pytest.mark.django_db


def test_a_team_admin_reaches_the_teams_cards_and_nobody_else_does(
    make_member: MakeMember, gateway: FakeStripe, deliver: Deliver, browse: Any, clock: datetime
) -> None:
    lena, former = make_member("Lena Brandt"), make_member("Otto Weber")
    team = teams.found(name="Elbe Talent", admin=lena, at=clock)
    admin, stranger = browse(lena), browse(former)
    assert admin.get("/team/card/").status_code == 404
    assert "Cards and receipts" not in admin.get("/team/plan/").content.decode()
    terms = version_in_force("sales-navigator-team", at=clock)
    order = order_plan(buyer=former, team=team, version=terms, interval="month", seats=2, form_key="a" * 14, at=clock)
    following.collect(order=order, at=clock)
    order.refresh_from_db()
    gateway.pay(order.checkout_reference)
    deliver()
    customer = Customer.objects.get(wallet__team=team)
    assert 'action="/team/card/"' in admin.get("/team/plan/").content.decode()
    assert admin.post("/team/card/").headers["Location"] == "/team/card/"
    assert "being opened" in admin.get("/team/card/").content.decode()
    tasks.gateway_portal(customer.wallet_id)
    page = admin.get("/team/card/").content.decode()
    assert f"{gateway.pages}/portal?{customer.reference}" in page
    assert "Those of Elbe Talent." in page
    session = next(gateway.of_kind("billing_portal.session"))
    assert session["return_url"].endswith("/team/plan/")
    # Neither who looks after no team, though they ordered, nor the admin's own page leads there.
    for client, address in ((stranger, "/team/card/"), (stranger, "/payments/portal/"), (admin, "/payments/portal/")):
        assert [client.get(address).status_code, client.post(address).status_code] == [404, 404]
    Order.objects.filter(pk=order.pk).update(state="pending", kind="upgrade", checkout_url="https://pay.example/")
    shown = [client.get(f"/orders/{order.public_id}/").content.decode() for client in (admin, stranger)]
    assert [("/team/card/" in page, "https://pay.example/" in page) for page in shown] == [(True, True), (False, True)]
