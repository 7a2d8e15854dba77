"""Inbox, Awaiting, Sent, Archive, Requests: what a line says, and pages that cost the same at any length."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.clock import set_to
from accounts.models import Member
from billing import refunds
from messaging import answering, trays
from messaging.drafts import new_send_key, save_draft
from messaging.models import Conversation

Browse = Callable[[Member], Client]
Send = Callable[..., Any]
Connect = Callable[..., None]

LISTS = ("inbox", "requests", "awaiting", "sent", "archive", "drafts", "people", "compose_choose")


def page(client: Client, name: str, **query: str) -> str:
    return client.get(reverse(f"messaging:{name}"), query).content.decode()


def test_an_empty_inbox_says_what_will_be_there(outsider: Member, browse: Browse, clock: datetime) -> None:
    shown = page(browse(outsider), "inbox")

    assert "Nothing here yet" in shown
    assert "People you don’t know wait in Requests." in shown
    assert "Find people" in shown


def test_an_emptied_inbox_says_done(
    sender: Member, recipient: Member, connect: Connect, send: Send, browse: Browse, at: datetime, clock: datetime
) -> None:
    connect(sender, recipient, at=at)
    send(sender, recipient, at=at)
    trays.archive_conversation(conversation=Conversation.objects.get(), member=sender, at=at)

    assert "You are done" in page(browse(sender), "inbox")
    assert "Tomas Lind" in page(browse(sender), "archive")


def test_a_line_says_until_when_a_credit_can_come_back(
    sender: Member, recipient: Member, send: Send, browse: Browse, at: datetime
) -> None:
    send(sender, recipient, at=at)
    with set_to(at + timedelta(days=1)):
        assert "Until 20 Feb" in page(browse(sender), "inbox")
        assert "Follow up" not in page(browse(sender), "awaiting")
    with set_to(at + timedelta(days=7)):
        assert "No answer yet" in page(browse(sender), "inbox")
        assert "Follow up" in page(browse(sender), "awaiting")
        assert "Sent 7 days ago" in page(browse(sender), "awaiting")


def test_a_returned_credit_is_said_until_the_answer_is_read(
    sender: Member, recipient: Member, send: Send, browse: Browse, at: datetime
) -> None:
    sent = send(sender, recipient, at=at).message
    answered = at + timedelta(hours=1)
    answering.answer(conversation=sent.conversation, member=recipient, answer="later", at=answered)
    later = answered + timedelta(minutes=1)
    refunds.return_due(at=later, limit=10)

    with set_to(later):
        assert "Credit back" in page(browse(sender), "inbox")
        assert "Maybe later" in page(browse(sender), "inbox")
        trays.mark_read(conversation=sent.conversation, member=sender, at=later)
        assert "Credit back" not in page(browse(sender), "inbox")
        assert "Nothing is waiting" in page(browse(sender), "awaiting")


def test_strangers_are_one_quiet_line_and_no_number(
    sender: Member, recipient: Member, send: Send, browse: Browse, at: datetime
) -> None:
    send(sender, recipient, at=at)
    with set_to(at + timedelta(minutes=1)):
        inbox = page(browse(recipient), "inbox")

    assert "1 person you don’t know" in inbox
    assert "Nadia Osei" not in inbox
    assert 'class="count"' not in inbox
    fold = inbox.index('<details class="quiet-fold" open>')
    assert fold < inbox.index("1 person you don’t know") < inbox.index("</details>", fold)


def test_tabs_narrow_the_inbox(
    sender: Member, recipient: Member, outsider: Member, connect: Connect, send: Send, browse: Browse, at: datetime
) -> None:
    connect(sender, outsider, at=at)
    send(outsider, sender, at=at)
    send(sender, recipient, at=at)
    with set_to(at + timedelta(minutes=1)):
        client = browse(sender)
        unread, inmail = page(client, "inbox", view="unread"), page(client, "inbox", view="inmail")

    assert "Vera Kranz" in unread
    assert "Tomas Lind" not in unread
    assert "Tomas Lind" in inmail
    assert "Vera Kranz" not in inmail


def test_a_list_goes_on_where_the_page_before_ended(
    sender: Member, make_member: Callable[..., Member], connect: Connect, send: Send, browse: Browse, at: datetime
) -> None:
    _fill(sender, make_member, connect, send, at=at, count=51)
    with set_to(at + timedelta(days=1)):
        client = browse(sender)
        response = client.get(reverse("messaging:inbox"))
        older = response.context["older"]
        second = page(client, "inbox", before=older)

    assert len(response.context["rows"]) == 50
    assert "Friend 000" not in response.content.decode()
    assert "Friend 000" in second
    assert "Friend 001" not in second


def test_a_long_list_asks_the_database_no_more_than_a_short_one(
    sender: Member, make_member: Callable[..., Member], connect: Connect, send: Send, browse: Browse, at: datetime
) -> None:
    client = browse(sender)
    counts: list[dict[str, int]] = []
    for first, count in ((0, 2), (2, 7)):
        _fill(sender, make_member, connect, send, at=at, count=count, first=first)
        _reach_out(sender, make_member, send, at=at + timedelta(minutes=1 + first), count=count)
        _be_written_to(sender, make_member, send, at=at + timedelta(minutes=20 + first), count=count)
        with set_to(at + timedelta(hours=2)):
            counts.append({name: _queries(client, reverse(f"messaging:{name}")) for name in LISTS})

    assert counts[0] == counts[1]


def test_a_long_conversation_asks_the_database_no_more_than_a_short_one(
    sender: Member, recipient: Member, connect: Connect, send: Send, browse: Browse, at: datetime
) -> None:
    connect(sender, recipient, at=at)
    client = browse(sender)
    counts = []
    for first, count in ((0, 2), (2, 20)):
        for number in range(first, first + count):
            writer, reader = (sender, recipient) if number % 2 else (recipient, sender)
            send(writer, reader, at=at + timedelta(seconds=number), body=f"Word {number}")
        with set_to(at + timedelta(hours=2)):
            counts.append(_queries(client, Conversation.objects.get().get_absolute_url()))

    assert counts[0] == counts[1]


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def _reach_out(sender: Member, make_member: Callable[..., Member], send: Send, *, at: datetime, count: int) -> None:
    for number in range(count):
        stranger = make_member(f"Stranger {number}")
        message = send(sender, stranger, at=at + timedelta(seconds=number), body=f"Question {at} {number}?").message
        save_draft(
            member=sender,
            recipient=make_member("Later"),
            subject="s",
            body="b",
            purpose="",
            send_key=new_send_key(),
            at=at,
        )
        if number % 2:
            answering.answer(
                conversation=message.conversation,
                member=stranger,
                answer="accept",
                at=at + timedelta(seconds=number, minutes=1),
            )


def _be_written_to(sender: Member, make_member: Callable[..., Member], send: Send, *, at: datetime, count: int) -> None:
    for number in range(count):
        send(make_member("Writer", plan="premium-business"), sender, at=at + timedelta(seconds=number))


def _fill(
    sender: Member,
    make_member: Callable[..., Member],
    connect: Connect,
    send: Send,
    *,
    at: datetime,
    count: int,
    first: int = 0,
) -> None:
    """Friends who wrote, one after the other."""
    for number in range(first, first + count):
        friend = make_member(f"Friend {number:03}")
        connect(sender, friend, at=at)
        send(friend, sender, at=at + timedelta(seconds=number))
