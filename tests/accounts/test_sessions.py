"""A session has one key at a time, ends in the end, and leaves a line in the log for each step at the entrance."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.models import Notice
from messaging import leaving
from messaging.appeal_links import _appealing

pytestmark = pytest.mark.django_db

PASSWORD = "a long walk home 7"
PROFILE = "/settings/profile/"


@pytest.fixture
def ada(person, rules):
    member = person("Ada Okafor", password=PASSWORD)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


def sign_in(member, password=PASSWORD):
    client = Client()
    client.post(reverse("account_login"), {"login": member.email, "password": password})
    return client


def is_in(client):
    return client.get(PROFILE).status_code == 200


def lines(caplog):
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


def test_a_second_look_changes_the_key_and_the_list_follows(ada):
    client = sign_in(ada)
    before = client.session.session_key

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert client.session.session_key != before
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not is_in(stolen)
    assert is_in(client)
    assert [session.is_current for session in client.get(reverse("usersessions_list")).context["sessions"]]


def test_sessions_elsewhere_are_ended_after_a_second_look_only(ada):
    here, elsewhere = sign_in(ada), sign_in(ada)

    asked = here.post(reverse("usersessions_list"))
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert is_in(elsewhere)

    here.post(asked.url, {"password": PASSWORD})
    assert not is_in(elsewhere)
    assert is_in(here)


def test_a_session_ends_a_month_after_the_sign_in_however_busy_it_is(ada):
    client = sign_in(ada)
    came_in = datetime.now(UTC)

    with clock.set_to(came_in + settings.SESSION_ENDS_AFTER - timedelta(minutes=1)):
        assert is_in(client)
    with clock.set_to(came_in + settings.SESSION_ENDS_AFTER + timedelta(minutes=1)):
        assert not is_in(client)
    assert not is_in(client)


def test_who_comes_in_by_codes_alone_comes_in_anew_to_change_a_key(person, rules):
    ina = person("Ina Import")
    EmailAddress.objects.create(user=ina, email=ina.email, verified=True, primary=True)
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": ina.email})
    client.post(reverse("account_confirm_login_code"), {"code": Notice.objects.latest("pk").context["code"]})
    email, change = reverse("account_email"), {"action_add": "", "email": "new@example.org"}

    with clock.set_to(datetime.now(UTC) + timedelta(minutes=16)):
        assert client.get(email).status_code == 200
        answer = client.post(email, change)
        assert answer.url == f"{reverse('account_login')}?next={email}"
        assert not is_in(client)
    assert not EmailAddress.objects.filter(email="new@example.org").exists()


def test_who_has_just_come_in_by_a_code_changes_a_key_at_once(person, rules):
    ina = person("Ina Import")
    client = Client()
    client.force_login(ina, "django.contrib.auth.backends.ModelBackend")

    client.post(reverse("account_email"), {"action_add": "", "email": "new@example.org"})
    assert Notice.objects.latest("pk").address == "new@example.org"


def test_who_is_let_in_again_signs_in_again(ada, at):
    client = sign_in(ada)
    leaving.deactivate(member=ada, at=at)
    leaving.reactivate(member=ada)

    assert not is_in(client)
    assert is_in(sign_in(ada))


def test_a_code_of_the_second_factor_counts_once(ada):
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    code = format_hotp_value(hotp_value(secret, int(datetime.now(UTC).timestamp()) // 30))
    came_in = []
    for _attempt in range(2):
        client = sign_in(ada)
        client.post(reverse("mfa_authenticate"), {"code": code})
        came_in.append(is_in(client))

    assert came_in[1] is False


def test_the_log_tells_who_came_in_how_and_who_did_not(ada, caplog):
    caplog.set_level("INFO", "postern")
    sign_in(ada, "not the password")
    client = sign_in(ada)
    client.get(PROFILE)
    client.post(reverse("account_logout"))

    told = lines(caplog)
    entrance = {line["event"]: line for line in told if line["logger"] == "postern.entrance"}
    assert {"wrong password", "step passed", "signed in", "signed out"} <= entrance.keys()
    assert entrance["signed in"]["member"] == ada.pk
    assert entrance["signed in"]["ways"] == ["password"]
    assert entrance["signed in"]["ip"] == "127.0.0.1"
    assert [line["member"] for line in told if line.get("path") == PROFILE] == [ada.pk]
    assert "not the password" not in caplog.text
    assert ada.email not in caplog.text


def test_the_log_holds_no_key_of_an_address(ada, caplog):
    caplog.set_level("INFO", "postern")
    visitor = Client()
    visitor.post(reverse("account_reset_password"), {"email": ada.email})
    link = Notice.objects.latest("pk").context["password_reset_url"].removeprefix("http://localhost:8000")
    visitor.get(link)
    token = _appealing.sign("x")
    visitor.get(reverse("messaging:appeal_by_mail", args=[token]))

    key = link.rstrip("/").rpartition("-")[2]
    assert key not in caplog.text
    assert token not in caplog.text
    assert "/appeal/…/" in [line.get("path") for line in lines(caplog)]
