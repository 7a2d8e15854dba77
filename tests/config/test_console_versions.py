"""Rules in the console: proposed by one, approved by another, compared in the words members read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.forms import BoundField
from django.test import Client
from django.urls import reverse

from accounts.models import Member, PolicyVersion
from accounts.site_policy import policy_in_force
from billing.catalog import version_in_force
from billing.models import PlanVersion
from tests.config.test_console import biller, make_staff, supporter

__all__ = ["biller", "supporter"]

Browse = Callable[[Member], Client]


@pytest.fixture
def second(make_member: Callable[..., Member]) -> Member:
    return make_staff(make_member("Jo Park"), "Billing operator")


def typed(form: Any, *, at: datetime, **changed: Any) -> dict[str, Any]:
    """What a browser would post of the form as it was shown, with some fields changed."""
    fields: list[BoundField] = list(form)
    shown = {
        field.html_name: field.value() for field in fields if field.value() is not False and field.value() is not None
    }
    return {**shown, "in_force_from": f"{at:%Y-%m-%d %H:%M}", "note": "Agreed in the board", **changed}


def test_a_policy_rules_from_its_instant_once_somebody_else_approved(
    biller: Member, second: Member, browse: Browse, clock: datetime
) -> None:
    client, begins = browse(biller), clock + timedelta(days=9)
    address = reverse("admin:policy_propose")
    form = client.get(address).context["form"]
    answer = client.post(address, typed(form, at=begins, return_window_hours=1440))
    draft = PolicyVersion.objects.get(approved_at=None)
    page = reverse("admin:policy_compare", args=[draft.pk])
    assert answer.status_code == 302 and answer.headers["Location"] == page
    assert policy_in_force(begins).return_window_hours == 2160
    own = client.get(page).content.decode()
    assert "2,160" in own and "1,440" in own and 'value="approve"' not in own
    assert "90 days" in own and "60 days" in own
    assert client.post(page, {"act": "approve"}).status_code == 403
    first_page = reverse("admin:index")
    assert "1 proposal of rules or terms waits for a second person." in browse(second).get(first_page).content.decode()
    assert browse(second).post(page, {"act": "approve"}).status_code == 302
    assert "a second person" not in browse(second).get(first_page).content.decode()
    assert policy_in_force(begins - timedelta(seconds=1)).return_window_hours == 2160
    assert policy_in_force(begins).return_window_hours == 1440


@pytest.mark.parametrize(
    ("field", "value"), [("inmail_cost", 11), ("max_unanswered", 0), ("in_force_from", "2000-01-01"), ("note", " ")]
)
def test_what_cannot_rule_is_said_and_proposes_nothing(
    field: str, value: object, biller: Member, browse: Browse, clock: datetime
) -> None:
    client, address = browse(biller), reverse("admin:policy_propose")
    form = client.get(address).context["form"]
    answer = client.post(address, typed(form, at=clock + timedelta(days=1), **{"undo_seconds": 20, field: value}))
    assert answer.status_code == 422 and 'class="error"' in answer.content.decode()
    assert not PolicyVersion.objects.filter(approved_at=None).exists()


def test_new_terms_reach_those_who_come_and_others_only_when_moved(
    biller: Member, second: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    held = version_in_force("premium-business", at=clock)
    address = reverse("admin:terms_propose", args=[held.plan_id])
    client = browse(biller)
    form = client.get(address).context["form"]
    assert client.post(address, typed(form, at=clock, allotment=50, cap=45)).status_code == 422
    assert client.post(address, typed(form, at=clock, allotment=20, cap=60)).status_code == 302
    draft = PlanVersion.objects.get(approved_at=None)
    page = reverse("admin:terms_compare", args=[draft.pk])
    assert client.post(page, {"act": "approve"}).status_code == 403
    assert version_in_force("premium-business", at=clock) == held
    assert browse(second).post(page, {"act": "approve"}).status_code == 302
    assert version_in_force("premium-business", at=clock).allotment == 20
    subscription = sender.wallet.subscriptions.get()
    assert subscription.plan_version == held
    assert "Move 1 subscription" in client.get(page).content.decode()
    assert client.post(page, {"act": "move"}).status_code == 302
    subscription.refresh_from_db()
    assert (subscription.plan_version, subscription.next_version_id) == (held, draft.pk)


def test_a_draft_is_withdrawn_and_what_rules_is_not(biller: Member, browse: Browse, clock: datetime) -> None:
    client, ruling = browse(biller), PolicyVersion.objects.get()
    page = reverse("admin:policy_compare", args=[ruling.pk])
    client.post(page, {"act": "withdraw"})
    assert PolicyVersion.objects.filter(pk=ruling.pk).exists()
    address = reverse("admin:policy_propose")
    client.post(address, typed(client.get(address).context["form"], at=clock + timedelta(days=1), undo_seconds=20))
    draft = PolicyVersion.objects.get(approved_at=None)
    client.post(reverse("admin:policy_compare", args=[draft.pk]), {"act": "withdraw"})
    assert not PolicyVersion.objects.filter(approved_at=None).exists()


def test_only_who_may_propose_does(supporter: Member, browse: Browse, clock: datetime) -> None:
    client = browse(supporter)
    plan = version_in_force("premium-business", at=clock).plan_id
    addresses = [reverse("admin:policy_propose"), reverse("admin:terms_propose", args=[plan])]
    assert [client.get(address).status_code for address in addresses] == [403, 403]
