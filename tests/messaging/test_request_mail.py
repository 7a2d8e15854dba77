"""Mail about what waits: each, a list a day, or none; and one reminder of an InMail without an answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import blocks, letters, notices
from accounts.clock import set_to
from accounts.models import Member, Notice, Reach
from messaging import answering, tasks
from messaging.models import Message, Participation
from messaging.notifications import announce
from messaging.request_mail import remind_recipients, tell_of_requests

Send = Callable[..., Any]
Make = Callable[..., Member]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Eight in the morning in Tokyo, the day after the test's instant.
EIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)


@pytest.fixture
def collector(make_member: Make) -> Member:
    member = make_member("Tomas Lind", requests_mail="daily")
    Member.objects.filter(pk=member.pk).update(time_zone="Asia/Tokyo")
    return Member.objects.get(pk=member.pk)


def lists() -> list[Notice]:
    return list(Notice.objects.filter(kind="requests").order_by("due_at"))


def test_one_list_a_day_names_who_and_why_and_not_what(
    make_member: Make, collector: Member, send: Send, at: datetime, mailoutbox: list[Any]
) -> None:
    for name, purpose in (("Nadia Osei", "job_offer"), ("Paul Roy", "press")):
        inmail = send(make_member(name, plan="premium-business"), collector, at=at, purpose=purpose).message
        announce(inmail.pk, at=inmail.deliver_at)
    assert not Notice.objects.exists()

    assert tell_of_requests(since=EIGHT - 2 * HOUR, at=EIGHT - HOUR) == 0
    assert tell_of_requests(since=EIGHT - HOUR, at=EIGHT) == 1
    assert tell_of_requests(since=EIGHT - HOUR, at=EIGHT + HOUR) == 0
    assert [notice.key for notice in lists()] == [f"requests:{collector.pk}:2026-11-23"]

    notices.send(lists()[0].pk, at=EIGHT)
    assert mailoutbox[0].subject == "2 people you don’t know wrote to you"
    for words in (mailoutbox[0].body, mailoutbox[0].alternatives[0].content):
        assert "Nadia Osei" in words
        assert "job offer" in words
        assert "/requests/" in words
        assert "Would you talk to us?" not in words
        assert "Platform lead" not in words


def test_the_next_list_holds_what_came_since(make_member: Make, collector: Member, send: Send, at: datetime) -> None:
    first, second = (make_member(name, plan="premium-business") for name in ("Nadia Osei", "Paul Roy"))
    send(first, collector, at=at)
    tell_of_requests(since=EIGHT - HOUR, at=EIGHT)
    tell_of_requests(since=EIGHT, at=EIGHT + DAY)
    send(second, collector, at=EIGHT + DAY + HOUR)

    tell_of_requests(since=EIGHT + DAY, at=EIGHT + 2 * DAY)

    assert [[person["name"] for person in notice.context["people"]] for notice in lists()] == [
        ["Nadia Osei"],
        ["Paul Roy"],
    ]


def test_who_is_blocked_or_answered_is_on_no_list(
    make_member: Make, collector: Member, send: Send, at: datetime
) -> None:
    one, other = (make_member(name, plan="premium-business") for name in ("Nadia Osei", "Paul Roy"))
    send(one, collector, at=at)
    conversation = send(other, collector, at=at).message.conversation
    blocks.block(blocker=collector, blocked=one, at=at + HOUR)
    answering.answer(conversation=conversation, member=collector, answer="later", at=at + HOUR)

    assert tell_of_requests(since=EIGHT - HOUR, at=EIGHT) == 0


def test_one_click_ends_the_list(collector: Member, send: Send, sender: Member, at: datetime) -> None:
    send(sender, collector, at=at)
    tell_of_requests(since=EIGHT - HOUR, at=EIGHT)
    mail = letters.write(lists()[0])
    address = mail.extra_headers["List-Unsubscribe"].strip("<>").partition("/unsubscribe/")[2]
    visitor = Client()

    assert "daily list of requests" in visitor.get(f"/unsubscribe/{address}").content.decode()
    assert Reach.objects.get(member=collector).requests_mail == "daily"
    assert "no more mail about requests" in visitor.post(f"/unsubscribe/{address}").content.decode()

    assert Reach.objects.get(member=collector).requests_mail == "none"
    notices.send(lists()[0].pk, at=EIGHT)
    assert lists()[0].failure == "The member wants no such mail."


@pytest.mark.parametrize(("chosen", "mails"), [("each", 1), ("daily", 0), ("none", 0)])
def test_mail_about_a_request_is_as_chosen_and_about_connections_as_before(
    make_member: Make, sender: Member, connect: Callable[..., None], send: Send, at: datetime, chosen: str, mails: int
) -> None:
    stranger, friend = make_member("Tomas Lind", requests_mail=chosen), make_member("Vera Kranz", requests_mail=chosen)
    connect(sender, friend, at=at)
    for member in (stranger, friend):
        message = send(sender, member, at=at).message
        announce(message.pk, at=message.deliver_at)

    assert Notice.objects.filter(member=stranger, kind="message").count() == mails
    assert Notice.objects.filter(member=friend, kind="message").count() == 1


# --- The reminder -----------------------------------------------------------------------------------------------


def reminders() -> int:
    return Notice.objects.filter(kind="waiting").count()


def test_an_inmail_is_reminded_of_once_after_three_days(
    sender: Member, recipient: Member, send: Send, at: datetime, mailoutbox: list[Any]
) -> None:
    inmail = send(sender, recipient, at=at).message
    due = inmail.deliver_at + 3 * DAY

    assert remind_recipients(at=due - HOUR) == 0
    assert remind_recipients(at=due) == 1
    assert remind_recipients(at=due + HOUR) == 0
    notices.send(Notice.objects.get(key=f"remind:{inmail.public_id}").pk, at=due)

    words = mailoutbox[0].body
    assert "Nadia Osei wrote to you on 22 Nov 2026. Purpose: job offer." in words
    assert "Any answer, also no, gives Nadia the credit back." in words
    assert inmail.body not in words


@pytest.mark.parametrize(
    "why", ["answered", "no mail", "no mail of requests", "blocked", "reported", "free", "old news"]
)
def test_it_is_not_reminded_of(
    make_member: Make, sender: Member, send: Send, at: datetime, why: str, clock: datetime
) -> None:
    is_free = why == "free"
    member = make_member("Tomas Lind", plan="premium-business" if is_free else None, wants_open_profile=is_free)
    message: Message = send(sender, member, at=at).message
    due, later = message.deliver_at + 3 * DAY, message.deliver_at + HOUR
    if why == "answered":
        answering.answer(conversation=message.conversation, member=member, answer="later", at=later)
    elif why == "no mail":
        Reach.objects.filter(member=member).update(wants_message_mail=False)
    elif why == "no mail of requests":
        Reach.objects.filter(member=member).update(requests_mail="none")
    elif why == "blocked":
        blocks.block(blocker=member, blocked=sender, at=later)
    elif why == "reported":
        Participation.objects.filter(member=member).update(tray="spam", coming_tray="spam")

    remind_recipients(at=due + 4 * DAY if why == "old news" else due)

    assert reminders() == 0


def test_the_tasks_run(sender: Member, recipient: Member, send: Send, clock: datetime) -> None:
    send(sender, recipient, at=clock)

    with set_to(clock + 4 * DAY):
        tasks.tell_of_requests()
        tasks.remind_recipients()

    assert reminders() == 1
