"""The composer: price and date beside the button, and refused text kept as typed."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import set_to
from accounts.models import Block, Member, Reach
from messaging.models import Draft, Message

pytestmark = pytest.mark.usefixtures("clock")

Browse = Callable[[Member], Client]
WORDS = {"purpose": "job_offer", "subject": "Platform lead", "body": "Would you talk to us?"}


def address(name: str, member: Member) -> str:
    return reverse(f"messaging:{name}", args=[member.handle])


def hidden(client: Client, recipient: Member) -> dict[str, str]:
    """What the shown form carries: its quote and its key."""
    page = client.get(address("compose", recipient)).content.decode()
    return dict(re.findall(r'<input type="hidden" name="((?:quote_|send_key)\w*)" value="([^"]*)"', page))


def post(client: Client, recipient: Member, **fields: Any) -> Any:
    return client.post(address("compose", recipient), {**hidden(client, recipient), **WORDS, **fields})


def test_the_price_the_date_and_the_button_say_the_same(sender: Member, recipient: Member, browse: Browse) -> None:
    page = browse(sender).get(address("compose", recipient)).content.decode()

    assert "<strong>Uses 1 of 15 credits.</strong>" in page
    assert "It comes back if Tomas answers, even “no thanks”, by 20 Feb 2027. You will have 14 left." in page
    assert "Send for 1 credit" in page


def test_a_sent_message_leads_to_its_conversation_with_undo(sender: Member, recipient: Member, browse: Browse) -> None:
    client = browse(sender)

    response = post(client, recipient)

    message = Message.objects.get()
    assert response.headers["Location"] == reverse("messaging:conversation", args=[message.conversation.public_id])
    page = client.get(response.headers["Location"]).content.decode()
    assert "Sent to Tomas for 1 credit." in page
    assert "Goes in 15 s" in page
    assert reverse("messaging:undo", args=[message.public_id]) in page


def test_undone_text_is_in_the_composer_again(sender: Member, recipient: Member, browse: Browse) -> None:
    client = browse(sender)
    post(client, recipient)
    undo = reverse("messaging:undo", args=[Message.objects.get().public_id])

    assert "Undo" in client.get(undo).content.decode()
    assert Message.objects.get().undone_at is None
    page = client.post(undo, follow=True).content.decode()

    assert "Undone. Your credit is back." in page
    assert WORDS["body"] in page
    assert "Uses 1 of 15 credits." in page


def test_undo_after_delivery_is_too_late(sender: Member, recipient: Member, browse: Browse, at: datetime) -> None:
    client = browse(sender)
    post(client, recipient)
    message = Message.objects.get()

    with set_to(at + timedelta(seconds=15)):
        page = client.post(reverse("messaging:undo", args=[message.public_id]), follow=True).content.decode()

    assert "It is too late to undo" in page
    assert Message.objects.get().undone_at is None


def test_one_form_posted_twice_is_one_message(sender: Member, recipient: Member, browse: Browse) -> None:
    client = browse(sender)
    form = {**hidden(client, recipient), **WORDS}

    first, second = (client.post(address("compose", recipient), form) for _ in range(2))

    assert Message.objects.count() == 1
    assert first.headers["Location"] == second.headers["Location"]


def test_the_same_form_with_other_words_shows_what_was_stored(
    sender: Member, recipient: Member, browse: Browse
) -> None:
    client = browse(sender)
    form = {**hidden(client, recipient), **WORDS}
    client.post(address("compose", recipient), form)

    response = client.post(address("compose", recipient), {**form, "body": "Other words"})

    page = response.content.decode()
    assert response.status_code == 409
    assert "This message was sent before, with other words" in page
    assert WORDS["body"] in page
    assert "Other words" in page
    assert form["send_key"] not in page


def test_a_form_whose_message_was_undone_sends_nothing_by_itself(
    sender: Member, recipient: Member, browse: Browse
) -> None:
    client = browse(sender)
    form = {**hidden(client, recipient), **WORDS}
    client.post(address("compose", recipient), form)
    client.post(reverse("messaging:undo", args=[Message.objects.get().public_id]))

    response = client.post(address("compose", recipient), form)

    assert response.status_code == 409
    assert "This message was sent before, and undone" in response.content.decode()
    assert Message.objects.count() == 1


def test_a_refusal_since_it_was_shown_is_409_and_keeps_the_text(
    sender: Member, recipient: Member, browse: Browse
) -> None:
    client = browse(sender)
    form = {**hidden(client, recipient), **WORDS}
    Reach.objects.filter(member=recipient).update(who="nobody")

    response = client.post(address("compose", recipient), form)

    page = response.content.decode()
    assert response.status_code == 409
    assert "Something changed while you were writing." in page
    assert "Tomas does not take messages from new people." in page
    assert "Nothing was sent and no credit was used." in page
    assert re.search(r'id="quote"[^>]*data-autofocus', page)
    assert WORDS["body"] in page
    assert "Send for" not in page
    assert Draft.objects.get().body == WORDS["body"]
    assert not Message.objects.exists()


def test_connected_since_it_was_shown_is_sent_free_and_told(
    sender: Member, recipient: Member, browse: Browse, connect: Callable[..., None], at: datetime
) -> None:
    client = browse(sender)
    form = {**hidden(client, recipient), **WORDS}
    connect(sender, recipient, at=at)

    page = client.post(address("compose", recipient), form, follow=True).content.decode()

    assert "Sent. It was free: Tomas connected with you." in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"subject": "s" * 201}, "1 too many. Nothing was cut."),
        ({"body": "b" * 2_001}, "1 too many. Nothing was cut."),
        ({"body": "👩‍👩‍👧‍👦" * 286}, "2 too many. Nothing was cut."),
        ({"subject": "\u2800\u200b"}, "A first message needs a subject."),
        ({"subject": "a\u202eb"}, "U+202E"),
        ({"body": "a\x00b"}, "U+0000"),
        ({"purpose": ""}, "Choose a purpose."),
        ({"purpose": "flattery"}, "Choose a purpose."),
        ({"body": " \n "}, "Write a message."),
    ],
)
def test_a_fault_in_the_text_is_422_with_the_text_kept(
    sender: Member, recipient: Member, browse: Browse, fields: dict[str, str], said: str
) -> None:
    response = post(browse(sender), recipient, **fields)

    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert re.search(r'id="errors"[^>]*data-autofocus', page)
    assert 'aria-invalid="true"' in page
    assert fields.get("body", WORDS["body"]) in page.replace("\n\n ", "\n ")
    assert not Message.objects.exists()


@pytest.mark.parametrize("fields", [{"subject": "s" * 200}, {"body": "é" * 2_000}, {"subject": "e\u0301" * 200}])
def test_the_longest_text_is_sent(sender: Member, recipient: Member, browse: Browse, fields: dict[str, str]) -> None:
    assert post(browse(sender), recipient, **fields).status_code == 302


def test_windows_line_ends_count_once(sender: Member, recipient: Member, browse: Browse) -> None:
    assert post(browse(sender), recipient, body="a\r\n" * 1_000).status_code == 302
    assert Message.objects.get().body == "a\n" * 1_000


def test_a_forged_key_is_400(sender: Member, recipient: Member, browse: Browse) -> None:
    assert post(browse(sender), recipient, send_key="x").status_code == 400


def test_forged_fields_change_nothing(sender: Member, recipient: Member, outsider: Member, browse: Browse) -> None:
    post(browse(sender), recipient, quote_cost="0", sender=outsider.pk, cost="0", kind="text", quote_code="connection")

    assert not Message.objects.exists()


def test_a_message_to_a_connection_needs_no_purpose(
    sender: Member, recipient: Member, browse: Browse, connect: Callable[..., None], at: datetime
) -> None:
    connect(sender, recipient, at=at)
    client = browse(sender)

    page = client.get(address("compose", recipient)).content.decode()
    client.post(address("compose", recipient), {**hidden(client, recipient), "body": "Hello"})

    assert "<strong>Free.</strong> You and Tomas are connected." in page
    assert "id_purpose" not in page
    assert Message.objects.get().body == "Hello"


def test_nobody_new_offers_a_request_and_no_button(sender: Member, recipient: Member, browse: Browse) -> None:
    Reach.objects.filter(member=recipient).update(who="nobody")

    page = browse(sender).get(address("compose", recipient)).content.decode()

    assert "does not take messages from new people" in page
    assert "Send a connection request, free" in page
    assert "Send for" not in page


@pytest.mark.parametrize("page", ["compose", "profile"])
def test_a_block_and_a_deactivation_look_like_reach_nobody(
    sender: Member, make_member: Callable[..., Member], browse: Browse, at: datetime, page: str
) -> None:
    nobody, blocker, gone = (make_member("Ana Reyes", who="nobody"), make_member("Ana Reyes"), make_member("Ana Reyes"))
    Block.objects.create(blocker=blocker, blocked=sender, blocked_at=at)
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    client = browse(sender)

    seen = {
        _without_traces(client.get(address(page, member)).content.decode(), member)
        for member in (nobody, blocker, gone)
    }

    assert len(seen) == 1
    assert "does not take messages from new people" in seen.pop()


def _without_traces(page: str, member: Member) -> str:
    """Without what differs between any two pages: the handle, its colour, the tokens."""
    page = re.sub(r'name="(csrfmiddlewaretoken|send_key)" value="[^"]*"', "", page.replace(member.handle, ""))
    return re.sub(r'data-hue="\d"|id="id_send_key"|<input type="hidden"[^>]*>', "", page)


def test_another_purpose_brings_another_price(sender: Member, recipient: Member, browse: Browse) -> None:
    recipient.refused_purposes.create(purpose="sales")

    parts = browse(sender).get(address("quote", recipient), {"purpose": "sales"}).content.decode()

    assert "Tomas does not take sales messages." in parts
    assert 'id="quote"' in parts
    assert 'id="send"' in parts
    assert "<html" not in parts
    assert "Send for" not in parts


def test_an_unknown_purpose_in_the_address_is_400(sender: Member, recipient: Member, browse: Browse) -> None:
    assert browse(sender).get(address("quote", recipient), {"purpose": "x"}).status_code == 400


def test_a_draft_waits_in_drafts_and_in_the_composer(sender: Member, recipient: Member, browse: Browse) -> None:
    client = browse(sender)
    form = {**hidden(client, recipient), **WORDS, "body": "b" * 3_000}

    saved = client.post(address("draft_save", recipient), form)
    from_script = client.post(address("draft_save", recipient), form, headers={"Sec-Fetch-Dest": "empty"})

    assert (saved.status_code, from_script.status_code) == (302, 204)
    assert "Tomas Lind" in client.get(reverse("messaging:drafts")).content.decode()
    page = client.get(address("compose", recipient)).content.decode()
    assert "b" * 3_000 in page
    assert form["send_key"] in page
    client.post(address("draft_discard", recipient))
    assert not Draft.objects.exists()


def test_nobody_else_can_undo(sender: Member, recipient: Member, outsider: Member, browse: Browse) -> None:
    post(browse(sender), recipient)
    undo = reverse("messaging:undo", args=[Message.objects.get().public_id])

    for member in (recipient, outsider):
        assert browse(member).get(undo).status_code == 404
        assert browse(member).post(undo).status_code == 404
    assert Message.objects.get().undone_at is None
