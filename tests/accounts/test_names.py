"""Names that would deceive: those of the site and its staff are refused, two alphabets in a word are marked."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.forms.fields import NameField
from accounts.look_alikes import mixes_alphabets, speaks_for_the_site

DECEIVING = [
    "Admin",
    "ADMINISTRATOR",
    "Adrnin",
    "Аdmin",
    "Adm1n Anna",
    "Àdmin",
    "Postern",
    "P0stern",
    "Postern Support",
    "Support Team",
    "Staff",
    "$taff",
    "Official  Help",
    "ad\u00admin",
]
HONEST = [
    "Ann Staff",
    "Marie Helper",
    "Rootger Team-Nilsen",
    "Анна Иванова",
    "Έλενα",
    "Postern Ekeland",
    "李娜",
    "Al 7",
]


@pytest.mark.parametrize("name", DECEIVING)
def test_a_name_of_the_site_or_its_staff_is_refused(name):
    assert speaks_for_the_site(name)
    with pytest.raises(ValidationError):
        NameField().clean(name)


@pytest.mark.parametrize("name", HONEST)
def test_a_name_of_a_person_is_taken(name):
    assert not speaks_for_the_site(name)
    assert NameField().clean(name) == name


def test_a_site_called_like_a_person_has_members_of_that_first_name(settings):
    settings.SITE_NAME = "Ada Lovelace Society"
    assert [speaks_for_the_site(name) for name in ("Ada Lovelace", "Ada Lovelace Society", "Ada Support")] == [
        False,
        True,
        True,
    ]


def test_two_alphabets_in_one_word_are_noticed_and_two_words_in_two_are_not():
    assert [
        mixes_alphabets(name) for name in ("Аnna", "Ann Αlpha", "Анна Smith", "Анна Ivanova-Петрова", "李Anna")
    ] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.django_db
def test_the_marks_stand_where_a_stranger_is_judged(browse, make_member, clock):
    reader, imitator = make_member("Nadia Osei"), make_member("Tomаs Lind")
    staff = make_member("Rosa Weber")
    staff.is_staff = True
    staff.save(update_fields=["is_staff"])
    client = browse(reader)
    pages = [client.get(member.get_absolute_url()).content.decode() for member in (imitator, staff, make_member("Mei"))]
    assert ["Name in two alphabets" in page for page in pages] == [True, False, False]
    assert [">Staff</span>" in page for page in pages] == [False, True, False]


@pytest.mark.django_db
def test_the_refused_name_stays_in_the_form(browse, make_member, clock):
    member = make_member("Nadia Osei")
    answer = browse(member).post(reverse("accounts:settings_profile"), {"name": "Site Admin", "handle": member.handle})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This name is kept for the site and its staff." in page and 'value="Site Admin"' in page
