"""An away message goes by itself, once in seven days, and is never an answer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import blocks, stops
from accounts.clock import set_to
from accounts.models import Member, Notice
from billing.models import Charge
from messaging import answering, placing, sending, trays
from messaging.away import end_away, save_away
from messaging.models import Away, Conversation, Message, Participation, Reception, SendingDay
from messaging.notifications import announce, announce_delivered
from messaging.sides import lock_sides
from messaging.verdicts import verdict_for

Send = Callable[..., Any]
Browse = Callable[[Member], Client]
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
TEMPLATE = "{{ settings.SECRET_KEY }}{% debug %} Back on Monday."


def leave(member: Member, *, at: datetime, body: str = "Back on Monday.") -> None:
    save_away(member=member, body=body, starts_at=at - DAY, ends_at=at + 20 * DAY)


def sent_by_itself(member: Member) -> list[Message]:
    return list(Message.objects.filter(sender=member, kind=Message.Kind.AWAY))


def side_of(member: Member) -> dict[str, Any]:
    return dict(Participation.objects.filter(member=member).values().get())


def test_it_goes_once_in_seven_days_to_each_sender(
    sender: Member, recipient: Member, outsider: Member, connect: Callable[..., None], send: Send, at: datetime
) -> None:
    leave(recipient, at=at)
    for other in (sender, outsider):
        connect(recipient, other, at=at - DAY)
        for hours in (0, 24, 167, 169):
            send(other, recipient, at=at + timedelta(hours=hours))
            announce_delivered(at=at + timedelta(hours=hours))

    assert [away.recipient for away in sent_by_itself(recipient)].count(sender) == 2
    assert [away.recipient for away in sent_by_itself(recipient)].count(outsider) == 2


def test_it_opens_answers_and_moves_nothing(
    sender: Member, recipient: Member, send: Send, at: datetime, balance: Callable[..., int]
) -> None:
    leave(recipient, at=at)
    inmail = send(sender, recipient, at=at).message
    mine, theirs = side_of(recipient), side_of(sender)
    caps = [list(model.objects.values()) for model in (SendingDay, Reception)]

    assert announce(inmail.pk, at=inmail.deliver_at)

    away = sent_by_itself(recipient)[0]
    inmail.outreach.refresh_from_db()
    assert (inmail.outreach.answered_at, Charge.objects.get().answered_at) == (None, None)
    assert side_of(recipient) == mine | {
        "last_message_id": inmail.pk,
        "last_message_at": inmail.deliver_at,
        "tray": "requests",
        "coming_message_id": None,
        "coming_at": None,
        "coming_tray": "",
    }
    assert side_of(sender) == theirs | {"last_message_id": away.pk, "last_message_at": away.sent_at}
    assert caps == [list(model.objects.values()) for model in (SendingDay, Reception)]
    assert verdict_for(sender, recipient, at=at + MINUTE).code == "awaiting_answer"
    assert balance(sender, at=at + MINUTE) == 14
    assert [notice.member for notice in Notice.objects.all()] == [recipient]
    assert trays.requests(recipient, at + MINUTE).unread().count() == 1
    assert not trays.sent(recipient, at + MINUTE).exists()


def test_two_away_members_send_one_away_message_each_at_most(
    sender: Member, recipient: Member, send: Send, at: datetime
) -> None:
    for member in (sender, recipient):
        leave(member, at=at)
    send(sender, recipient, at=at)

    for minutes in range(5):
        announce_delivered(at=at + minutes * MINUTE)

    assert (len(sent_by_itself(recipient)), len(sent_by_itself(sender))) == (1, 0)
    assert Charge.objects.get().answered_at is None


@pytest.mark.parametrize("apart", ["blocked", "was blocked", "stopped", "answered", "ended", "not begun"])
def test_it_does_not_go(sender: Member, recipient: Member, send: Send, at: datetime, apart: str) -> None:
    leave(recipient, at=at)
    inmail = send(sender, recipient, at=at).message
    later = inmail.deliver_at + MINUTE
    if apart == "blocked":
        blocks.block(blocker=recipient, blocked=sender, at=later)
    elif apart == "was blocked":
        blocks.block(blocker=sender, blocked=recipient, at=later)
    elif apart == "stopped":
        stops.stop(recipient=recipient, sender=sender, at=later)
    elif apart == "answered":
        answering.answer(conversation=inmail.conversation, member=recipient, answer="later", at=later)
    elif apart == "ended":
        end_away(member=recipient, body="", at=later)
    else:
        Away.objects.update(starts_at=later)

    announce(inmail.pk, at=later + MINUTE)

    assert not sent_by_itself(recipient)


def test_what_is_worked_out_from_own_words_does_not_count_it(
    sender: Member, recipient: Member, send: Send, at: datetime
) -> None:
    leave(recipient, at=at)
    inmail = send(sender, recipient, at=at).message
    announce(inmail.pk, at=inmail.deliver_at)
    conversation = Conversation.objects.get()

    tapped = at + 2 * MINUTE
    tap = answering.answer(conversation=conversation, member=recipient, answer="interested", at=tapped)
    answering.take_back(message=tap, member=recipient, at=tapped)
    sides = lock_sides(conversation, recipient, at=tapped)
    placing.reread(sides.mine, at=tapped)

    side = side_of(recipient)
    assert (side["opened_at"], side["closed_at"], side["tray"]) == (None, None, "requests")
    assert side["last_message_id"] == inmail.pk


def test_a_tap_can_be_exchanged_after_the_other_sides_away_message(
    sender: Member, recipient: Member, send: Send, at: datetime
) -> None:
    leave(sender, at=at)
    inmail = send(sender, recipient, at=at).message
    words = send(recipient, sender, at=at + MINUTE, purpose="").message
    tap = answering.answer(conversation=inmail.conversation, member=recipient, answer="later", at=at + 2 * MINUTE)
    announce(words.pk, at=at + 3 * MINUTE)

    changed = answering.exchange(message=tap, member=recipient, answer="interested", at=at + 4 * MINUTE)

    assert changed.answer == "interested"
    assert len(sent_by_itself(sender)) == 1


def test_it_is_shown_as_typed_and_says_that_it_went_by_itself(
    sender: Member, recipient: Member, send: Send, browse: Browse, at: datetime
) -> None:
    leave(recipient, at=at, body=TEMPLATE)
    inmail = send(sender, recipient, at=at).message
    announce(inmail.pk, at=inmail.deliver_at)

    with set_to(at + MINUTE):
        for member in (sender, recipient):
            page = browse(member).get(inmail.conversation.get_absolute_url()).content.decode()
            assert "Away message, sent by itself" in page
            assert TEMPLATE in page


def test_who_sends_again_is_not_undone_by_it(sender: Member, recipient: Member, send: Send, at: datetime) -> None:
    """A text that is still in its seconds of undo is taken back as if no away message stood before it."""
    leave(recipient, at=at)
    first = send(sender, recipient, at=at).message
    announce(first.pk, at=first.deliver_at)
    again = send(sender, recipient, at=at + 8 * DAY).message

    sending.undo(message=again, member=sender, at=at + 8 * DAY)

    assert side_of(sender)["last_message_id"] == sent_by_itself(recipient)[0].pk


# --- The page -------------------------------------------------------------------------------------------------------


def test_days_are_those_of_the_members_zone_and_both_count(recipient: Member, browse: Browse, clock: datetime) -> None:
    Member.objects.filter(pk=recipient.pk).update(time_zone="Asia/Tokyo")
    typed = {"is_on": "on", "body": "Back soon.", "starts_on": "2026-11-23", "ends_on": "2026-11-24"}
    client, page = browse(recipient), reverse("messaging:settings_away")

    client.post(page, typed)

    away = Away.objects.get(member=recipient)
    assert away.starts_at.isoformat() == "2026-11-22T15:00:00+00:00"
    assert away.ends_at.isoformat() == "2026-11-24T15:00:00+00:00"
    assert "it goes from 23 Nov 2026 to 24 Nov 2026" in client.get(page).content.decode()


def test_off_keeps_the_text(recipient: Member, browse: Browse, clock: datetime) -> None:
    leave(recipient, at=clock)
    client, page = browse(recipient), reverse("messaging:settings_away")

    client.post(page, {"is_on": "off", "body": "Next time."})

    away = Away.objects.get(member=recipient)
    assert (away.body, away.ends_at) == ("Next time.", clock)
    shown = client.get(page).content.decode()
    assert "It is off" in shown
    assert "Next time." in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "\u200b"},
        {"ends_on": "2026-11-21"},
        {"starts_on": "2026-12-24", "ends_on": "2026-12-23"},
        {"starts_on": "0001-01-01"},
        {"ends_on": "9999-12-31"},
        {"starts_on": ""},
        {"body": "x" * 2_001},
    ],
)
def test_what_cannot_be_is_422_and_nothing_is_saved(
    recipient: Member, browse: Browse, clock: datetime, wrong: dict[str, str]
) -> None:
    typed = {"is_on": "on", "body": "Back soon.", "starts_on": "2026-11-23", "ends_on": "2026-11-24"}

    assert browse(recipient).post(reverse("messaging:settings_away"), typed | wrong).status_code == 422
    assert not Away.objects.exists()
