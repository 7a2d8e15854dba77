"""Who may open and post what, for every address of the site: ours, allauth's and the console's."""

import pytest
from django.http.response import HttpResponseBase
from django.urls import reverse

from tests.only_reading import nothing_written
from tests.site_map import Community, address, browser, names

# A walk over all pages: what they ask is proved on both engines by the tests of each behaviour.
pytestmark = pytest.mark.once

ACTORS = ("visitor", "stranger", "reader", "author", "blocked", "clerk", "unarmed")
# One row a name: what a GET answers to each of the seven. `in` = sent to sign in.
EVERYBODY = "200 200 200 200 200 200 200"
MEMBERS = "in 200 200 200 200 200 200"
POSTED = "in 405 405 405 405 405 405"
ENTRANCE = "200 302 302 302 302 302 302"
ONLY_READER = "in 404 200 404 404 404 404"
ONLY_AUTHOR = "in 404 404 200 404 404 404"
BOTH_SIDES = "in 404 200 200 404 404 404"
SENT_ON = "in 302 302 302 302 302 302"
# Who has a second factor is asked for it again; the others have nothing there yet.
ARMED = "in 200 200 200 200 302 200"
ARMED_AGAIN = "in 404 404 404 404 302 404"

PAGES = {
    "home": ENTRANCE,
    "healthz": EVERYBODY,
    "readyz": EVERYBODY,
    "accounts:connections": MEMBERS,
    "accounts:invitations": MEMBERS,
    "accounts:invitation_accept": POSTED,
    "accounts:invitation_ignore": POSTED,
    "accounts:invitation_restore": POSTED,
    "accounts:invitation_withdraw": POSTED,
    "accounts:invite": MEMBERS,
    "accounts:disconnect": ONLY_READER,
    "accounts:block": MEMBERS,
    "accounts:unblock": POSTED,
    "accounts:settings": SENT_ON,
    "accounts:settings_profile": MEMBERS,
    "accounts:settings_notices": MEMBERS,
    "accounts:settings_appearance": MEMBERS,
    "accounts:settings_shortcuts": MEMBERS,
    "accounts:settings_blocked": MEMBERS,
    "accounts:lift_stop": POSTED,
    "accounts:unsubscribe": EVERYBODY,
    "accounts:notices": MEMBERS,
    "accounts:notices_read": POSTED,
    "accounts:notice_open": POSTED,
    "accounts:events": MEMBERS,
    "billing:credits": MEMBERS,
    "billing:ledger_csv": MEMBERS,
    "billing:statement": MEMBERS,
    "billing:code": MEMBERS,
    "billing:refer": "in 404 404 404 404 404 404",
    "billing:refer_link": POSTED,
    "billing:come": "302 302 302 302 302 302 302",
    "billing:buy": "in 404 404 404 404 404 404",
    "billing:order": ONLY_AUTHOR,
    "billing:invoices": MEMBERS,
    "billing:invoice": ONLY_AUTHOR,
    "billing:portal": "in 404 404 404 404 404 404",
    "billing:payment_event": "405 405 405 405 405 405 405",
    "csp_report": "405 405 405 405 405 405 405",
    "billing:how": EVERYBODY,
    "billing:plan": MEMBERS,
    "billing:plan_ask": "in 200 200 302 302 200 200",
    "billing:plan_change": "in 302 302 200 200 302 302",
    "billing:plan_withdraw": POSTED,
    "billing:plan_stay": POSTED,
    "billing:plan_cancel": "in 404 404 200 200 404 404",
    "billing:plan_resume": POSTED,
    "billing:team": ONLY_AUTHOR,
    "billing:team_plan": ONLY_AUTHOR,
    "billing:team_portal": "in 404 404 404 404 404 404",
    "billing:team_plan_choose": "in 404 404 302 404 404 404",
    "billing:team_plan_change": ONLY_AUTHOR,
    "billing:team_plan_stay": POSTED,
    "billing:team_plan_cancel": ONLY_AUTHOR,
    "billing:team_plan_resume": POSTED,
    "billing:pool": ONLY_AUTHOR,
    "billing:pool_buy": "in 404 404 404 404 404 404",
    "billing:pool_csv": ONLY_AUTHOR,
    "billing:seats": ONLY_AUTHOR,
    "billing:seat": ONLY_AUTHOR,
    "billing:seat_reassign": ONLY_AUTHOR,
    "billing:seat_park": POSTED,
    "billing:seat_unpark": POSTED,
    "billing:seat_remove": POSTED,
    "billing:seat_appoint": POSTED,
    "billing:seat_dismiss": POSTED,
    "billing:seat_invitation": "in 404 404 404 404 200 404",
    "billing:seat_invitation_withdraw": POSTED,
    "billing:team_leave": ONLY_READER,
    "messaging:inbox": MEMBERS,
    "messaging:conversation": BOTH_SIDES,
    "messaging:mark_read": POSTED,
    "messaging:mark_unread": POSTED,
    "messaging:archive_conversation": POSTED,
    "messaging:restore_conversation": POSTED,
    "messaging:answer": POSTED,
    "messaging:stop": BOTH_SIDES,
    "messaging:not_spam": POSTED,
    "messaging:report": ONLY_READER,
    "messaging:spam": MEMBERS,
    "messaging:cases": MEMBERS,
    "messaging:case": ONLY_READER,
    "messaging:appeal": ONLY_READER,
    "messaging:appeal_by_mail": EVERYBODY,
    "messaging:undo": ONLY_AUTHOR,
    "messaging:take_back": POSTED,
    "messaging:change_answer": ONLY_READER,
    "messaging:requests": MEMBERS,
    "messaging:answer_all": MEMBERS,
    "messaging:take_back_all": POSTED,
    "messaging:awaiting": MEMBERS,
    "messaging:drafts": MEMBERS,
    "messaging:sent": MEMBERS,
    "messaging:archive": MEMBERS,
    "messaging:compose_choose": MEMBERS,
    "messaging:compose": MEMBERS,
    "messaging:quote": MEMBERS,
    "messaging:draft_save": POSTED,
    "messaging:draft_discard": POSTED,
    # Without a text there is nothing to schedule: the reader has begun one.
    "messaging:schedule": "in 302 200 302 302 302 302",
    "messaging:unschedule": POSTED,
    "messaging:review_take_back": POSTED,
    "messaging:remind": POSTED,
    "messaging:scheduled": MEMBERS,
    "messaging:introduce": MEMBERS,
    "messaging:introductions": MEMBERS,
    "messaging:introduction_forward": ONLY_READER,
    "messaging:introduction_keep_back": POSTED,
    "messaging:introduction_accept": POSTED,
    "messaging:introduction_decline": POSTED,
    "messaging:introduction_withdraw": POSTED,
    "messaging:people": MEMBERS,
    "messaging:profile": MEMBERS,
    "messaging:settings_reach": MEMBERS,
    "messaging:reach_summary": MEMBERS,
    "messaging:settings_privacy": MEMBERS,
    "messaging:settings_away": MEMBERS,
    "messaging:why": MEMBERS,
    "account_login": ENTRANCE,
    "account_logout": "302 200 200 200 200 200 200",
    "account_inactive": EVERYBODY,
    "account_signup": ENTRANCE,
    "account_reauthenticate": "in 403 403 403 403 302 403",
    "account_email": MEMBERS,
    "account_email_verification_sent": SENT_ON,
    "account_change_password": SENT_ON,
    "account_set_password": MEMBERS,
    "account_reset_password": EVERYBODY,
    "account_confirm_login_code": "302 302 302 302 302 302 302",
    "account_reset_password_from_key_done": EVERYBODY,
    "account_reset_password_from_key": EVERYBODY,
    "account_reset_password_done": EVERYBODY,
    "account_request_login_code": ENTRANCE,
    "mfa_index": MEMBERS,
    "mfa_authenticate": SENT_ON,
    "mfa_reauthenticate": "in 403 403 403 403 200 403",
    "mfa_activate_totp": ARMED,
    "mfa_deactivate_totp": ARMED_AGAIN,
    "mfa_view_recovery_codes": "in 404 404 404 404 404 404",
    "mfa_generate_recovery_codes": ARMED,
    "mfa_download_recovery_codes": "in 404 404 404 404 404 404",
    "mfa_list_webauthn": MEMBERS,
    "mfa_add_webauthn": ARMED,
    "mfa_reauthenticate_webauthn": "in 403 403 403 403 302 403",
    "mfa_remove_webauthn": ARMED_AGAIN,
    "mfa_edit_webauthn": ARMED_AGAIN,
    "mfa_login_webauthn": SENT_ON,
    "usersessions_list": MEMBERS,
}

