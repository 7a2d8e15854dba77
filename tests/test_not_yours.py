"""What belongs to others reads like what never was; ids and owners cannot be guessed, bent or handed in."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.only_reading import nothing_written
from tests.site_map import ARGUMENTS, Community, address, browser, names
from tests.test_access import ACTORS, PAGES, POST_ONLY, of_the_console

# A walk over all pages: what they ask is proved on both engines by the tests of each behaviour.
pytestmark = pytest.mark.once

# What a participant has and nobody else: the reader's or the author's, by a random id or by the pair.
OWN_TO_SOMEBODY = {
    "accounts:disconnect": ("get",),
    "accounts:invitation_accept": ("post",),
    "accounts:invitation_ignore": ("post",),
    "accounts:invitation_restore": ("post",),
    "accounts:invitation_withdraw": ("post",),
    "accounts:notice_open": ("post",),
    "billing:order": ("get",),
    "billing:seat": ("get", "post"),
    "billing:seat_park": ("post",),
    "billing:seat_unpark": ("post",),
    "billing:seat_remove": ("post",),
    "billing:seat_reassign": ("get", "post"),
    "billing:seat_appoint": ("post",),
    "billing:seat_dismiss": ("post",),
    "billing:seat_invitation": ("get", "post"),
    "billing:seat_invitation_withdraw": ("post",),
    "messaging:conversation": ("get",),
    "messaging:mark_read": ("post",),
    "messaging:mark_unread": ("post",),
    "messaging:archive_conversation": ("post",),
    "messaging:restore_conversation": ("post",),
    "messaging:answer": ("post",),
    "messaging:stop": ("get", "post"),
    "messaging:undo": ("get", "post"),
    "messaging:take_back": ("post",),
    "messaging:change_answer": ("get", "post"),
}

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": ?"\w+"|X-CSRFToken&quot;: ?&quot;\w+')


def bare(response: Any) -> tuple[int, bytes, dict[str, str]]:
    """What a browser learns, without what differs by chance."""
    headers = {name: value for name, value in response.headers.items() if name not in ("X-Request-ID", "Vary")}
    return response.status_code, TOKEN.sub("", response.content.decode()).encode(), headers


@pytest.mark.parametrize("asks", [{}, {"Accept": "application/json"}, {"HX-Request": "true"}, {"Range": "bytes=0-9"}])
def test_what_is_not_yours_reads_like_what_never_was(community: Community, asks: dict[str, str]) -> None:
    clients = [browser(community.stranger), browser(community.blocked)]
    posted = {"answer": "accept", "origin": "requests", "through": "1-1", "body": "x"}
    with nothing_written():
        for name, verbs in OWN_TO_SOMEBODY.items():
            theirs = address(name, community)
            nobodys = reverse(name, args=["2" * 14])
            for client in clients:
                for verb in verbs:
                    answers = [getattr(client, verb)(where, posted, headers=asks) for where in (theirs, nobodys)]
                    assert answers[0].status_code == 404, (name, verb)
                    assert bare(answers[0]) == bare(answers[1]), (name, verb)


def test_an_id_in_the_wrong_hands_costs_the_same_questions(
    community: Community, django_assert_num_queries: Any
) -> None:
    client = browser(community.stranger)
    for name in ("messaging:conversation", "messaging:undo", "messaging:change_answer"):
        with django_assert_num_queries(9) as theirs:
            client.get(address(name, community))
        with django_assert_num_queries(len(theirs)):
            client.get(reverse(name, args=["2" * 14]))


def test_a_malformed_id_is_404(community: Community) -> None:
    """And never 500: too long, too large, not a number, half a character, a path."""
    client = browser(community.chief)
    wrongs = ("9" * 400, "-1", "%2e%2e%2f", "%ED%A0%80")
    with nothing_written():
        for name in ARGUMENTS.keys() - {"admin:app_list", "admin:view_on_site"}:
            is_numbered = name.startswith(("mfa_", "admin:")) or name in {
                "billing:buy",
                "billing:pool_buy",
                "billing:invoice",
            }
            mark = 77 if is_numbered else "xx-yy"
            pattern = reverse(name, args=["xx", "yy"] if name == "account_reset_password_from_key" else [mark])
            for wrong in wrongs:
                answer = client.get(pattern.replace(f"{mark}", wrong))
                # Django's admin sends an address it does not know on to the row of that name, which is not there.
                is_sent_on = name.startswith(("mfa_", "admin:"))
                assert answer.status_code in (404, 405) or is_sent_on, (name, wrong, answer.status_code)
                assert answer.status_code < 500, (name, wrong)
                if name in POST_ONLY:
                    answer = client.post(pattern.replace(f"{mark}", wrong), {"answer": "accept", "through": "1-1"})
                    assert answer.status_code == 404, (name, wrong, answer.status_code)


@pytest.mark.parametrize("wrong", ["9" * 30, "x", "%00", "%ED%A0%80", "a%0d%0ab"])
def test_a_malformed_number_in_the_console_is_no_fault(community: Community, wrong: str) -> None:
    client = browser(community.chief)
    of_members = [name for name in of_the_console(names()) if name.startswith(("admin:member_", "admin:accounts_m"))]
    with nothing_written():
        for name in [*of_members, "admin:billing_entry_change", "admin:messaging_message_history"]:
            right = reverse(name, args=[77]) if not name.endswith(("_changelist", "_add")) else ""
            if right:
                answer = client.get(right.replace("77", wrong))
                assert answer.status_code in (302, 400, 403, 404), (name, answer.status_code)


def test_the_owner_comes_from_the_session_only(community: Community) -> None:
    """No parameter shows another member's credits, trays or settings."""
    client = browser(community.stranger)
    author = community.author
    others = {"user": author.pk, "member": author.handle, "wallet": author.pk, "id": author.pk, "email": author.email}
    for name in ("billing:credits", "billing:plan", "messaging:inbox", "messaging:sent", "accounts:settings_profile"):
        plain, asked = client.get(reverse(name)), client.get(reverse(name), others)
        assert bare(asked)[0] == 200, name
        assert author.name not in asked.content.decode(), name
        assert author.email not in asked.content.decode(), name
        assert set(_words(plain)) == set(_words(asked)), name


def _words(response: Any) -> list[str]:
    """What is read on a page, without its markup: a pager keeps the parameters of its address."""
    return re.sub(r"<[^>]*>", " ", response.content.decode()).split()


def test_nobody_reads_the_address_of_another(community: Community) -> None:
    """E-mail addresses stand on one's own pages and in the console, nowhere else (scraping)."""
    client: Client = browser(community.reader)
    for name, row in PAGES.items():
        if row.split()[ACTORS.index("reader")] == "200" and name != "accounts:events":
            answer = client.get(address(name, community))
            page = b"".join(answer) if answer.streaming and not answer.is_async else getattr(answer, "content", b"")
            found = set(re.findall(rb"[\w.]+@example\.org", page)) - {community.reader.email.encode()}
            assert found == set(), name
