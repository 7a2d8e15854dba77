"""How instants, credits, money and sentences are written on every page."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone

from accounts.templatetags import postern

AT = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def write(markup: str, **values: object) -> str:
    return Template("{% load postern %}" + markup).render(Context({"at": AT, **values}))


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2026, 11, 22, 9, 42, tzinfo=UTC), "10:42"),
        (datetime(2026, 11, 21, 22, 59, tzinfo=UTC), "Yesterday"),
        (datetime(2026, 11, 21, 23, 0, tzinfo=UTC), "00:00"),
        (datetime(2026, 11, 16, 12, 0, tzinfo=UTC), "Mon"),
        (datetime(2026, 11, 3, 12, 0, tzinfo=UTC), "3 Nov"),
        (datetime(2025, 11, 3, 12, 0, tzinfo=UTC), "3 Nov 2025"),
    ],
)
def test_a_list_says_when_as_shortly_as_is_clear_in_the_members_zone(instant: datetime, words: str) -> None:
    with timezone.override("Europe/Berlin"):
        assert f">{words}</time>" in write("{% moment instant %}", instant=instant)


def test_a_deadline_names_its_zone() -> None:
    with timezone.override("Europe/Berlin"):
        text = write("{% deadline instant %}", instant=datetime(2027, 2, 20, 9, 42, tzinfo=UTC))
    assert ">20 Feb 2027, 10:42 CET</time>" in text
    assert 'datetime="2027-02-20T09:42:00+00:00"' in text


def test_a_near_day_leaves_its_year_out() -> None:
    assert ">20 Feb</time>" in write("{% day instant short=True %}", instant=datetime(2027, 2, 20, tzinfo=UTC))
    assert ">2 Oct 2027</time>" in write("{% day instant short=True %}", instant=datetime(2027, 10, 2, tzinfo=UTC))


def test_a_change_of_credits_carries_its_sign() -> None:
    assert [postern.delta(change) for change in (1, -1, 1500)] == ["+1", "−1", "+1,500"]


def test_money_carries_its_currency_and_no_empty_cents() -> None:
    assert [
        postern.money(2999, "USD"),
        postern.money(1000, "EUR"),
        postern.money(500, "JPY"),
    ] == ["$29.99", "€10", "500 JPY"]


@pytest.mark.parametrize(
    ("sentence", "lead", "rest"),
    [
        ("Free. You and Mei are connected.", "Free.", "You and Mei are connected."),
        (
            "Dr. Mei Tanaka said no. You can write later.",
            "Dr. Mei Tanaka said no.",
            "You can write later.",
        ),
        ("This is you.", "This is you.", ""),
    ],
)
def test_a_verdict_leads_with_its_first_sentence(sentence: str, lead: str, rest: str) -> None:
    assert (postern.lead(sentence), postern.rest(sentence)) == (lead, rest)


def test_an_avatar_shows_the_first_letters_of_first_and_last_name() -> None:
    assert [postern.initials(name) for name in ("Ada Okafor", "Ada", "ada de la cruz", "王 芳", "!!")] == [
        "AO",
        "A",
        "AC",
        "王芳",
        "?",
    ]
    assert postern.hue("ada") == postern.hue("ada")


def test_titles_of_allauth_are_written_like_ours() -> None:
    titles = ["Two-Factor Authentication", "\n  IP Address ", "Enter Email Verification Code", "<b>As Is</b>"]
    assert [postern.sentence_case(title) for title in titles] == [
        "Two-factor authentication",
        "IP address",
        "Enter email verification code",
        "<b>As Is</b>",
    ]


def test_text_of_members_is_never_markup() -> None:
    assert "<script" not in write("{{ name|initials }}{{ name|lead }}", name="<script>alert(1)</script>")
