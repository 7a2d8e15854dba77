"""A conversation, and the requests that become one."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import set_to
from accounts.models import Block, Member
from billing import refunds
from messaging.models import Conversation, Message, Participation

Browse = Callable[[Member], Client]
Send = Callable[..., Any]


@pytest.fixture
def conversation(sender: Member, recipient: Member, send: Send, at: datetime) -> Conversation:
    """An InMail with a link, delivered."""
    body = "Would you talk to us? https://cedar.example/role"
    message: Message = send(sender, recipient, at=at - timedelta(hours=1), body=body).message
    return message.conversation


def address(name: str, of: Conversation | Message) -> str:
    return reverse(f"messaging:{name}", args=[of.public_id])


def shown(client: Client, conversation: Conversation) -> str:
    return client.get(conversation.get_absolute_url()).content.decode()


def side(member: Member) -> Participation:
    return Participation.objects.get(member=member)


def test_a_card_shows_who_why_and_the_whole_text(
    conversation: Conversation, recipient: Member, browse: Browse, clock: datetime
) -> None:
    page = browse(recipient).get(reverse("messaging:requests")).content.decode()

    assert "Nadia Osei" in page
    assert "Job offer" in page
    assert "Platform lead" in page
    assert "Would you talk to us? https://cedar.example/role" in page
    assert "Why here: first messages wait here, as you chose." in page
    assert "Any answer, also no, gives Nadia the credit back." in page
    for answer in (
        "Accept",
        "Interested",
        "Maybe later",
        "No thanks",
        "More answers",
        "Wrong person",
        "Stop writing to me",
    ):
        assert answer in page, answer


def test_links_are_text_until_the_recipient_answers(
    conversation: Conversation, recipient: Member, browse: Browse, at: datetime
) -> None:
    client = browse(recipient)
    with set_to(at):
        assert 'href="https://cedar.example' not in shown(client, conversation)
        assert 'href="https://cedar.example' not in client.get(reverse("messaging:requests")).content.decode()
        client.post(address("answer", conversation), {"answer": "accept"})
    with set_to(at + timedelta(seconds=10)):
        page = shown(client, conversation)
    assert '<a href="https://cedar.example/role" rel="nofollow noopener noreferrer ugc">' in page


def test_a_no_is_told_after_ten_seconds_and_gives_the_credit_back(
    conversation: Conversation, sender: Member, recipient: Member, browse: Browse, at: datetime
) -> None:
    with set_to(at):
        response = browse(recipient).post(
            address("answer", conversation), {"answer": "no_thanks", "origin": "requests"}, follow=True
        )
        toast = response.content.decode()
        assert "Answered: No thanks. Nadia can&#x27;t write again unless you write or connect." in toast
        assert "Nobody new is waiting" in toast
    with set_to(at + timedelta(seconds=9)):
        assert "<b>No thanks</b>" not in shown(browse(sender), conversation)
    later = at + timedelta(seconds=10)
    refunds.return_due(at=later, limit=10)
    with set_to(later):
        page = shown(browse(sender), conversation)
    assert "Tomas answered after" in page
    assert "Your credit is back, balance 15." in page
    assert "Tomas said no." in page


def test_an_answer_is_taken_back_within_ten_seconds_and_not_after(
    conversation: Conversation, sender: Member, recipient: Member, browse: Browse, at: datetime
) -> None:
    client = browse(recipient)
    for wait, said in ((5, "Taken back. Nobody was told."), (10, "It is too late to take the answer back")):
        with set_to(at + timedelta(minutes=wait)):
            client.post(address("answer", conversation), {"answer": "interested"})
            tap = Message.objects.filter(kind="answer").order_by("-pk")[0]
        with set_to(at + timedelta(minutes=wait, seconds=wait)):
            assert said in client.post(address("take_back", tap), follow=True).content.decode()
    assert Message.objects.filter(kind="answer", undone_at=None).count() == 1


def test_an_answer_can_be_changed_for_ten_minutes(
    conversation: Conversation, recipient: Member, browse: Browse, at: datetime
) -> None:
    client = browse(recipient)
    with set_to(at):
        client.post(address("answer", conversation), {"answer": "later"})
        tap = Message.objects.get(kind="answer")
        assert address("change_answer", tap) in shown(client, conversation)
    with set_to(at + timedelta(minutes=9)):
        client.post(address("change_answer", tap), {"answer": "interested"})
    with set_to(at + timedelta(minutes=10)):
        assert "It is too late to change this answer." in client.get(address("change_answer", tap)).content.decode()
        client.post(address("change_answer", tap), {"answer": "no_thanks"})
    tap.refresh_from_db()
    assert tap.answer == "interested"


def test_stop_asks_first(
    conversation: Conversation, sender: Member, recipient: Member, browse: Browse, at: datetime
) -> None:
    client = browse(recipient)
    with set_to(at):
        page = client.get(address("stop", conversation)).content.decode()
        assert "Nadia can’t write to you any more, and is told so." in page
        assert not Message.objects.filter(kind="answer").exists()
        client.post(address("stop", conversation), {"body": "Please do not."})
    with set_to(at + timedelta(seconds=10)):
        page = shown(browse(sender), conversation)
    assert "Please do not." in page
    assert "Tomas asked you not to write again" in page
    assert 'id="id_body"' not in page


def test_an_answer_with_too_many_words_is_422_and_keeps_them(
    conversation: Conversation, recipient: Member, browse: Browse, clock: datetime
) -> None:
    response = browse(recipient).post(address("answer", conversation), {"answer": "later", "body": "w" * 2_001})

    assert response.status_code == 422
    assert "w" * 2_001 in response.content.decode()
    assert "1 too many. Nothing was cut." in response.content.decode()


def test_a_reply_is_free_and_opens_the_conversation(
    conversation: Conversation, sender: Member, recipient: Member, browse: Browse, clock: datetime
) -> None:
    client = browse(recipient)
    page = shown(client, conversation)
    fields = dict(re.findall(r'<input type="hidden" name="((?:quote_|send_key)\w*)" value="([^"]*)"', page))

    assert "Free. Nadia has written to you." in page
    client.post(reverse("messaging:compose", args=[sender.handle]), {**fields, "body": "Gladly."}, follow=True)

    page = shown(browse(sender), conversation)
    assert "Gladly." in page
    assert "Free. Tomas has written to you." in page


def test_reading_marks_nothing_and_the_button_does(
    conversation: Conversation, recipient: Member, browse: Browse, clock: datetime
) -> None:
    client = browse(recipient)
    page = shown(client, conversation)
    through = re.search(r'name="through" value="([^"]+)"', page)

    assert side(recipient).read_through is None
    assert 'hx-trigger="intersect once"' in page
    assert through is not None
    part = client.post(address("mark_read", conversation), {"through": through[1]}, headers={"HX-Request": "true"})

    assert side(recipient).read_through is not None
    assert "Mark unread" in part.content.decode()
    client.post(address("mark_unread", conversation))
    assert "Mark read" in shown(client, conversation)


def test_what_comes_after_the_page_was_drawn_stays_unread(
    conversation: Conversation, sender: Member, recipient: Member, send: Send, browse: Browse, at: datetime
) -> None:
    client = browse(recipient)
    with set_to(at):
        through = re.search(r'name="through" value="([^"]+)"', shown(client, conversation))
        assert through is not None
        client.post(address("answer", conversation), {"answer": "accept"})
    send(sender, recipient, at=at + timedelta(minutes=1))
    with set_to(at + timedelta(minutes=2)):
        client.post(address("mark_read", conversation), {"through": through[1]})
        assert "Mark read" in shown(client, conversation)


def test_archived_and_back(conversation: Conversation, sender: Member, browse: Browse, clock: datetime) -> None:
    client = browse(sender)

    page = client.post(address("archive_conversation", conversation), follow=True).content.decode()
    assert "Archived the conversation with Tomas." in page
    assert address("restore_conversation", conversation) in page
    assert "Platform lead" not in page
    client.post(address("restore_conversation", conversation))
    assert "Platform lead" in client.get(reverse("messaging:inbox")).content.decode()


def test_earlier_messages_are_a_page_of_their_own(
    sender: Member, recipient: Member, connect: Callable[..., None], send: Send, browse: Browse, at: datetime
) -> None:
    connect(sender, recipient, at=at)
    for number in range(52):
        send(sender, recipient, at=at + timedelta(seconds=number), body=f"Word {number:02}.")
    with set_to(at + timedelta(hours=1)):
        client = browse(recipient)
        newest = shown(client, Conversation.objects.get())
        earlier = re.search(r'href="\?before=([^"]+)"', newest)
        assert earlier is not None
        first = client.get(Conversation.objects.get().get_absolute_url(), {"before": earlier[1]}).content.decode()

    assert "Word 02." in newest
    assert "Word 01." not in newest.split('class="thread"')[1]
    assert "Word 01." in first
    assert "Word 00." in first


def test_after_a_block_the_conversation_stays_and_says_only_that_it_is_over(
    conversation: Conversation, sender: Member, recipient: Member, send: Send, browse: Browse, at: datetime
) -> None:
    send(recipient, sender, at=at)
    Block.objects.create(blocker=recipient, blocked=sender, blocked_at=at)

    with set_to(at + timedelta(minutes=1)):
        page = shown(browse(sender), conversation)

    assert "This person can&#x27;t be messaged." in page
    assert "Would you talk to us?" in page
    assert 'id="id_body"' not in page


def test_a_text_of_markup_is_shown_as_text(
    sender: Member, recipient: Member, send: Send, browse: Browse, at: datetime
) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    message = send(sender, recipient, at=at, subject=nasty, body=nasty).message
    with set_to(at + timedelta(minutes=1)):
        for page in (
            shown(browse(recipient), message.conversation),
            browse(recipient).get(reverse("messaging:requests")).content.decode(),
            browse(sender).get(reverse("messaging:sent")).content.decode(),
            browse(sender).get(reverse("messaging:awaiting")).content.decode(),
        ):
            assert "<img src=x" not in page
            assert "&lt;img src=x" in page
