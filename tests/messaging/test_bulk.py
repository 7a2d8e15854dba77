"""Everybody in Requests is answered at once: asked first, only what was seen, and one Undo for all of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import blocks
from accounts.clock import set_to
from accounts.models import Member
from billing import refunds
from billing.models import Charge, Entry
from messaging import bulk, trays
from messaging.forms import position_of
from messaging.models import Message, Participation
from messaging.verdicts import verdict_for
from tests.only_reading import nothing_written

Send = Callable[..., Any]
Browse = Callable[[Member], Client]
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NAMES = ("Nadia Osei", "Paul Roy", "Bea Kurz", "Ada Okafor", "Mei Tanaka")


@pytest.fixture
def senders(make_member: Callable[..., Member], recipient: Member, send: Send, at: datetime) -> list[Member]:
    """Five who wrote to the recipient, one after the other."""
    found = [make_member(name, plan="premium-business") for name in NAMES]
    for number, one in enumerate(found):
        send(one, recipient, at=at + number * SECOND)
    return found


def seen_of(member: Member, *, at: datetime) -> tuple[datetime, int]:
    newest = bulk.newest(member, at=at)
    assert newest is not None
    return newest


def test_declining_all_asks_first_and_gives_five_credits_back(
    senders: list[Member], recipient: Member, browse: Browse, at: datetime
) -> None:
    later, client = at + MINUTE, browse(recipient)
    with set_to(later):
        page = client.get(reverse("messaging:requests")).content.decode()
        assert "5 people outside your network." in page
        through = position_of(*seen_of(recipient, at=later))
        assert f"{reverse('messaging:answer_all', args=['decline'])}?through={through}" in page
        with nothing_written():
            asked = client.get(reverse("messaging:answer_all", args=["decline"]), {"through": through}).content.decode()
        assert "5 senders are told no; credits still in time come back." in asked
        assert "Decline 5 requests" in asked

        told = client.post(reverse("messaging:answer_all", args=["decline"]), {"through": through}, follow=True)
        assert "Answered 5 requests: No thanks." in told.content.decode()
        assert "Nobody new is waiting" in told.content.decode()
    refunds.return_due(at=later + MINUTE)

    assert Entry.objects.filter(kind="refund").count() == 5
    assert {verdict_for(one, recipient, at=later + MINUTE).code for one in senders} == {"declined"}


def test_one_undo_takes_all_of_it_back_unseen(
    senders: list[Member], recipient: Member, browse: Browse, at: datetime
) -> None:
    later, client = at + MINUTE, browse(recipient)
    through = position_of(*seen_of(recipient, at=later))
    with set_to(later):
        client.post(reverse("messaging:answer_all", args=["accept"]), {"through": through})
        assert not trays.requests(recipient, later).exists()
    with set_to(later + 9 * SECOND):
        page = client.post(reverse("messaging:take_back_all"), follow=True).content.decode()

    assert "Taken back. Nobody was told." in page
    assert trays.requests(recipient, later + MINUTE).count() == 5
    assert not Charge.objects.filter(answered_at__isnull=False).exists()
    theirs = Participation.objects.exclude(member=recipient)
    assert not theirs.filter(coming_message__kind=Message.Kind.ANSWER).exists()
    assert not Participation.objects.filter(member=recipient, opened_at__isnull=False).exists()


def test_after_ten_seconds_it_is_too_late_and_said_so(
    senders: list[Member], recipient: Member, browse: Browse, at: datetime
) -> None:
    later, client = at + MINUTE, browse(recipient)
    with set_to(later):
        through = position_of(*seen_of(recipient, at=later))
        client.post(reverse("messaging:answer_all", args=["accept"]), {"through": through})
    with set_to(later + 10 * SECOND):
        page = client.post(reverse("messaging:take_back_all"), follow=True).content.decode()
        assert "It is too late to take back 5 answers: they were told." in page
        assert (
            "There is nothing to take back."
            in client.post(reverse("messaging:take_back_all"), follow=True).content.decode()
        )

    assert not trays.requests(recipient, later + MINUTE).exists()


def test_what_came_after_the_page_was_shown_waits(
    senders: list[Member],
    recipient: Member,
    outsider: Member,
    make_member: Callable[..., Member],
    send: Send,
    at: datetime,
) -> None:
    seen = seen_of(recipient, at=at + MINUTE)
    send(make_member("Late Comer", plan="premium-business"), recipient, at=at + 2 * MINUTE)

    answered = bulk.answer_all(member=recipient, answer="no_thanks", up_to=seen, at=at + 3 * MINUTE)

    assert (len(answered.taps), answered.left) == (5, 0)
    assert [side.other.name for side in trays.requests(recipient, at + 3 * MINUTE)] == ["Late Comer"]


def test_whom_no_answer_reaches_is_left_and_counted(senders: list[Member], recipient: Member, at: datetime) -> None:
    blocks.block(blocker=senders[0], blocked=recipient, at=at + MINUTE)

    answered = bulk.answer_all(
        member=recipient, answer="accept", up_to=seen_of(recipient, at=at + MINUTE), at=at + 2 * MINUTE
    )

    assert (len(answered.taps), answered.left) == (4, 1)
    assert bulk.take_back_all(member=recipient, taps=answered.taps, at=at + 2 * MINUTE + SECOND) == 0


def test_only_two_answers_are_given_to_all(recipient: Member, browse: Browse, clock: datetime) -> None:
    assert browse(recipient).get("/requests/all/stop/").status_code == 404
    assert "Nobody new is waiting" in browse(recipient).get("/requests/all/accept/").content.decode()
