"""What a visitor can type into any form and any address: refused in words or kept as text, never a fault."""

import os
from datetime import datetime
from html import escape
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.site_forms import NAMES_OF_FORMS, NASTY, NUL, forms, own_models
from tests.site_map import POLYGLOT, Community, address, browser

# Everything but a fault.
ANSWERS = {200, 204, 302, 400, 404, 409, 413, 422, 429}


def send(client: Client, where: str, fields: dict[str, Any]) -> Any:
    """Post, and take everything back afterwards."""
    with transaction.atomic():
        answer = client.post(where, fields)
        transaction.set_rollback(True)
    return answer


def nasty_for(name: str) -> list[tuple[str, str]]:
    """Every third value, beginning with another for the next form; with --deep all of them for each."""
    is_deep = os.environ.get("POSTERN_DEEP") == "1"
    return list(NASTY.items())[0 if is_deep else NAMES_OF_FORMS.index(name) % 3 :: 1 if is_deep else 3]


@pytest.mark.parametrize("name", NAMES_OF_FORMS)
def test_no_field_of_any_form_is_a_way_to_a_fault(community: Community, at: datetime, name: str) -> None:
    member, valid = forms(community, at)[name]
    where = address(name, community)
    client = browser(member)
    for kind, value in nasty_for(name):
        answer = send(client, where, dict.fromkeys(valid, value if kind != "half" else "\ufffd"))
        assert answer.status_code in ANSWERS, kind
    for field in valid:
        for typed in (NUL, POLYGLOT, [valid[field], "other"]):
            answer = client.post(where, valid | {field: typed})
            assert answer.status_code in ANSWERS, (field, typed)
        without = {other: value for other, value in valid.items() if other != field}
        assert send(client, where, without).status_code in ANSWERS, field
    assert send(client, where, {}).status_code in ANSWERS
    assert "\\x00" not in _everything_stored()


def _everything_stored() -> str:
    return repr([list(model._default_manager.values_list()) for model in own_models()])


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("accounts:settings_profile", "name"),
        ("accounts:settings_profile", "headline"),
        ("accounts:settings_profile", "company"),
        ("accounts:settings_profile", "location"),
        ("messaging:compose", "subject"),
        ("account_signup", "name"),
        ("admin:member_adjust", "reason"),
    ],
)
def test_one_line_is_refused_in_words_beside_its_field(
    community: Community, at: datetime, name: str, field: str
) -> None:
    member, valid = forms(community, at)[name]
    client = browser(member)
    for kind in ("nul", "right-to-left override", "201", "pile", "lines"):
        answer = send(client, address(name, community), valid | {field: NASTY[kind]})
        assert answer.status_code == (200 if name == "account_signup" else 422), kind
        form = answer.context["form"]
        assert list(form.errors) == [field], kind
        assert escape(str(form.errors[field][0])) in answer.content.decode().replace("&#x27;", "'").replace(
            "&#39;", "'"
        )


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("accounts:settings_profile", "name"),
        ("messaging:compose", "subject"),
        ("messaging:compose", "body"),
        ("account_signup", "name"),
        ("admin:member_adjust", "reason"),
    ],
)
def test_what_nobody_can_see_is_no_text(community: Community, at: datetime, name: str, field: str) -> None:
    member, valid = forms(community, at)[name]
    client = browser(member)
    for blank in ("zero width", "braille blank", "hangul filler"):
        answer = send(client, address(name, community), valid | {field: NASTY[blank]})
        assert answer.status_code == (200 if name == "account_signup" else 422), blank
        assert list(answer.context["form"].errors) == [field], blank


def test_the_limit_of_a_message_is_in_code_points(community: Community, at: datetime) -> None:
    """2,000 of them, after NFC and with one for a line end, whatever they take in bytes or in UTF-16."""
    member, valid = forms(community, at)["messaging:compose"]
    client = browser(member)
    family = "👩‍👩‍👧‍👦"
    taken = ("x" * 2_000, "é" * 2_000, "e\u0301" * 2_000, "👍" * 2_000, family * 285, "x\r\n" * 1_000)
    for text in taken:
        assert send(client, address("messaging:compose", community), valid | {"body": text}).status_code == 302
    for text in ("x" * 2_001, "é" * 2_001, "👍" * 2_001, family * 286, "x\r\n" * 1_001):
        assert send(client, address("messaging:compose", community), valid | {"body": text}).status_code == 422


# --- Addresses -------------------------------------------------------------------------------------------------

PARAMETERS: dict[str, tuple[str, ...]] = {
    **{f"messaging:{name}": ("before",) for name in ("requests", "awaiting", "drafts", "scheduled", "sent", "archive")},
    "messaging:conversation": ("before",),
    "messaging:answer_all": ("through",),
    "messaging:inbox": ("view", "before"),
    "messaging:people": ("q", "company", "place", "purpose", "degree", "open_profile", "after", "before"),
    "messaging:compose_choose": ("q",),
    "messaging:quote": ("purpose",),
    "messaging:schedule": ("at", "channel", "sending_for"),
    "messaging:reach_summary": ("who", "purposes_taken", "wants_open_profile", "cap_day", "cap_week", "requests_mail"),
    "accounts:connections": ("q", "after", "before"),
    "accounts:invitations": ("after", "before"),
    "accounts:settings_blocked": ("after", "before"),
    "billing:credits": ("kind", "before", "after"),
    "account_login": ("next",),
}
OF_THE_CONSOLE = ("accounts_member", "accounts_invitation", "billing_entry", "messaging_message")


