"""Who may open and post what: a stranger's page is the same 404 as one that never was."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import set_to
from accounts.models import Member
from messaging import answering
from messaging.models import Conversation, Message, Participation

Browse = Callable[[Member], Client]

POST_ONLY = ("mark_read", "mark_unread", "archive_conversation", "restore_conversation", "answer", "take_back")
OF_A_CONVERSATION = (
    "conversation",
    "mark_read",
    "mark_unread",
    "archive_conversation",
    "restore_conversation",
    "answer",
    "stop",
)


@pytest.fixture
def conversation(sender: Member, recipient: Member, send: Callable[..., object], at: datetime) -> Conversation:
    send(sender, recipient, at=at - timedelta(hours=1))
    return Conversation.objects.get()


@pytest.mark.parametrize("name", POST_ONLY)
def test_a_get_changes_nothing(conversation: Conversation, recipient: Member, browse: Browse, name: str) -> None:
    address = reverse(f"messaging:{name}", args=[conversation.public_id])

    assert browse(recipient).get(address).status_code == 405


@pytest.mark.parametrize("name", OF_A_CONVERSATION)
def test_a_stranger_gets_the_404_of_an_id_that_never_was(
    conversation: Conversation, outsider: Member, browse: Browse, at: datetime, name: str
) -> None:
    client = browse(outsider)
    before = list(Participation.objects.order_by("pk").values())
    with set_to(at):
        answers = [
            getattr(client, verb)(
                reverse(f"messaging:{name}", args=[public_id]), {"answer": "accept", "origin": "requests"}
            )
            for verb in ("get", "post")
            for public_id in (conversation.public_id, "2" * 14)
        ]

    for theirs, nobodys in (answers[:2], answers[2:]):
        assert theirs.status_code == nobodys.status_code
        assert theirs.status_code in (404, 405)
        if theirs.status_code == 404:
            assert _without_tokens(theirs.content) == _without_tokens(nobodys.content)
    assert list(Participation.objects.order_by("pk").values()) == before
    assert Message.objects.count() == 1


def _without_tokens(page: bytes) -> bytes:
    return b"\n".join(line for line in page.splitlines() if b"csrfmiddlewaretoken" not in line)


def test_a_message_that_can_still_be_undone_is_not_there_for_the_other_side(
    sender: Member, recipient: Member, send: Callable[..., object], browse: Browse, at: datetime
) -> None:
    send(sender, recipient, at=at)
    conversation = Conversation.objects.get()

    with set_to(at + timedelta(seconds=14)):
        for name in OF_A_CONVERSATION[:1] + OF_A_CONVERSATION[-1:]:
            assert browse(recipient).get(reverse(f"messaging:{name}", args=[conversation.public_id])).status_code == 404
        assert b"Nobody new is waiting" in browse(recipient).get(reverse("messaging:requests")).content
    with set_to(at + timedelta(seconds=15)):
        assert browse(recipient).get(conversation.get_absolute_url()).status_code == 200


def test_the_sender_cannot_answer_their_own_message(
    conversation: Conversation, sender: Member, browse: Browse, at: datetime
) -> None:
    with set_to(at):
        response = browse(sender).post(reverse("messaging:answer", args=[conversation.public_id]), {"answer": "accept"})

    assert response.status_code == 404
    assert Message.objects.count() == 1


def test_only_its_writer_can_take_an_answer_back_or_change_it(
    conversation: Conversation, sender: Member, recipient: Member, outsider: Member, browse: Browse, at: datetime
) -> None:
    tap = answering.answer(conversation=conversation, member=recipient, answer="interested", at=at)

    with set_to(at + timedelta(seconds=5)):
        for member in (sender, outsider):
            client = browse(member)
            assert client.post(reverse("messaging:take_back", args=[tap.public_id])).status_code == 404
            assert client.get(reverse("messaging:change_answer", args=[tap.public_id])).status_code == 404
            assert (
                client.post(reverse("messaging:change_answer", args=[tap.public_id]), {"answer": "stop"}).status_code
                == 404
            )
    tap.refresh_from_db()
    assert (tap.answer, tap.undone_at) == ("interested", None)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("inbox", {"view": "starred"}),
        ("inbox", {"before": "yesterday"}),
        ("inbox", {"before": "9" * 18 + "-1"}),
        ("people", {"degree": "4"}),
        ("people", {"purpose": "x"}),
        ("people", {"after": "a b"}),
        ("people", {"q": "x" * 101}),
        ("people", {"q": "a\x00b"}),
        ("compose_choose", {"q": "a\x00b"}),
        ("sent", {"before": "1-"}),
        ("awaiting", {"before": "\x00"}),
    ],
)
def test_a_parameter_that_no_page_sends_is_400(
    sender: Member, browse: Browse, clock: datetime, name: str, query: dict[str, str]
) -> None:
    assert browse(sender).get(reverse(f"messaging:{name}"), query).status_code == 400


def test_an_unknown_code_has_no_help(sender: Member, browse: Browse, clock: datetime) -> None:
    client = browse(sender)

    assert client.get(reverse("messaging:why", args=["made_up"])).status_code == 404
    assert client.get(reverse("messaging:why", args=["inmail"])).status_code == 200
