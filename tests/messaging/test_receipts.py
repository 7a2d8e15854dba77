"""The share of opened messages counts only who agreed, and says nothing of fewer than ten."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import set_to
from accounts.models import Member
from messaging import answering, trays
from messaging.models import Message
from messaging.receipts import opened_share

MINUTE = timedelta(minutes=1)


@pytest.fixture
def written(
    make_member: Callable[..., Member], sender: Member, send: Callable[..., Any], at: datetime
) -> list[Message]:
    """Ten messages to people who are counted, and two to people who are not."""
    shares = [True] * 10 + [False] * 2
    people = [make_member(f"Person {number}", shares_receipts=share) for number, share in enumerate(shares)]
    return [
        send(sender, person, at=at, body=f"Dear {person.name}, " + f"w{person.pk} " * 9).message for person in people
    ]


def test_opened_and_answered_messages_count_of_those_who_share(
    written: list[Message], sender: Member, browse: Callable[[Member], Client], at: datetime
) -> None:
    later = at + MINUTE
    for message in (*written[:3], *written[10:]):
        trays.mark_read(conversation=message.conversation, member=message.recipient, at=later)
    answering.answer(conversation=written[4].conversation, member=written[4].recipient, answer="later", at=later)

    assert opened_share(sender, at=later) == (4, 10)
    with set_to(later):
        assert "4 of 10: 40%" in browse(sender).get(reverse("messaging:cases")).content.decode()


def test_what_was_seen_before_it_came_is_not_opened(written: list[Message], sender: Member, at: datetime) -> None:
    trays.mark_read(conversation=written[0].conversation, member=written[0].recipient, at=at)

    assert opened_share(sender, at=at + MINUTE) == (0, 10)


def test_of_fewer_than_ten_nothing_is_said(written: list[Message], sender: Member, at: datetime) -> None:
    member = written[0].recipient
    member.reach.shares_receipts = False
    member.reach.save()

    assert opened_share(sender, at=at + MINUTE) is None
    assert opened_share(sender, at=at + timedelta(days=91)) is None
