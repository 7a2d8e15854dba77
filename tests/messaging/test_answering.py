"""One tap answers outreach, is told after ten seconds, and gives the credit back."""

from datetime import timedelta

import pytest

from accounts import blocks, stops
from accounts.models import StopRequest
from billing import ledger
from billing.models import Charge, Entry
from messaging import answering
from messaging.answering import NothingToAnswer, TooLate, VerdictChanged
from messaging.models import Message, Outreach, Participation
from messaging.verdicts import verdict_for

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
ANSWERS = ["accept", "interested", "later", "no_thanks", "wrong_person", "stop"]


@pytest.fixture
def inmail(sender, recipient, send, at) -> Message:
    return send(sender, recipient, at=at - timedelta(days=3)).message


@pytest.fixture
def tap(inmail, recipient, at):
    def answer(answer: str, *, body: str = "", at=at) -> Message:
        return answering.answer(conversation=inmail.conversation, member=recipient, answer=answer, body=body, at=at)

    return answer


def side_of(member, other) -> Participation:
    return Participation.objects.get(member=member, other=other)


@pytest.mark.parametrize("choice", ANSWERS)
def test_every_tap_gives_the_credit_back_when_its_ten_seconds_are_over(choice, tap, sender, balance, at):
    message = tap(choice)
    charge = Charge.objects.get()

    assert (message.sent_at, message.deliver_at) == (at, at + 10 * SECOND)
    assert (charge.answered_at, charge.return_due_at) == (at, at + 10 * SECOND)
    ledger.refund(charge_id=charge.pk, at=at + 10 * SECOND - MICROSECOND)
    assert not Entry.objects.filter(kind="refund").exists()
    ledger.refund(charge_id=charge.pk, at=at + 10 * SECOND)
    assert balance(sender, at=at + 10 * SECOND) == 15


@pytest.mark.parametrize(
    ("choice", "body", "code"),
    [
        ("accept", "", "open"),
        ("interested", "", "open"),
        ("later", "", "open"),
        ("wrong_person", "", "open"),
        ("no_thanks", "Thank you, but I stay.", "open"),
        ("no_thanks", "", "declined"),
        ("stop", "", "stopped"),
        ("stop", "Enough.", "stopped"),
    ],
)
def test_what_a_tap_opens_or_closes_is_known_when_it_is_told(choice, body, code, tap, sender, recipient, at):
    tap(choice, body=body)

    assert verdict_for(sender, recipient, at=at + 10 * SECOND - MICROSECOND).code == "awaiting_answer"
    assert verdict_for(sender, recipient, at=at + 10 * SECOND).code == code


def test_accepting_does_not_connect(tap, sender, recipient, at):
    tap("accept")

    assert verdict_for(sender, recipient, at=at + 20 * SECOND).code == "open"


@pytest.mark.parametrize(("choice", "tray"), [("interested", "inbox"), ("no_thanks", "archive"), ("stop", "archive")])
def test_an_answer_takes_the_request_out_of_its_tray(choice, tray, tap, sender, recipient):
    tap(choice)

    assert side_of(recipient, sender).tray == tray


def test_a_tap_is_not_seen_by_the_sender_before_it_is_told(tap, inmail, sender, at):
    message = tap("interested")
    seen = Message.objects.filter(conversation=inmail.conversation)

    assert message not in seen.visible_to(sender, at + 10 * SECOND - MICROSECOND)
    assert message in seen.visible_to(sender, at + 10 * SECOND)


@pytest.mark.parametrize("choice", ANSWERS)
def test_a_tap_taken_back_has_never_been(choice, tap, inmail, sender, recipient, balance, at):
    before = side_of(recipient, sender)
    message = tap(choice)

    answering.take_back(message=message, member=recipient, at=at + 10 * SECOND - MICROSECOND)

    after = side_of(recipient, sender)
    assert (after.opened_at, after.closed_at, after.tray) == (before.opened_at, before.closed_at, "requests")
    assert after.last_message == inmail
    assert side_of(sender, recipient).coming_message is None
    charge = Charge.objects.get()
    assert (charge.answered_at, charge.return_due_at) == (None, None)
    assert Outreach.objects.get().answered_at is None
    assert not StopRequest.objects.filter(lifted_at=None).exists()
    assert verdict_for(sender, recipient, at=at + 60 * SECOND).code == "awaiting_answer"
    assert balance(sender, at=at + 60 * SECOND) == 14


def test_after_ten_seconds_it_is_too_late_to_take_back(tap, recipient, at):
    message = tap("no_thanks")

    with pytest.raises(TooLate):
        answering.take_back(message=message, member=recipient, at=at + 10 * SECOND)
    assert Charge.objects.get().answered_at is not None


def test_taking_back_twice_is_harmless(tap, recipient, at):
    message = tap("later")
    for _ in range(2):
        answering.take_back(message=message, member=recipient, at=at + SECOND)


def test_the_other_side_cannot_take_a_tap_back(tap, sender, at):
    message = tap("later")

    with pytest.raises(TooLate):
        answering.take_back(message=message, member=sender, at=at + SECOND)


def test_after_a_tap_was_taken_back_another_answer_counts(tap, recipient, at):
    answering.take_back(message=tap("later"), member=recipient, at=at + SECOND)

    tap("interested", at=at + 2 * SECOND)

    assert Charge.objects.get().answered_at == at + 2 * SECOND


def test_a_tap_can_be_exchanged_before_it_is_told(tap, sender, recipient, at):
    first = tap("no_thanks")
    second = tap("interested", body="On second thought", at=at + 5 * SECOND)

    assert second.pk == first.pk
    assert (second.answer, second.body, second.deliver_at) == ("interested", "On second thought", at + 10 * SECOND)
    assert side_of(recipient, sender).tray == "inbox"
    assert verdict_for(sender, recipient, at=at + 10 * SECOND).code == "open"
    assert Message.objects.filter(kind="answer").count() == 1


