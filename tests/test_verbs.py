"""A GET only shows, a POST needs its token, and no other verb and no header makes a deed of a look."""

import pytest

from tests.only_reading import nothing_written
from tests.site_map import Community, address, browser, names
from tests.test_access import PAGES, POST_ONLY

# A walk over all pages: what they ask is proved on both engines by the tests of each behaviour.
pytestmark = pytest.mark.once

# One click in a mail program posts without our cookies (RFC 8058); its proof is the signature in the address.
# A gateway's word is believed by its signature; a browser's report is a line in the log.
WITHOUT_TOKEN = {"accounts:unsubscribe", "billing:payment_event", "csp_report"}


def test_no_post_passes_without_its_token(community: Community) -> None:
    every = names()
    clients = {False: browser(community.reader, enforce_csrf_checks=True)}
    clients[True] = browser(community.chief, enforce_csrf_checks=True)
    visitor = browser(None, enforce_csrf_checks=True)
    with nothing_written():
        for name in set(every) - WITHOUT_TOKEN:
            at_address = address(name, community)
            client = clients[name.startswith("admin:")]
            assert client.post(at_address, {"answer": "accept"}).status_code == 403, name
            assert visitor.post(at_address, {"answer": "accept"}).status_code == 403, name


def test_a_page_that_only_shows_takes_no_post(community: Community) -> None:
    """Its token is right; there is just nothing to post to."""
    showing = {
        "accounts:connections",
        "accounts:events",
        "accounts:invitations",
        "accounts:settings",
        "accounts:settings_blocked",
        *(f"billing:{name}" for name in ("credits", "invoices", "ledger_csv", "plan")),
        *(f"messaging:{name}" for name in ("archive", "awaiting", "compose_choose", "conversation", "drafts", "inbox")),
        "messaging:introductions",
        "messaging:scheduled",
        *(f"messaging:{name}" for name in ("people", "profile", "quote", "reach_summary", "requests", "sent", "why")),
        "healthz",
        "home",
        "readyz",
    }
    client = browser(community.reader)
    with nothing_written():
        assert {name: client.post(address(name, community)).status_code for name in showing} == dict.fromkeys(
            showing, 405
        )


@pytest.mark.parametrize("verb", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
def test_no_other_verb_does_anything(community: Community, verb: str) -> None:
    client = browser(community.reader)
    chosen = [name for name in PAGES if name != "accounts:events"] + ["admin:accounts_member_change", "admin:logout"]
    with nothing_written():
        for name in chosen:
            answer = client.generic(verb, address(name, community), headers={"X-HTTP-Method-Override": "POST"})
            assert answer.status_code < 500, name
            # allauth's pages take a PUT for a POST, show the form again and write nothing.
            is_shown = verb in ("HEAD", "OPTIONS") or name.startswith(("account_", "mfa_", "usersessions_"))
            assert is_shown or answer.status_code in (302, 403, 404, 405), name
            if verb == "HEAD":
                body = b"" if answer.streaming else answer.content
                assert body == b"", name
                assert name not in POST_ONLY or answer.status_code == 405, name


@pytest.mark.parametrize("override", [{"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "DELETE"}])
def test_a_header_does_not_turn_a_look_into_a_deed(community: Community, override: dict[str, str]) -> None:
    client = browser(community.reader)
    with nothing_written():
        for name in POST_ONLY:
            answer = client.get(f"{address(name, community)}?_method=POST&answer=accept", headers=override)
            assert answer.status_code == 405, name
