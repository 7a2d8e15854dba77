"""Promotions in the console: made with every fault beside its field, and given to those who answered a survey."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from billing.models import Promotion, Wallet
from tests.config.test_console import biller, supporter

__all__ = ["biller", "supporter"]

Browse = Callable[[Member], Client]


def facts(at: datetime, **changed: object) -> dict[str, object]:
    ends = at + timedelta(days=30)
    return {
        "kind": "code",
        "name": "Autumn",
        "code": "autumn 26",
        "credits": 3,
        "audience": "everyone",
        "starts_at_0": f"{at:%Y-%m-%d}",
        "starts_at_1": f"{at:%H:%M}",
        "ends_at_0": f"{ends:%Y-%m-%d}",
        "ends_at_1": f"{ends:%H:%M}",
        **changed,
    }


def test_a_code_is_kept_folded_and_once(biller: Member, browse: Browse, clock: datetime) -> None:
    client, add = browse(biller), reverse("admin:billing_promotion_add")
    assert client.post(add, facts(clock)).status_code == 302
    assert Promotion.objects.get().code == "AUTUMN26"
    again = client.post(add, facts(clock, code="Autumn26"))
    assert "Another promotion has this code" in again.content.decode()
    assert Promotion.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("credits", 0, "From 1 to"),
        ("credits", 10**6, "From 1 to"),
        ("credits", -5, "greater than or equal"),
        ("life_days", 0, "From 1 to"),
        ("ends_at_0", "2000-01-01", "end after it begins"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    field: str, typed: object, said: str, biller: Member, browse: Browse, clock: datetime
) -> None:
    answer = browse(biller).post(reverse("admin:billing_promotion_add"), facts(clock, **{field: typed}))
    assert said in answer.content.decode()
    assert not Promotion.objects.exists()


def test_a_surveys_credits_go_once_to_those_who_answered(
    biller: Member, supporter: Member, sender: Member, recipient: Member, browse: Browse, clock: datetime
) -> None:
    survey = Promotion.objects.create(
        kind="survey", name="Survey", code="S1", credits=2, starts_at=clock, ends_at=clock + timedelta(days=9)
    )
    page = reverse("admin:survey_give", args=[survey.pk])
    assert browse(supporter).get(page).status_code == 403
    posted = {"addresses": f"{recipient.email}, nobody@example.org\n{recipient.email.upper()}"}
    for _time in range(2):
        assert browse(biller).post(page, posted).status_code == 302
    assert Wallet.objects.get(member=recipient).balance == 2
    Promotion.objects.update(stopped_at=clock)
    refused = browse(biller).post(page, {"addresses": sender.email})
    assert refused.status_code == 422 and sender.email in refused.content.decode()
