"""What every page's frame and billing's journal learn from messaging."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from accounts.clock import set_to
from billing import references
from messaging.context import frame

pytestmark = pytest.mark.django_db


def frame_of(member, *, at):
    request = RequestFactory().get("/")
    request.user = member
    with set_to(at):
        return dict(frame(request)["frame"].items())


def test_the_frame_shows_unread_messages_and_credits(sender, recipient, send, connect, outsider, at):
    send(sender, recipient, at=at)
    connect(sender, outsider, at=at)
    send(outsider, sender, at=at, purpose="", subject="")

    shown = frame_of(sender, at=at + timedelta(minutes=1))

    assert (shown["unread"], shown["balance"], shown["may_come_back"]) == (1, 14, 1)
    assert [part[0] for part in shown["lots_meter"]] == ["a", "c"]


def test_a_page_that_does_not_draw_the_frame_asks_nothing(sender, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user = sender

    with django_assert_num_queries(0):
        frame(request)


def test_visitors_and_pages_of_failure_have_no_frame():
    assert frame(RequestFactory().get("/")) == {}


def test_the_journal_names_whom_a_credit_was_spent_on(sender, recipient, send, django_assert_num_queries, at):
    message = send(sender, recipient, at=at).message

    with django_assert_num_queries(1):
        meanings = references.describe([message.public_id, "unknown"])

    assert meanings == {message.public_id: ("Tomas Lind", message.conversation.get_absolute_url())}