# Of the console, all that staff without any right open: the empty index and what surrounds it.
FOR_ANY_STAFF = {
    "admin:index": 200,
    "admin:login": 302,
    "admin:logout": 405,
    "admin:password_change": 302,
    "admin:password_change_done": 302,
    "admin:jsi18n": 200,
    "admin:app_list": 404,
    "admin:view_on_site": 302,
}
# Their button leads to these; a GET says so.
POST_ONLY = {name for name, row in PAGES.items() if row == POSTED}


def seen(response: HttpResponseBase) -> str:
    """The answer as the rows of the table write it."""
    to_sign_in = response.status_code == 302 and response.headers["Location"].startswith(reverse("account_login"))
    is_its_own_page = "/code/" in response.headers.get("Location", "")
    return "in" if to_sign_in and not is_its_own_page else str(response.status_code)


def of_the_console(every: list[str]) -> list[str]:
    return [name for name in every if name.startswith("admin:")]


def test_every_name_of_the_site_stands_in_the_table() -> None:
    ours = {name for name in names() if not name.startswith("admin:")}

    assert len(names()) > 200
    assert ours - set(PAGES) == set(), "say in PAGES who may open the new page"
    assert set(PAGES) - ours == set()


@pytest.mark.parametrize("actor", ACTORS)
def test_every_page_opens_for_whom_it_is_and_a_look_changes_nothing(community: Community, actor: str) -> None:
    client = browser(community.actors[actor])
    expected = {name: row.split()[ACTORS.index(actor)] for name, row in PAGES.items()}
    with nothing_written():
        answers = {name: seen(client.get(address(name, community))) for name in PAGES}

    assert answers == expected


