"""What every answer of the site carries, and what it refuses before any page is asked."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import include, path
from django.utils import timezone


@login_not_required
def zone(request):
    return HttpResponse(timezone.get_current_timezone_name())


urlpatterns = [path("zone/", zone), path("", include("config.urls"))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; "
    "report-uri /csp-report/"
)


def directives(policy):
    return {directive.strip() for directive in policy.split(";")}


@pytest.mark.parametrize("address", ["/zone/", "/nowhere/", "/accounts/login/", "/admin/"])
def test_every_answer_tells_the_browser_what_it_may_not_do(client, catalog, address):
    headers = client.get(address).headers

    assert directives(headers["Content-Security-Policy"]) == directives(CSP)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert len(headers["X-Request-ID"]) == 16


def test_a_request_keeps_the_name_that_a_trusted_proxy_gave_it(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    assert client.get("/zone/", headers={"X-Request-ID": "abcd-1234"})["X-Request-ID"] == "abcd-1234"
    assert client.get("/zone/", headers={"X-Request-ID": "a b\tc"})["X-Request-ID"] != "a b\tc"


def test_a_stranger_cannot_choose_the_name_of_a_request(client):
    assert client.get("/zone/", headers={"X-Request-ID": "abcd-1234"})["X-Request-ID"] != "abcd-1234"


def test_no_cache_keeps_a_members_page(browse, sender):
    answer = browse(sender).get("/zone/")

    assert answer["Cache-Control"] == "no-store, private"
    assert "Cookie" in answer["Vary"]


def test_a_visitors_page_may_be_kept(client):
    assert "Cache-Control" not in client.get("/zone/").headers


def test_signing_out_clears_what_the_browser_kept(browse, sender):
    answer = browse(sender).post("/accounts/logout/")

    assert answer.status_code == 302
    assert answer["Clear-Site-Data"] == '"cache", "storage"'


def test_reading_the_page_that_asks_about_signing_out_clears_nothing(browse, sender):
    assert "Clear-Site-Data" not in browse(sender).get("/accounts/logout/").headers


@pytest.mark.parametrize("address", ["/zone/?q=%00", "/zone/?%00=q", "/zo%00ne/", "/zone/?q=a&q=%00"])
def test_an_address_with_a_null_character_is_a_bad_request(client, address):
    assert client.get(address).status_code == 400


def test_another_sites_page_may_link_here_but_not_load_from_here(client):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}

    assert client.get("/zone/", headers=link).status_code == 200
    assert client.get("/zone/", headers=image).status_code == 403
    assert client.get("/zone/", headers=own).status_code == 200


def test_a_member_sees_the_clock_of_their_own_zone(browse, sender):
    type(sender).objects.filter(pk=sender.pk).update(time_zone="America/New_York")

    assert browse(sender).get("/zone/").content == b"America/New_York"


def test_a_zone_that_no_longer_exists_is_utc(browse, sender):
    type(sender).objects.filter(pk=sender.pk).update(time_zone="Mars/Olympus")

    assert browse(sender).get("/zone/").content == b"UTC"


def test_a_visitor_sees_utc(client):
    assert client.get("/zone/").content == b"UTC"


def test_the_members_zone_ends_with_the_request(browse, sender, client):
    type(sender).objects.filter(pk=sender.pk).update(time_zone="America/New_York")
    browse(sender).get("/zone/")

    assert client.get("/zone/").content == b"UTC"
