"""Who is told of a message, once it is delivered: who wrote and why, never what."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts import blocks, notices
from accounts.models import Member, Notice, Reach
from messaging import answering, sending
from messaging.models import Message
from messaging.notifications import announce, announce_delivered

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def inmail(sender, recipient, send, at) -> Message:
    return send(sender, recipient, at=at).message


def test_nobody_is_told_before_delivery(inmail):
    assert not announce(inmail.pk, at=inmail.deliver_at - SECOND)
    assert not Notice.objects.exists()


def test_the_mail_says_who_and_why_and_not_what(inmail, sender, recipient, mailoutbox):
    Member.objects.filter(pk=recipient.pk).update(last_login=inmail.sent_at)

    assert announce(inmail.pk, at=inmail.deliver_at)
    notices.send(Notice.objects.get().pk, at=inmail.deliver_at)

    sent = mailoutbox[0]
    assert (sent.to, sent.subject) == ([recipient.email], "Nadia Osei wrote to you")
    for words in (sent.body, sent.alternatives[0].content):
        assert "Nadia Osei, whom you are not connected with, wrote to you. Purpose: job offer." in words
        assert "The message waits in Requests." in words
        assert inmail.conversation.get_absolute_url() in words
        assert inmail.body not in words
        assert inmail.subject not in words
        assert "sign-in code" not in words


def test_an_imported_member_is_told_how_to_come_in(inmail, mailoutbox):
    announce(inmail.pk, at=inmail.deliver_at)
    notices.send(Notice.objects.get().pk, at=inmail.deliver_at)

    for words in (mailoutbox[0].body, mailoutbox[0].alternatives[0].content):
        assert "ask for a sign-in code here" in words
        assert f"/accounts/login/code/?next=%2Finbox%2Fc%2F{inmail.conversation.public_id}%2F" in words


def test_a_message_is_announced_once(inmail):
    assert announce(inmail.pk, at=inmail.deliver_at)
    assert not announce(inmail.pk, at=inmail.deliver_at + SECOND)
    assert announce_delivered(at=inmail.deliver_at + SECOND) == 0
    assert Notice.objects.count() == 1


def test_the_sweep_finds_what_no_hint_announced(inmail, outsider, sender, send, connect, at):
    connect(sender, outsider, at=at)
    send(sender, outsider, at=at)

    assert announce_delivered(at=inmail.deliver_at) == 2
    assert Notice.objects.count() == 2


def test_an_undone_message_is_never_announced(inmail, sender, at):
    sending.undo(message=inmail, member=sender, at=at + SECOND)

    assert announce_delivered(at=at + timedelta(days=1)) == 0
    assert not Notice.objects.exists()


def test_who_wants_no_mail_gets_none(inmail, recipient):
    Reach.objects.filter(member=recipient).update(wants_message_mail=False)

    assert announce(inmail.pk, at=inmail.deliver_at)
    assert not Notice.objects.exists()


def test_who_blocked_the_writer_meanwhile_gets_none(inmail, sender, recipient, at):
    blocks.block(blocker=recipient, blocked=sender, at=at + SECOND)

    announce(inmail.pk, at=inmail.deliver_at)

    assert not Notice.objects.exists()


def test_an_answer_is_told_to_the_writer_after_its_ten_seconds(inmail, sender, recipient, mailoutbox):
    tapped = inmail.deliver_at + SECOND
    message = answering.answer(conversation=inmail.conversation, member=recipient, answer="interested", at=tapped)

    assert not announce(message.pk, at=tapped + 9 * SECOND)
    assert announce(message.pk, at=tapped + 10 * SECOND)
    notices.send(Notice.objects.get().pk, at=tapped + 10 * SECOND)

    assert mailoutbox[0].to == [sender.email]
    assert mailoutbox[0].subject == "Tomas Lind answered you"
    assert "answered your message: Interested." in mailoutbox[0].body


def test_names_are_text_in_both_halves_of_the_mail(make_member, recipient, send, at, mailoutbox):
    writer = make_member("Bo <b>& Söhne", plan="premium-business")
    message = send(writer, recipient, at=at).message
    announce(message.pk, at=message.deliver_at)
    notices.send(Notice.objects.get().pk, at=message.deliver_at)

    assert "Bo <b>& Söhne" in mail.outbox[0].body
    assert "Bo &lt;b&gt;&amp; Söhne" in mail.outbox[0].alternatives[0].content
