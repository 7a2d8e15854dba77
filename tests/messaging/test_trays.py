"""The lists of a member, as of an instant."""

from datetime import timedelta

import pytest

from messaging import answering, trays
from messaging.models import Participation
from messaging.notifications import announce

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def test_a_first_contact_waits_in_requests_for_thirty_days_and_then_lies_in_the_archive(sender, recipient, send, at):
    delivered = send(sender, recipient, at=at).message.deliver_at

    assert trays.requests(recipient, delivered).count() == 1
    assert trays.requests(recipient, delivered + 30 * DAY - SECOND).count() == 1
    assert trays.requests(recipient, delivered + 30 * DAY).count() == 0
    assert trays.archive(recipient, delivered + 30 * DAY).count() == 1
    assert trays.inbox(recipient, delivered + 30 * DAY).count() == 0


@pytest.mark.parametrize("worker_ran", [True, False])
def test_lists_show_the_same_whether_or_not_a_worker_ran(sender, recipient, send, worker_ran, at):
    message = send(sender, recipient, at=at).message
    if worker_ran:
        announce(message.pk, at=message.deliver_at)

    row = trays.requests(recipient, message.deliver_at).get()

    assert (row.shown_id, row.shown_at) == (message.pk, message.deliver_at)


def test_strangers_raise_no_counter(sender, recipient, send, at):
    send(sender, recipient, at=at)

    assert trays.unread_count(recipient, at + DAY) == 0
    assert trays.requests(recipient, at + DAY).unread().count() == 1


def test_unread_counts_until_read_and_ones_own_words_are_read(sender, recipient, send, connect, at):
    connect(sender, recipient, at=at)
    conversation = send(sender, recipient, at=at).message.conversation
    assert (trays.unread_count(recipient, at + SECOND), trays.unread_count(sender, at + SECOND)) == (1, 0)

    trays.mark_read(conversation=conversation, member=recipient, at=at + SECOND)
    assert trays.unread_count(recipient, at + SECOND) == 0

    trays.mark_unread(conversation=conversation, member=recipient, at=at + 2 * SECOND)
    assert trays.unread_count(recipient, at + 2 * SECOND) == 1

    send(recipient, sender, at=at + 3 * SECOND, purpose="", subject="")
    assert (trays.unread_count(recipient, at + 4 * SECOND), trays.unread_count(sender, at + 4 * SECOND)) == (0, 1)


def test_a_new_message_ends_the_archive_but_not_before_it_is_delivered(sender, recipient, send, at):
    first = send(sender, recipient, at=at).message
    trays.archive_conversation(conversation=first.conversation, member=recipient, at=at + DAY)
    follow_up = send(sender, recipient, at=at + 7 * DAY).message

    assert trays.archive(recipient, follow_up.deliver_at - SECOND).count() == 1
    assert trays.requests(recipient, follow_up.deliver_at).count() == 1


def test_an_archived_message_comes_back_where_it_was(sender, recipient, send, connect, at):
    conversation = send(sender, recipient, at=at).message.conversation

    trays.archive_conversation(conversation=conversation, member=recipient, at=at + DAY)
    trays.archive_conversation(conversation=conversation, member=sender, at=at + DAY)
    assert trays.archive(recipient, at + DAY).count() == trays.archive(sender, at + DAY).count() == 1

    trays.restore_conversation(conversation=conversation, member=recipient, at=at + DAY)
    trays.restore_conversation(conversation=conversation, member=sender, at=at + DAY)
    assert trays.requests(recipient, at + DAY).count() == trays.inbox(sender, at + DAY).count() == 1


def test_filing_is_private(sender, recipient, send, at):
    conversation = send(sender, recipient, at=at).message.conversation

    trays.archive_conversation(conversation=conversation, member=recipient, at=at + DAY)

    assert trays.inbox(sender, at + DAY).count() == 1


def test_awaiting_lists_the_newest_unanswered_outreach_until_the_answer_is_told(sender, recipient, send, at):
    send(sender, recipient, at=at)
    newest = send(sender, recipient, at=at + 7 * DAY).message
    assert [row.message for row in trays.awaiting(sender, at + 8 * DAY)] == [newest]

    answering.answer(conversation=newest.conversation, member=recipient, answer="later", at=at + 8 * DAY)

    assert trays.awaiting(sender, at + 8 * DAY + 9 * SECOND).count() == 1
    assert trays.awaiting(sender, at + 8 * DAY + 10 * SECOND).count() == 0
    assert trays.awaiting(recipient, at + 8 * DAY).count() == 0


def test_the_inmail_view_leaves_free_conversations_out(sender, recipient, outsider, send, connect, at):
    send(sender, recipient, at=at)
    connect(sender, outsider, at=at)
    send(sender, outsider, at=at)
    rows = trays.inbox(sender, at + DAY)

    assert rows.count() == 2
    assert [row.other for row in trays.with_inmail(rows, at + DAY)] == [recipient]


def test_an_outsider_has_none_of_it(sender, recipient, outsider, send, at):
    send(sender, recipient, at=at)
    day = at + DAY

    for tray in (trays.inbox, trays.requests, trays.archive, trays.awaiting, trays.sent):
        assert not tray(outsider, day).exists()
    assert Participation.objects.filter(member=outsider).count() == 0


def test_lists_take_the_same_queries_for_one_conversation_and_for_twenty(
    sender, recipient, make_member, send, connect, django_assert_num_queries, at
):
    connect(sender, recipient, at=at)
    send(sender, recipient, at=at)
    lists = (trays.inbox, trays.archive, trays.requests)

    def read() -> None:
        for tray in lists:
            for row in tray(sender, at + DAY):
                assert row.other.profile.search_text
                assert row.conversation.public_id
                assert row.last_message.body

    with django_assert_num_queries(5):
        read()
    for number in range(20):
        friend = make_member(f"Friend {number}")
        connect(sender, friend, at=at)
        send(friend, sender, at=at, purpose="", subject="")
    with django_assert_num_queries(5):
        read()
