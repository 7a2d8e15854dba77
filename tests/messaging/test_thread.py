"""A conversation as each of its two members reads it."""

from datetime import timedelta

import pytest

from billing import ledger
from billing.models import Charge
from messaging import answering, sending, thread, trays

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def told(conversation, member, *, at) -> list[str]:
    """The page in words: texts, tapped answers, events."""
    page = thread.lines(conversation, member, at=at)
    return [line.event or line.message.body or line.message.get_answer_display() for line in page.lines]


def test_the_writer_sees_the_waiting_message_and_how_long_it_can_be_undone(sender, recipient, send, at):
    conversation = send(sender, recipient, at=at).message.conversation

    mine = thread.lines(conversation, sender, at=at + 5 * SECOND).lines
    theirs = thread.lines(conversation, recipient, at=at + 5 * SECOND).lines

    assert [(line.goes_in, line.can_undo, line.is_mine) for line in mine] == [(10, True, True)]
    assert theirs == []
    delivered = thread.lines(conversation, sender, at=at + 15 * SECOND).lines[0]
    assert (delivered.goes_in, delivered.can_undo) == (0, False)


def test_an_undone_message_is_seen_by_nobody(sender, recipient, send, at):
    message = send(sender, recipient, at=at).message
    sending.undo(message=message, member=sender, at=at + SECOND)

    for member in (sender, recipient):
        assert thread.lines(message.conversation, member, at=at + DAY).lines == []


def test_the_return_is_told_to_the_writer_alone(sender, recipient, send, at):
    conversation = send(sender, recipient, at=at).message.conversation
    tapped = at + 3 * DAY + 15 * SECOND
    answering.answer(conversation=conversation, member=recipient, answer="interested", at=tapped)
    final = tapped + 10 * SECOND

    assert told(conversation, sender, at=final) == [
        "Would you talk to us?",
        "Interested",
        "Tomas answered after 3 days. Your credit is coming back.",
    ]
    ledger.refund(charge_id=Charge.objects.get().pk, at=final)
    assert told(conversation, sender, at=final)[-1] == ("Tomas answered after 3 days. Your credit is back, balance 15.")
    assert told(conversation, recipient, at=final) == ["Would you talk to us?", "Interested"]


def test_an_answer_to_two_messages_is_one_line(sender, recipient, send, at):
    conversation = send(sender, recipient, at=at).message.conversation
    send(sender, recipient, at=at + 7 * DAY)
    later = at + 8 * DAY
    send(recipient, sender, at=later, purpose="", subject="", body="Yes")
    ledger.settle(ledger.lock_wallet(sender, at=later), at=later)

    assert told(conversation, sender, at=later)[-1] == (
        "Tomas answered after 7 days. Your 2 credits are back, balance 15."
    )


def test_a_closed_window_is_a_line(sender, recipient, send, at):
    conversation = send(sender, recipient, at=at).message.conversation
    until = Charge.objects.get().refundable_until

    assert told(conversation, sender, at=until - SECOND) == ["Would you talk to us?"]
    assert told(conversation, sender, at=until)[-1] == "No answer by 20 Feb 2027. The credit was used."


def test_a_late_answer_gives_nothing_back(sender, recipient, send, at):
    conversation = send(sender, recipient, at=at).message.conversation
    late = Charge.objects.get().refundable_until + 5 * DAY

    send(recipient, sender, at=late, purpose="", subject="", body="Sorry, late")

    assert told(conversation, sender, at=late)[1:] == [
        "No answer by 20 Feb 2027. The credit was used.",
        "Sorry, late",
        "Tomas answered after 94 days.",
    ]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("no_thanks", "You said no. Nadia can't write again unless you write or connect."),
        ("stop", "You asked Nadia not to write again."),
    ],
)
def test_ones_own_refusal_says_what_it_does(sender, recipient, send, choice, sentence, at):
    conversation = send(sender, recipient, at=at).message.conversation
    answering.answer(conversation=conversation, member=recipient, answer=choice, at=at + DAY)

    assert sentence not in told(conversation, recipient, at=at + DAY + 9 * SECOND)
    assert sentence in told(conversation, recipient, at=at + DAY + 10 * SECOND)
    assert sentence not in told(conversation, sender, at=at + DAY + 10 * SECOND)


def test_a_tap_can_be_taken_back_then_changed_then_neither(sender, recipient, send, at):
    conversation = send(sender, recipient, at=at).message.conversation
    tapped = at + DAY
    answering.answer(conversation=conversation, member=recipient, answer="later", at=tapped)

    def state(after):
        line = thread.lines(conversation, recipient, at=tapped + after).lines[-1]
        return line.can_take_back, line.can_change

    assert state(9 * SECOND) == (True, True)
    assert state(10 * SECOND) == (False, True)
    assert state(timedelta(minutes=10)) == (False, False)


def test_the_unread_line_stands_above_the_first_message_not_seen(sender, recipient, send, connect, at):
    connect(sender, recipient, at=at)
    for number in range(4):
        conversation = send(sender, recipient, at=at + number * SECOND, body=f"{number}").message.conversation
    trays.mark_read(conversation=conversation, member=recipient, at=at + SECOND)

    lines = thread.lines(conversation, recipient, at=at + DAY).lines

    assert [line.message.body for line in lines if line.is_first_unread] == ["2"]


def test_earlier_messages_come_in_pages_without_gap_or_repeat(
    sender, recipient, send, connect, django_assert_max_num_queries, at
):
    connect(sender, recipient, at=at)
    for number in range(120):
        conversation = send(sender, recipient, at=at + number * SECOND, body=f"{number}").message.conversation
    seen, before = [], None
    for _ in range(3):
        with django_assert_max_num_queries(8):
            page = thread.lines(conversation, recipient, at=at + DAY, before=before)
        seen = [line.message.body for line in page.lines] + seen
        before = page.earlier

    assert seen == [str(number) for number in range(120)]
    assert before is None