def test_a_told_tap_can_be_exchanged_for_ten_minutes_and_a_posted_return_stays(tap, sender, recipient, balance, at):
    message = tap("interested")
    ledger.refund(charge_id=Charge.objects.get().pk, at=at + 10 * SECOND)

    changed = answering.exchange(
        message=message, member=recipient, answer="no_thanks", at=at + timedelta(minutes=10) - MICROSECOND
    )

    assert (changed.pk, changed.answer) == (message.pk, "no_thanks")
    assert verdict_for(sender, recipient, at=at + timedelta(minutes=10)).code == "declined"
    assert balance(sender, at=at + timedelta(minutes=10)) == 15
    with pytest.raises(TooLate):
        answering.exchange(message=message, member=recipient, answer="later", at=at + timedelta(minutes=10))


def test_exchanging_a_stop_lifts_it(tap, sender, recipient, at):
    message = tap("stop")
    assert verdict_for(sender, recipient, at=at + 20 * SECOND).code == "stopped"

    answering.exchange(message=message, member=recipient, answer="later", at=at + 30 * SECOND)

    assert verdict_for(sender, recipient, at=at + 30 * SECOND).code == "open"


def test_an_older_stop_survives_the_taking_back_of_a_newer_tap(tap, sender, recipient, at):
    stops.stop(recipient=recipient, sender=sender, at=at - timedelta(days=1))
    message = tap("stop")

    answering.take_back(message=message, member=recipient, at=at + SECOND)

    assert StopRequest.objects.get().lifted_at is None


def test_the_same_tap_twice_is_one_answer(tap, at):
    assert tap("later") == tap("later", at=at + timedelta(hours=1))


def test_a_further_answer_after_ten_minutes_gives_nothing_more_back(tap, sender, recipient, balance, at):
    tap("interested")
    ledger.refund(charge_id=Charge.objects.get().pk, at=at + 10 * SECOND)
    hour = at + timedelta(hours=1)

    tap("no_thanks", at=hour)

    assert verdict_for(sender, recipient, at=hour + 10 * SECOND).code == "declined"
    assert Entry.objects.filter(kind="refund").count() == 1
    assert balance(sender, at=hour + 10 * SECOND) == 15


def test_words_after_a_tap_deliver_it_and_stand_on_their_own(tap, send, sender, recipient, at):
    message = tap("no_thanks")

    text = send(recipient, sender, at=at + 3 * SECOND, purpose="", subject="").message

    message.refresh_from_db()
    assert message.deliver_at == text.sent_at == at + 3 * SECOND
    with pytest.raises(TooLate):
        answering.take_back(message=message, member=recipient, at=at + 4 * SECOND)
    assert verdict_for(sender, recipient, at=at + 4 * SECOND).code == "open"


def test_the_writer_of_the_outreach_cannot_answer_it(inmail, sender, at):
    with pytest.raises(NothingToAnswer):
        answering.answer(conversation=inmail.conversation, member=sender, answer="accept", at=at)

    assert Charge.objects.get().answered_at is None


def test_an_outsider_takes_no_part(inmail, outsider, at):
    with pytest.raises(Participation.DoesNotExist):
        answering.answer(conversation=inmail.conversation, member=outsider, answer="accept", at=at)


def test_what_is_not_delivered_yet_cannot_be_answered(sender, recipient, send, at):
    message = send(sender, recipient, at=at).message

    with pytest.raises(NothingToAnswer):
        answering.answer(conversation=message.conversation, member=recipient, answer="accept", at=at + SECOND)


def test_who_was_blocked_by_the_writer_meanwhile_cannot_answer(inmail, tap, sender, recipient, at):
    blocks.block(blocker=sender, blocked=recipient, at=at)

    with pytest.raises(VerdictChanged) as refusal:
        tap("accept")

    assert refusal.value.verdict.code == "unavailable"
    assert Charge.objects.get().answered_at is None


def test_unblocked_in_time_an_answer_gives_the_credit_back(inmail, tap, sender, recipient, at):
    blocks.block(blocker=recipient, blocked=sender, at=at)
    assert verdict_for(sender, recipient, at=at).code == "not_accepting"
    with pytest.raises(VerdictChanged):
        tap("accept")

    blocks.unblock(blocker=recipient, blocked=sender)
    tap("accept", at=at + SECOND)

    assert Charge.objects.get().answered_at is not None


@pytest.mark.parametrize(("offset", "returns"), [(-MICROSECOND, True), (timedelta(0), False)])
def test_the_tap_counts_at_its_own_instant_not_at_its_delivery(inmail, tap, offset, returns, sender, recipient):
    until = Charge.objects.get().refundable_until

    tap("later", at=until + offset)

    assert (Charge.objects.get().return_due_at is not None) == returns
    assert verdict_for(sender, recipient, at=until + 20 * SECOND).code == "open"


def test_answering_needs_no_plan_and_no_credits(tap, recipient, balance, at):
    assert balance(recipient) == 0

    tap("interested")

    assert balance(recipient, at=at + SECOND) == 0


def test_a_follow_up_still_waiting_is_delivered_and_answered_by_the_tap(inmail, tap, send, sender, recipient, at):
    week = inmail.sent_at + timedelta(days=7)
    follow_up = send(sender, recipient, at=week).message

    tap("later", at=week + SECOND)

    follow_up.refresh_from_db()
    assert follow_up.deliver_at == week + SECOND
    assert Charge.objects.filter(answered_at=None).count() == 0
