"""Nobody learns at the entrance who has an account: the same status, the same address, the same words."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.site_map import Community

# A walk over all pages: what they ask is proved on both engines by the tests of each behaviour.
pytestmark = pytest.mark.once

UNKNOWN = "nobody@example.org"
FORMS: dict[str, dict[str, str]] = {
    "account_login": {"login": "", "password": "not the password"},
    "account_request_login_code": {"email": ""},
    "account_reset_password": {"email": ""},
    "account_signup": {"name": "Sue Nu", "email": "", "password1": "a long walk home 7"},
}


@pytest.mark.parametrize("name", FORMS)
def test_a_known_and_an_unknown_address_get_the_same_pages(community: Community, name: str) -> None:
    known = community.reader.email

    assert _told(name, known) == _told(name, UNKNOWN)


def test_a_deactivated_member_is_told_what_a_wrong_password_is(community: Community) -> None:
    member = community.stranger
    member.is_active = False
    member.save(update_fields=["is_active"])

    assert _told("account_login", member.email) == _told("account_login", UNKNOWN)


def _told(name: str, email: str) -> list[Any]:
    """All that a visitor sees after posting, with the typed address left out."""
    visitor = Client()
    fields = {field: value or email for field, value in FORMS[name].items()}
    answer = visitor.post(reverse(name), fields)
    told = [answer.status_code, answer.headers.get("Location")]
    if answer.status_code == 302:
        answer = visitor.get(answer.headers["Location"])
    page = answer.content.decode().replace(email, "…")
    return [*told, answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)]
