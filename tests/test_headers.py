"""What every page tells the browser, errors and the console included, and what the address line cannot talk it into."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.markup import faults
from tests.processes import make_tables
from tests.site_map import Community, address, browser, names

# Headers are made without the database.
pytestmark = pytest.mark.once

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "manifest-src 'self'",
    "report-uri /csp-report/",
}
SAME = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "/\t/evil.example",
    "https:evil.example",
    "https://localhost@evil.example/",
    "//[evil.example",
)


def is_guarded(answer: Any) -> None:
    policy = {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}
    assert policy == POLICY
    assert {name: answer.headers.get(name) for name in SAME} == SAME
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert len(answer.headers["X-Request-ID"]) == 16


def is_kept_by_nobody(answer: Any) -> None:
    kept = {part.strip() for part in answer.headers["Cache-Control"].split(",")}
    assert {"no-store", "private"} <= kept
    assert "Cookie" in answer.headers["Vary"]


def is_clean(answer: Any) -> None:
    if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
        assert faults(answer.content.decode()) == []


@pytest.mark.parametrize("actor", ["visitor", "reader", "chief"])
def test_every_page_carries_the_headers_and_nothing_inline(community: Community, actor: str) -> None:
    client = browser({**community.actors, "chief": community.chief}[actor])
    for name in names():
        if (actor == "chief") is name.startswith("admin:"):
            answer = client.get(address(name, community))
            is_guarded(answer)
            is_clean(answer)
            if actor != "visitor":
                is_kept_by_nobody(answer)


def test_every_refusal_carries_them_too(community: Community) -> None:
    strict = browser(community.reader, enforce_csrf_checks=True)
    lax = browser(community.reader)
    compose = address("messaging:compose", community)
    refused = {
        400: lax.get("/people/?q=%00"),
        403: strict.post(compose),
        404: lax.get("/nowhere/"),
        405: lax.put(compose),
        413: lax.post(compose, {"body": "x" * 300_000}),
        422: lax.post(address("accounts:invite", community), {"note": "x" * 301}),
    }
    assert {status: answer.status_code for status, answer in refused.items()} == {status: status for status in refused}
    for answer in refused.values():
        is_guarded(answer)
        is_clean(answer)
        is_kept_by_nobody(answer)


def test_a_page_from_the_cache_of_another_is_never_shown(community: Community) -> None:
    """The same address, two members: nothing of the first is in what the second gets."""
    for name in ("messaging:inbox", "billing:credits", "accounts:connections", "messaging:people"):
        first = browser(community.author).get(reverse(name))
        second = browser(community.stranger).get(reverse(name))
        assert f"@{community.author.handle}" not in second.content.decode()
        is_kept_by_nobody(first)
        is_kept_by_nobody(second)


# --- Where it leads --------------------------------------------------------------------------------------------


def test_no_button_leads_to_another_site(community: Community) -> None:
    client = browser(community.reader)
    buttons = ["accounts:unblock", "accounts:invitation_accept", "accounts:invitation_ignore", "accounts:block"]
    buttons += ["accounts:invitation_restore", "accounts:invitation_withdraw", "accounts:lift_stop", "messaging:answer"]
    for target in ELSEWHERE:
        for name in buttons:
            answer = client.post(address(name, community), {"next": target, "answer": "accept", "origin": target})
            assert _stays(answer), (name, answer.headers.get("Location"))


@pytest.mark.parametrize("actor", ["visitor", "reader"])
def test_no_way_in_or_out_leads_to_another_site(community: Community, actor: str) -> None:
    member = community.actors[actor]
    for target in ELSEWHERE:
        for name in ("account_login", "account_logout", "account_signup", "account_reauthenticate", "admin:login"):
            client = browser(member)
            for answer in (client.get(reverse(name), {"next": target}), client.post(reverse(name), {"next": target})):
                assert _stays(answer), (name, answer.headers.get("Location"))


def _stays(answer: Any) -> bool:
    """Every redirect is a path of ours; what is asked for may stand in its query, quoted."""
    where = answer.headers.get("Location", "/")
    return re.match(r"/(?![/\\])[\w/.@-]*([?#]|$)", where) is not None


@pytest.mark.parametrize("host", ["evil.example", "localhost:8000@evil.example", "localhost.evil.example", "", "a b"])
def test_another_host_is_refused(catalog: None, host: str) -> None:
    answer = Client().get(reverse("account_login"), headers={"host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()
    is_guarded(answer)


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded", "X-Forwarded-For"]
)
def test_a_header_of_a_proxy_that_is_not_there_is_not_believed(community: Community, name: str) -> None:
    answer = browser(community.reader).get(reverse("messaging:inbox"), headers={name: "/admin/;host=evil.example"})

    assert answer.status_code == 200
    assert "evil.example" not in answer.content.decode()


# --- Over https ----------------------------------------------------------------------------------------------------

OVER_HTTPS = """
import django; django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
from django.core.management import call_command
call_command("load_catalog", "standard", verbosity=0)
plain = Client(headers={"host": "post.example"}).get("/accounts/login/")
print("PLAIN", plain.status_code, plain.headers["Location"])
page = Client(headers={"host": "post.example"}).get("/accounts/login/", secure=True)
print("HSTS", page.headers["Strict-Transport-Security"])
signing = Client(headers={"host": "post.example"})
from accounts.models import Member
member = Member.objects.create_user(email="a@example.org", name="A")
signing.force_login(member, "django.contrib.auth.backends.ModelBackend")
theme = signing.post("/settings/appearance/", {"theme": "dark"}, secure=True)
for jar in (page.cookies, signing.cookies, theme.cookies):
    for cookie in jar.values():
        print("COOKIE", cookie.OutputString())
"""


@pytest.fixture(scope="module")
def over_https(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a production site says: its settings are read once a process, so it is a process of its own."""
    folder = tmp_path_factory.mktemp("https")
    make_tables(folder / "db.sqlite3")
    given = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "SITE_URL": "https://post.example",
        "ALLOWED_HOSTS": "post.example",
        "SECRET_KEY": "k" * 60,
        "DEBUG": "false",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "REDIS_URL": os.environ["REDIS_URL"],
    }
    done = subprocess.run([sys.executable, "-c", OVER_HTTPS], env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.once
def test_plain_http_is_sent_to_https_for_a_year(over_https: list[str]) -> None:
    assert "PLAIN 301 https://post.example/accounts/login/" in over_https
    assert any(line.startswith("HSTS max-age=31536000") for line in over_https)


@pytest.mark.once
def test_cookies_are_bound_to_the_host_and_out_of_reach_of_scripts(over_https: list[str]) -> None:
    cookies = {line.split()[1].split("=")[0]: line for line in over_https if line.startswith("COOKIE")}

    assert {"__Host-csrftoken", "__Host-sessionid", "__Host-theme"} <= cookies.keys()
    assert all(name.startswith("__Host-") for name in cookies)
    for name, cookie in cookies.items():
        flags = {part.strip() for part in cookie.split(";")}
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= flags, name
        assert "Domain" not in cookie, name
