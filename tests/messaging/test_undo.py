"""For fifteen seconds outreach can be undone as if it had never been sent."""

from datetime import timedelta

import pytest

from accounts import stops
from accounts.models import StopRequest
from billing.models import Entry
from messaging import sending
from messaging.models import Draft, Outreach, Participation, SendingDay
from messaging.sending import KeyReused, TooLate
from messaging.verdicts import verdict_for

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)


def test_undo_gives_back_the_credit_the_text_and_the_place_under_the_cap(sender, recipient, send, balance, at):
    message = send(sender, recipient, at=at, send_key="key-of-the-form").message
    last = message.deliver_at - MICROSECOND

    draft = sending.undo(message=message, member=sender, at=last)

    assert balance(sender, at=last) == 15
    assert list(Entry.objects.filter(charge__isnull=False).order_by("seq").values_list("kind", flat=True)) == [
        "charge",
        "reverse",
    ]
    assert (draft.subject, draft.body, draft.purpose) == ("Platform lead", "Would you talk to us?", "job_offer")
    assert draft.send_key != "key-of-the-form"
    assert SendingDay.objects.get().outreach == 0
    assert verdict_for(sender, recipient, at=last).code == "inmail"


def test_an_undone_message_is_in_no_list(sender, recipient, send, at):
    message = send(sender, recipient, at=at).message
    sending.undo(message=message, member=sender, at=at + SECOND)

    assert not Participation.objects.all().shown(at + timedelta(days=1)).exists()
    assert Participation.objects.get(member=sender).opened_at is None


def test_after_delivery_it_is_too_late(sender, recipient, send, balance, at):
    message = send(sender, recipient, at=at).message

    with pytest.raises(TooLate):
        sending.undo(message=message, member=sender, at=message.deliver_at)

    assert balance(sender) == 14
    assert not Draft.objects.exists()


def test_undoing_twice_answers_with_the_same_draft(sender, recipient, send, balance, at):
    message = send(sender, recipient, at=at).message

    first = sending.undo(message=message, member=sender, at=at + SECOND)
    again = sending.undo(message=message, member=sender, at=at + 2 * SECOND)

    assert again == first
    assert balance(sender) == 15
    assert Entry.objects.filter(kind="reverse").count() == 1


def test_the_old_form_cannot_send_the_undone_message_again(sender, recipient, send, at):
    message = send(sender, recipient, at=at, send_key="key-of-the-form").message
    draft = sending.undo(message=message, member=sender, at=at + SECOND)

    with pytest.raises(KeyReused):
        send(sender, recipient, at=at + 2 * SECOND, send_key="key-of-the-form")
    sent = send(sender, recipient, at=at + 2 * SECOND, send_key=draft.send_key)

    assert Outreach.objects.get(message=sent.message).is_first


def test_a_free_outreach_is_undone_likewise(make_member, outsider, send, at):
    host = make_member("Olga Petrova", plan="premium-business", wants_open_profile=True)
    message = send(outsider, host, at=at).message

    sending.undo(message=message, member=outsider, at=at + SECOND)

    assert verdict_for(outsider, host, at=at + SECOND).code == "open_profile"
    assert not Entry.objects.filter(wallet__member=outsider).exists()


def test_only_the_writer_can_undo(sender, recipient, outsider, send, at):
    message = send(sender, recipient, at=at).message

    for stranger in (recipient, outsider):
        with pytest.raises((Participation.DoesNotExist, message.DoesNotExist)):
            sending.undo(message=message, member=stranger, at=at + SECOND)


def test_a_message_to_a_connection_cannot_be_undone(sender, recipient, send, connect, at):
    connect(sender, recipient, at=at)
    message = send(sender, recipient, at=at).message

    with pytest.raises(TooLate):
        sending.undo(message=message, member=sender, at=at + SECOND)


def test_a_stop_lifted_by_the_undone_message_stands_again(sender, recipient, send, at):
    stops.stop(recipient=sender, sender=recipient, at=at - timedelta(days=1))
    message = send(sender, recipient, at=at).message
    assert StopRequest.objects.get().lifted_at is not None

    sending.undo(message=message, member=sender, at=at + SECOND)

    assert StopRequest.objects.get().lifted_at is None


def test_an_undone_follow_up_leaves_the_first_message_where_it_was(sender, recipient, send, at):
    first = send(sender, recipient, at=at).message
    week = at + timedelta(days=7)
    follow_up = send(sender, recipient, at=week).message

    sending.undo(message=follow_up, member=sender, at=week + SECOND)

    sides = Participation.objects.all().shown(week + timedelta(days=1))
    assert [side.shown_id for side in sides] == [first.pk, first.pk]