# What a visitor words; the others choose from a list or say where a page begins.
WORDED = {"q", "company", "place", "next"}
# They all read `before` by the same form: each takes its share of what is nasty.
TRAYS = [f"messaging:{name}" for name in ("requests", "awaiting", "drafts", "sent", "archive", "conversation")]


def test_no_parameter_of_any_page_is_a_way_to_a_fault(community: Community) -> None:
    client = browser(community.reader)
    for name, parameters in PARAMETERS.items():
        where = address(name, community)
        kinds = list(NASTY)[TRAYS.index(name) :: len(TRAYS)] if name in TRAYS else list(NASTY)
        for kind in kinds:
            for asked in _asked(parameters, NASTY[kind] if kind != "half" else "\ufffd"):
                assert client.get(where, asked).status_code in (200, 302, 400), (name, asked, kind)
        assert client.get(where, {POLYGLOT: "x", "a" * 3_000: "x"}).status_code in (200, 302), name


def _asked(parameters: tuple[str, ...], value: str) -> list[dict[str, str]]:
    """Words one by one, since each is searched for, and all at once: a form cleans every field, whatever it refuses."""
    one_by_one = [{parameter: value} for parameter in parameters if parameter in WORDED]
    all_at_once = dict.fromkeys(parameters, value)
    return one_by_one if all_at_once in one_by_one else [*one_by_one, all_at_once]


def test_bytes_that_are_no_text_are_no_fault(community: Community) -> None:
    for raw in ("%ED%A0%80", "%FF%FE", "%", "%zz", "%C0%80", "=&&=", "q[]=1&q[$ne]=2", "%u0041"):
        _post_and_ask(community, raw)


def _post_and_ask(community: Community, raw: str) -> None:
    client = browser(community.reader)
    for name in ("messaging:people", "messaging:inbox", "billing:credits", "messaging:compose", "accounts:connections"):
        where = address(name, community)
        for query in (f"q={raw}", f"before={raw}", f"{raw}=1", raw):
            assert client.generic("GET", where, QUERY_STRING=query).status_code in (200, 400), (name, query)
        answer = client.generic("POST", where, f"body={raw}&{raw}=x", "application/x-www-form-urlencoded")
        assert answer.status_code in (400, 405, 422), name


def test_no_search_of_the_console_is_a_way_to_a_fault(community: Community) -> None:
    client = browser(community.chief)
    for name in OF_THE_CONSOLE:
        where = reverse(f"admin:{name}_changelist")
        for parameter in ("q", "o", "p", "e", "id__exact", "member__password__startswith"):
            for kind in ("nul", "huge", "markup", "digits", "quote", "noncharacter"):
                answer = client.get(where, {parameter: NASTY[kind]})
                assert answer.status_code in (200, 302, 400), (name, parameter, kind)


# --- Too much ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["messaging:compose", "messaging:draft_save", "accounts:settings_profile"])
def test_a_form_too_large_is_413_in_words(community: Community, name: str) -> None:
    client = browser(community.author)
    where = address(name, community)
    for fields in ({"body": "x" * 300_000}, {f"field{number}": "x" for number in range(10_000)}):
        for kind in ("multipart", "urlencoded"):
            answer = client.post(where, fields) if kind == "multipart" else client.post(where, **_encoded(fields))
            assert answer.status_code == 413, kind
            assert "too much at once" in answer.content.decode()


def _encoded(fields: dict[str, str]) -> dict[str, str]:
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    return {"data": body, "content_type": "application/x-www-form-urlencoded"}


def test_ten_megabytes_are_413_whatever_they_claim_to_be(community: Community) -> None:
    client = browser(community.author)
    where = address("messaging:compose", community)
    body = b"x" * 10_000_000
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\n' + body + b"\r\n--b--\r\n"
    for content, kind in (
        (body, "application/x-www-form-urlencoded"),
        (body, "text/plain"),
        (body, "application/json"),
        (part, "multipart/form-data; boundary=b"),
    ):
        assert client.post(where, content, content_type=kind).status_code == 413, kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"--x", "multipart/form-data; boundary=\xff"),
        (b"[" * 10_000, "application/json"),
        (b"body=x", "application/x-www-form-urlencoded; charset=utf-7"),
        (b"body=x", "no kind at all"),
        (b"--x--\r\n", "multipart/form-data; boundary=" + "x" * 5_000),
    ],
)
def test_a_body_that_no_browser_sends_is_no_fault(community: Community, body: bytes, kind: str) -> None:
    client = browser(community.author)
    for name in ("messaging:compose", "account_logout", "accounts:settings_profile"):
        answer = client.generic("POST", address(name, community), body, kind)
        assert answer.status_code in (200, 302, 400, 415, 422), (name, answer.status_code)