@pytest.mark.parametrize("actor", ["visitor", "stranger", "unarmed"])
def test_the_console_is_closed_to_everybody_else(community: Community, actor: str) -> None:
    client = browser(community.actors[actor])
    end = {"visitor": "account_login", "unarmed": "mfa_index"}.get(actor)
    for name in of_the_console(names()):
        with nothing_written():
            answer = client.get(address(name, community))
        if answer.status_code == 302 and answer.headers["Location"].startswith(reverse("admin:login")):
            answer = client.get(answer.headers["Location"])
        if end is None:
            assert answer.status_code == 403 or answer.headers["Location"] == reverse("admin:index"), name
        else:
            assert answer.status_code == 302, name
            assert answer.headers["Location"].startswith((reverse(end), reverse("admin:index"))), name


def test_staff_without_a_right_see_an_empty_console(community: Community) -> None:
    client = browser(community.clerk)
    with nothing_written():
        answers = {name: client.get(address(name, community)) for name in of_the_console(names())}
    # The history of a row that is not there says so on the index.
    opened = {
        name: answer.status_code
        for name, answer in answers.items()
        if answer.status_code != 403 and answer.headers.get("Location") != reverse("admin:index")
    }

    assert opened == FOR_ANY_STAFF


def test_looking_through_the_whole_console_changes_nothing(community: Community) -> None:
    client = browser(community.chief)
    with nothing_written():
        for name in of_the_console(names()):
            assert client.get(address(name, community)).status_code in (200, 302, 403, 404, 405), name
