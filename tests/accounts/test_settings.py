"""A member's own settings: what is wrong is said beside its field, what was typed stays, nobody else's change."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import profiles
from accounts.models import Profile, Reach

pytestmark = pytest.mark.django_db

PROFILE = {
    "name": "Ada Okafor",
    "handle": "ada-okafor",
    "headline": "Reads letters",
    "company": "Okafor & Söhne",
    "location": "Köln",
    "about": "First line\r\nSecond line",
    "time_zone": "Europe/Berlin",
    "language": "de",
}


@pytest.fixture
def signed_in(client, ada):
    client.force_login(ada)
    return client


def save(client, **typed):
    return client.post(reverse("accounts:settings_profile"), PROFILE | typed)


def test_a_profile_is_saved_and_found(signed_in, ada):
    answer = save(signed_in)

    assert answer.url == reverse("accounts:settings_profile")
    ada.refresh_from_db()
    assert (ada.name, ada.name_folded, ada.handle) == ("Ada Okafor", "ada okafor", "ada-okafor")
    assert (ada.time_zone, ada.language) == ("Europe/Berlin", "de")
    profile = Profile.objects.get(member=ada)
    assert profile.about == "First line\nSecond line"
    assert profile.search_text == "ada okafor reads letters okafor sohne koln"
    assert profile.place_words == "koln"


def test_the_handle_stays_when_the_name_changes(signed_in, ada):
    save(signed_in, handle=ada.handle, name="Ada Baptiste")

    before = ada.handle
    ada.refresh_from_db()
    assert (ada.name, ada.handle) == ("Ada Baptiste", before)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 101),
        ("name", "\u200b"),
        ("handle", ""),
        ("handle", "a b"),
        ("handle", "ab"),
        ("handle", "-ada"),
        ("handle", "x" * 41),
        ("handle", "support"),
        ("handle", "S-t-a-f-f"),
        ("handle", "ada\u0430"),
        ("headline", "x" * 161),
        ("headline", "two\u2028lines"),
        ("headline", "two\nlines"),
        ("company", "\u202eevil"),
        ("location", "a\x00b"),
        ("about", "x" * 2001),
        ("about", "a\x00b"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", ""),
        ("language", "xx"),
        ("language", ""),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(signed_in, ada, field, typed):
    answer = save(signed_in, **{field: typed})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["headline" if field != "headline" else "company"].value()
    ada.refresh_from_db()
    assert ada.handle != "ada-okafor"


def test_too_long_a_text_is_kept_whole(signed_in):
    typed = "é" * 161

    answer = save(signed_in, headline=typed)

    assert typed in answer.content.decode()
    assert "maxlength" not in answer.content.decode()


def test_lengths_are_counted_in_code_points_after_composing(signed_in, ada):
    assert save(signed_in, headline="e\u0301" * 160).status_code == 302
    assert Profile.objects.get(member=ada).headline == "é" * 160
    assert save(signed_in, about="\r\n".join(["x"] * 1000) + "x").status_code == 302


def test_anothers_handle_is_refused_also_when_both_save_at_once(signed_in, ada, ben):
    answer = save(signed_in, handle=ben.handle.upper())

    assert answer.status_code == 422
    assert "Somebody else has this handle." in answer.context["form"].errors["handle"]
    with pytest.raises(profiles.HandleTaken):
        profiles.save_profile(member=ada, **PROFILE | {"handle": ben.handle})
    assert Profile.objects.get(member=ada).headline == ""


def test_no_posted_field_changes_anything_else(signed_in, ada, ben):
    evil = {
        "is_staff": "on",
        "is_superuser": "on",
        "email": "x@example.org",
        "id": ben.pk,
        "member": ben.pk,
        "pk": ben.pk,
    }
    save(signed_in, **evil)

    ada.refresh_from_db()
    ben.refresh_from_db()
    assert (ada.is_staff, ada.is_superuser, ada.email) == (False, False, "person0@example.org")
    assert ben.name == "Ben Haddad"


def test_mail_about_messages_goes_off_and_on(signed_in, ada, ben):
    address = reverse("accounts:settings_notices")
    signed_in.post(address, {})
    assert not Reach.objects.get(member=ada).wants_message_mail
    assert Reach.objects.get(member=ben).wants_message_mail

    signed_in.post(address, {"wants_message_mail": "on"})
    assert Reach.objects.get(member=ada).wants_message_mail


def test_shortcuts_go_off_and_on(signed_in, ada):
    address = reverse("accounts:settings_shortcuts")
    signed_in.post(address, {})
    assert not Reach.objects.get(member=ada).uses_shortcuts
    assert b"data-shortcuts" not in signed_in.get(address).content

    signed_in.post(address, {"uses_shortcuts": "on"})
    assert b"data-shortcuts" in signed_in.get(address).content


def test_the_theme_is_printed_by_the_server_from_the_next_page_on(signed_in):
    address = reverse("accounts:settings_appearance")
    assert b"data-theme" not in signed_in.get(address).content

    signed_in.post(address, {"theme": "dark"})
    assert b'data-theme="dark"' in signed_in.get(address).content

    signed_in.post(address, {"theme": "system"})
    assert b"data-theme" not in signed_in.get(address).content
    assert signed_in.post(address, {"theme": '"><script>'}).status_code == 422


@pytest.mark.parametrize("name", ["profile", "notices", "shortcuts", "appearance"])
def test_visitors_are_asked_to_sign_in_and_forms_need_their_token(name, ada):
    address = reverse(f"accounts:settings_{name}")
    assert Client().get(address).url.startswith(reverse("account_login"))

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(address, PROFILE).status_code == 403


@pytest.mark.parametrize("name", ["profile", "notices", "shortcuts", "appearance"])
def test_every_page_stands_alone_with_one_heading_and_nothing_inline(signed_in, name):
    text = signed_in.get(reverse(f"accounts:settings_{name}")).content.decode()

    assert text.count("<h1") == 1
    assert " style=" not in text
    assert "<script>" not in text


@pytest.mark.parametrize("name", ["profile", "notices", "shortcuts", "appearance"])
def test_a_page_asks_the_database_as_often_with_many_members(signed_in, person, name, django_assert_max_num_queries):
    address = reverse(f"accounts:settings_{name}")
    for number in range(30):
        person(f"Person {number}")

    with django_assert_max_num_queries(16):
        signed_in.get(address)
