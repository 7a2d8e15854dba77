"""The page of reach: limits within the site's, the sentences for what is not saved yet, and what strangers read."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member, Reach
from messaging.previewing import as_strangers_see
from messaging.verdicts import verdict_for
from tests.only_reading import nothing_written

Browse = Callable[[Member], Client]
Make = Callable[..., Member]
CHOICES: dict[str, Any] = {
    "who": "everyone",
    "purposes_taken": ["job_offer"],
    "first_contacts_land": "requests",
    "requests_mail": "each",
}


def test_the_summary_says_the_limits_before_they_are_saved(recipient: Member, browse: Browse, clock: datetime) -> None:
    client = browse(recipient)
    with nothing_written():
        meant = client.get(reverse("messaging:reach_summary"), CHOICES | {"cap_week": "2"}).content.decode()

    assert "Up to 2 new people a week may write to you first about job offers, for a credit." in meant
    assert "That you opened a message is not counted." in meant


def words(client: Client, page: str, choices: dict[str, Any]) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(page, choices).content.decode()).split())


def test_where_premium_members_reach_one_another_the_summary_does_not_promise_otherwise(
    sender: Member, recipient: Member, rule: Callable[..., None], browse: Browse, clock: datetime
) -> None:
    rule(premium_reaches_premium=True)
    page, closed = reverse("messaging:reach_summary"), CHOICES | {"wants_open_profile": "off"}
    passing_by = "Premium members reach you in the Inbox, whatever purposes and numbers you choose here."
    premium, plain = browse(sender), browse(recipient)
    assert f"about job offers, for a credit. First messages wait in Requests. {passing_by}" in words(
        premium, page, closed
    )
    assert f"about nothing. {passing_by}" in words(premium, page, closed | {"purposes_taken": []})
    assert passing_by not in words(premium, page, closed | {"who": "nobody"})
    assert passing_by not in words(plain, page, CHOICES)


def test_the_limits_are_saved_and_emptied_again(recipient: Member, browse: Browse, clock: datetime) -> None:
    client, page = browse(recipient), reverse("messaging:settings_reach")
    limits = {"cap_day": "1", "cap_week": "2", "hides_caps": "on", "requests_mail": "daily"}

    client.post(page, CHOICES | limits)
    saved = Reach.objects.get(member=recipient)
    assert (saved.cap_day, saved.cap_week, saved.hides_caps, saved.requests_mail) == (1, 2, True, "daily")
    assert not saved.shares_receipts

    client.post(page, CHOICES | {"cap_day": "", "cap_week": "", "shares_receipts": "on"})
    saved.refresh_from_db()
    assert (saved.cap_day, saved.cap_week, saved.hides_caps, saved.shares_receipts) == (None, None, False, True)


@pytest.mark.parametrize(
    ("typed", "said"), [("26", "At most 25."), ("0", "At least 1"), ("two", "Type a whole number")]
)
def test_a_limit_that_cannot_be_is_422_beside_its_field(
    recipient: Member, browse: Browse, clock: datetime, typed: str, said: str
) -> None:
    answer = browse(recipient).post(reverse("messaging:settings_reach"), CHOICES | {"cap_week": typed})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Reach.objects.get(member=recipient).cap_week is None


@pytest.mark.parametrize(
    "reach",
    [{}, {"who": "nobody"}, {"who": "premium"}, {"who": "premium", "cap_week": 1}, {"hides_caps": True, "cap_day": 1}],
)
def test_the_preview_is_what_real_strangers_read(
    make_member: Make, send: Callable[..., Any], at: datetime, reach: dict[str, Any]
) -> None:
    member = make_member("Tomas Lind", **reach)
    if "cap_week" in reach or "cap_day" in reach:
        send(make_member("Ada Okafor", plan="premium-business"), member, at=at)
    free, paying = make_member("Sam Rivera"), make_member("Mei Tanaka", plan="premium-business")
    for view, stranger in zip(as_strangers_see(member, at=at), (free, paying), strict=True):
        read = verdict_for(stranger, member, at=at)
        assert (view.verdict.sentence, view.verdict.badge) == (read.sentence, read.badge)


def test_the_preview_stands_on_the_page(recipient: Member, browse: Browse, clock: datetime) -> None:
    Reach.objects.filter(member=recipient).update(who="premium")

    page = browse(recipient).get(reverse("messaging:settings_reach")).content.decode()

    assert "What a stranger sees" in page
    assert "takes InMail from premium members only." in page
    assert "Uses 1 of 15 credits." in page
