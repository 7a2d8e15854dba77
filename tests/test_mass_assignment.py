"""Whatever is posted beside a form's own fields changes nothing."""

from datetime import datetime
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client

from accounts.models import Member
from tests.site_forms import NAMES_OF_FORMS, forms, own_models
from tests.site_map import Community, address, browser

# A walk over all pages: what they ask is proved on both engines by the tests of each behaviour.
pytestmark = pytest.mark.once


def _poison(community: Community, fields: dict[str, str]) -> dict[str, str]:
    """A value for every column of every table of ours that the form does not ask for."""
    values = {}
    for model in own_models():
        for field in model._meta.concrete_fields:
            value = _tempting(field, community)
            values |= {field.name: value, field.attname: value}
            values |= {f"{model._meta.model_name}.{field.name}": value}
    return {name: value for name, value in values.items() if name not in fields}


def _tempting(field: Any, community: Community) -> str:
    if isinstance(field, models.ForeignKey):
        return str(community.stranger.pk)
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField | models.DateField):
        return "2031-01-01 00:00"
    return "999" if isinstance(field, models.IntegerField) else "poison"


def _rows() -> dict[str, list[str]]:
    """Every row of ours, without what chance gives: keys, random ids, hashes over them, ids of new rows."""
    by_chance = {
        "public_id",
        "key",
        "send_key",
        "password",
        "form_key",
        "context",
        "last_login",
        "handle",
        "reference",
        "hash",
        "last_hash",
    }
    stored = {}
    for model in own_models():
        kept = [
            field.attname
            for field in model._meta.concrete_fields
            if field.name not in by_chance
            and not field.primary_key
            and (not field.is_relation or field.related_model is Member)
        ]
        stored[model._meta.label] = sorted(repr(row) for row in model._default_manager.values_list(*kept))
    return stored


def _changed(before: dict[str, list[str]], answered: tuple[int, dict[str, list[str]]]) -> tuple[int, list[str]]:
    """The status, and only the rows that are new or different: what a failure has to show."""
    status, after = answered
    return status, [f"{table} {row}" for table, rows in after.items() for row in rows if row not in before[table]]


def _rows_after(client: Client, where: str, fields: dict[str, Any]) -> tuple[int, dict[str, list[str]]]:
    with transaction.atomic():
        status = client.post(where, fields).status_code
        stored = _rows()
        transaction.set_rollback(True)
    return status, stored


@pytest.mark.parametrize("name", NAMES_OF_FORMS)
def test_a_form_changes_what_it_asks_for_and_nothing_else(community: Community, at: datetime, name: str) -> None:
    member, valid = forms(community, at)[name]
    where = address(name, community)
    before = _rows()
    poison = _poison(community, valid)
    assert len(poison) > 200

    plain = _rows_after(browser(member), where, valid)
    poisoned = _rows_after(browser(member), where, poison | valid)

    assert _changed(before, poisoned) == _changed(before, plain)
    assert "poison" not in repr(poisoned)
    is_asked_only = name in ("messaging:draft_save", "admin:simulator")
    assert plain[0] in (302, 409) or name.startswith("account") or is_asked_only
    assert _rows() == before


@pytest.mark.parametrize(
    "name",
    [
        *(f"accounts:{name}" for name in ("block", "unblock", "disconnect", "invitation_accept", "lift_stop")),
        *("messaging:undo", "messaging:take_back", "billing:plan_resume", "billing:plan_withdraw"),
    ],
)
def test_a_button_does_what_it_says_and_nothing_else(community: Community, name: str) -> None:
    author = name.startswith("billing:") or name == "messaging:undo"
    client = browser(community.author if author else community.reader)
    where = address(name, community)

    assert _rows_after(client, where, _poison(community, {})) == _rows_after(client, where, {})
