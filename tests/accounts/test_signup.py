"""Who signs up becomes a member by the code from the mail, and learns nothing about who else is here."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import members, tasks
from accounts.models import Member, Notice

pytestmark = pytest.mark.django_db

PASSWORD = "a long walk home 7"


@pytest.fixture(autouse=True)
def _policy(rules):
    """A site with rules."""


def sign_up(client, *, name="Dora Lindqvist", email="dora@example.org", password=PASSWORD):
    return client.post(reverse("account_signup"), {"name": name, "email": email, "password1": password})


def code_of(email):
    return Notice.objects.filter(address=email, kind__startswith="account/").latest("pk").context["code"]


def type_code(client, code):
    return client.post(reverse("account_email_verification_sent"), {"code": code})


def test_a_code_makes_the_visitor_a_member(client, rules):
    rules(default_reach="premium", first_contact_lands="inbox")
    answer = sign_up(client, name="  Dora   Lindqvist ", email="Dora@Example.org")
    assert answer.url == reverse("account_email_verification_sent")
    member = Member.objects.get()
    assert (member.email, member.name, member.is_active) == ("dora@example.org", "Dora Lindqvist", False)
    assert client.get(reverse("accounts:settings_profile")).status_code == 302

    answer = type_code(client, code_of("dora@example.org"))

    assert answer.status_code == 302
    member.refresh_from_db()
    assert member.is_active
    assert member.check_password(PASSWORD)
    assert (member.reach.who, member.reach.first_contacts_land) == ("premium", "inbox")
    assert member.profile.search_text == "dora lindqvist"
    assert client.get(reverse("accounts:settings_profile")).status_code == 200
    assert EmailAddress.objects.get(user=member).verified


def test_until_then_nobody_finds_the_visitor(client):
    sign_up(client)

    assert not Member.objects.active().exists()


def test_a_wrong_code_makes_nobody_a_member(client):
    sign_up(client)

    assert type_code(client, "000000").status_code != 302
    assert not Member.objects.active().exists()


def test_the_visitor_may_come_back_later_by_password_and_gets_another_code(client):
    sign_up(client)
    first = code_of("dora@example.org")
    later = Client()
    # One mail in ten seconds to one address.
    cache.clear()

    answer = later.post(reverse("account_login"), {"login": "DORA@example.org", "password": PASSWORD})
    assert answer.url == reverse("account_email_verification_sent")
    second = code_of("dora@example.org")
    assert second != first

    type_code(later, second)
    assert Member.objects.active().exists()


def test_a_taken_address_gets_the_same_page_and_a_mail_of_its_own(client, person):
    person("Ada Okafor")
    taken, free = Client(), Client()
    answers = [sign_up(taken, email="person0@example.org"), sign_up(free, email="nobody@example.org")]
    assert answers[0].url == answers[1].url
    pages = [visitor.get(answers[0].url).content.decode() for visitor in (taken, free)]
    plain = [re.sub(r'value="[A-Za-z0-9]{64}"', "", page).replace("person0@", "nobody@") for page in pages]
    assert plain[0] == plain[1]

    assert Notice.objects.get(address="person0@example.org").kind == "account/account_already_exists"
    assert Notice.objects.get(address="nobody@example.org").kind == "account/email_confirmation_signup"
    assert Member.objects.filter(email="person0@example.org").count() == 1
    wrong = [type_code(visitor, "ABCDEF").status_code for visitor in (taken, free)]
    assert wrong[0] == wrong[1]


def test_a_taken_address_costs_as_many_password_hashes_as_a_free_one(person, monkeypatch):
    person("Ada Okafor")
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *facts: hashed.append(1) or encode(*facts))

    sign_up(Client(), email="nobody@example.org")
    free = len(hashed)
    sign_up(Client(), email="person0@example.org")

    assert free > 0
    assert len(hashed) == 2 * free


def test_nobody_holds_anothers_address_by_signing_up_with_it(client):
    sign_up(Client(), name="Mallory", password="mallory was here 1")
    cache.clear()

    sign_up(client)
    type_code(client, code_of("dora@example.org"))

    member = Member.objects.get()
    assert (member.name, member.is_active) == ("Dora Lindqvist", True)
    assert not member.check_password("mallory was here 1")


def test_a_double_click_leaves_the_shown_page_working(client):
    sign_up(client)
    cache.clear()
    sign_up(client)

    type_code(client, code_of("dora@example.org"))

    assert Member.objects.active().count() == 1


def test_the_same_address_in_another_request_at_the_same_time_is_no_error(client, monkeypatch):
    join = members.join

    def lose_the_race(**facts):
        monkeypatch.setattr(members, "join", join)
        join(**facts)
        return join(**facts)

    monkeypatch.setattr(members, "join", lose_the_race)

    assert sign_up(client).url == reverse("account_email_verification_sent")
    assert Member.objects.count() == 1


def test_sign_ups_that_nobody_confirmed_are_forgotten_after_a_day(client, person, at):
    deactivated = person("Ada Okafor", is_active=False)
    sign_up(client)
    joined = Member.objects.get(email="dora@example.org").joined_at

    assert members.forget_lapsed(at=joined + members.UNCONFIRMED_KEPT) == 0
    tasks.clear_sessions.apply()
    assert Member.objects.count() == 2
    assert members.forget_lapsed(at=joined + members.UNCONFIRMED_KEPT * 2) == 1
    assert Member.objects.get() == deactivated


def test_a_closed_site_takes_nobody(client, settings):
    settings.SIGNUP_OPEN = False

    sign_up(client)

    assert client.get(reverse("account_signup")).status_code == 200
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "\u200b\u2800",
        "Ada\u202eOkafor",
        "Ada\u200bOkafor",
        "Ada\u0007Okafor",
        "Ada\nOkafor",
        "Ada\x0bOkafor",
        "Ada\x85Okafor",
        "Ada\u2028Okafor",
        "Ada\x00Okafor",
        "\u2066Ada\u2069",
        "Z" + "\u0301" * 12,
        "🎉🎉",
        "x" * 101,
        "Ada \ufeffOkafor",
        "A\ue000da",
    ],
    ids=lambda name: ascii(name)[:24],
)
def test_a_name_that_others_cannot_read_is_refused_and_kept_in_the_field(client, name):
    answer = sign_up(client, name=name)

    assert not Member.objects.exists()
    assert answer.context["form"].errors["name"]
    assert b'value="dora@example.org"' in answer.content


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script> Ada",
        "=HYPERLINK(1) Ada",
        "{{ settings.SECRET_KEY }}",
        "'; DROP TABLE accounts_member; --",
        "نیلوفر می\u200cخواهم",
        "Anna Ber\u0301g",
        "李小龙",
        "O’Brien-Ñandú Jr.",
        "Ada 👩\u200d💻",
        "x" * 100,
        "\ufdfa" * 100,
        "A%_\\",
    ],
    ids=lambda name: ascii(name)[:24],
)
def test_a_name_of_any_script_is_taken_as_it_is_and_shown_as_text(client, name):
    sign_up(client, name=name)
    type_code(client, code_of("dora@example.org"))

    page = client.get(reverse("accounts:settings_profile"))

    assert page.context["form"]["name"].value() == Member.objects.get().name
    assert b"<script>alert(1)" not in page.content
