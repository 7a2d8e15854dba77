"""Teams in the console: founded for a member, given a plan with licences or a contract's figure."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts import teams
from accounts.models import Member, Team
from billing.catalog import version_in_force
from billing.models import Subscription
from tests.config.test_console import biller, supporter

__all__ = ["biller", "supporter"]

Browse = Callable[[Member], Client]


def test_a_team_is_founded_with_its_admin_and_given_licences(
    biller: Member, recipient: Member, browse: Browse, clock: datetime
) -> None:
    client, found = browse(biller), reverse("admin:team_found")
    unknown = client.post(found, {"name": "Northwind", "admin": "nobody@example.org"})
    assert unknown.status_code == 422 and "No active member" in unknown.content.decode()
    assert client.post(found, {"name": "Northwind", "admin": recipient.email}).status_code == 302
    team = Team.objects.get()
    assert teams.administered_by(recipient) == team
    again = client.post(found, {"name": "Another", "admin": recipient.handle})
    assert again.status_code == 422 and Team.objects.count() == 1
    page = reverse("admin:team_subscription", args=[team.pk])
    sales = version_in_force("sales-navigator-team", at=clock)
    posted = {"act": "subscribe", "plan_version": sales.pk, "interval": "year", "seats": 5}
    assert client.post(page, {**posted, "seats": 0}).status_code == 422
    assert client.post(page, posted).status_code == 302
    held = Subscription.objects.get(wallet__team=team)
    assert (held.seats, held.plan_version, held.wallet.balance) == (5, sales, 250)
    assert "5 licences" in client.get(page).content.decode()
    assert client.post(page, {"act": "cancel"}).status_code == 302
    held.refresh_from_db()
    assert held.cancel_at is not None


@pytest.mark.parametrize(("credits", "status"), [(99, 422), (100, 302), (150, 302), (151, 422)])
def test_a_contracts_figure_lies_within_the_plans_range(
    credits: int, status: int, biller: Member, recipient: Member, browse: Browse, clock: datetime
) -> None:
    team = teams.found(name="Northwind", admin=recipient, at=clock)
    page = reverse("admin:team_subscription", args=[team.pk])
    recruiter = version_in_force("recruiter-corporate", at=clock)
    posted = {
        "act": "subscribe",
        "plan_version": recruiter.pk,
        "interval": "year",
        "seats": 2,
        "contract_allotment": credits,
        "anchor_at": "2026-11-01",
    }
    assert browse(biller).post(page, posted).status_code == status
    assert Subscription.objects.filter(wallet__team=team).exists() == (status == 302)


def test_support_founds_no_team(supporter: Member, browse: Browse, clock: datetime) -> None:
    assert browse(supporter).get(reverse("admin:team_found")).status_code == 403
