"""Outreach takes its credit in the same transaction; free messages go at once."""

from datetime import timedelta

import pytest

from accounts import blocks, stops
from accounts.models import Member, Reach
from billing import ledger
from billing.models import Charge, Entry
from messaging import answering, sending
from messaging.drafts import draft_for, save_draft
from messaging.models import Conversation, Draft, Message, Outreach, Participation, SendingDay
from messaging.quotes import Quote
from messaging.sending import KeyReused, VerdictChanged
from messaging.verdicts import verdict_for

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
PAID = Quote(code="inmail", cost=1)


def test_an_inmail_takes_one_credit_and_waits_for_the_undo_window(sender, recipient, send, balance, at):
    assert balance(sender) == 15

    sent = send(sender, recipient, at=at)

    message = sent.message
    assert (sent.cost, message.kind, message.deliver_at) == (1, "inmail", message.sent_at + 15 * SECOND)
    assert balance(sender) == 14
    outreach = Outreach.objects.get(message=message)
    assert (outreach.code, outreach.purpose, outreach.is_first) == ("inmail", "job_offer", True)
    assert outreach.charge.reference == message.public_id
    assert outreach.charge.refundable_until == outreach.charge.charged_at + timedelta(hours=2160)


def test_a_first_contact_lands_in_requests_and_not_before_it_is_delivered(sender, recipient, send, at):
    message = send(sender, recipient, at=at).message

    before = Participation.objects.filter(member=recipient).shown(message.deliver_at - MICROSECOND)
    after = Participation.objects.filter(member=recipient).shown(message.deliver_at).get()

    assert not before.exists()
    assert (after.shown_tray, after.shown_at, after.shown_id) == ("requests", message.deliver_at, message.pk)


def test_a_recipient_may_choose_the_inbox_for_first_contacts(sender, make_member, send, at):
    reader = make_member("Lena Vogt", first_contacts_land="inbox")

    message = send(sender, reader, at=at).message

    assert Participation.objects.filter(member=reader).shown(message.deliver_at).get().shown_tray == "inbox"


def test_a_message_to_a_connection_is_free_and_goes_at_once(sender, recipient, send, connect, balance, at):
    connect(sender, recipient, at=at)

    sent = send(sender, recipient, at=at, purpose="", subject="")

    assert (sent.cost, sent.message.kind, sent.message.deliver_at) == (0, "text", sent.message.sent_at)
    assert balance(sender) == 15
    assert not Outreach.objects.exists()
    assert Participation.objects.filter(member=recipient).shown(at + SECOND).get().shown_tray == "inbox"


def test_an_open_profile_message_is_outreach_without_a_charge(make_member, outsider, send, at):
    host = make_member("Olga Petrova", plan="premium-business", wants_open_profile=True)

    sent = send(outsider, host, at=at)

    assert (sent.cost, sent.message.kind) == (0, "open_profile")
    assert Outreach.objects.get().charge is None
    assert not Charge.objects.exists()
    assert SendingDay.objects.get(member=outsider).outreach == 1


def test_the_open_profile_wish_of_a_free_member_does_not_count(make_member, outsider, at):
    host = make_member("Olga Petrova", wants_open_profile=True)

    assert verdict_for(outsider, host, at=at).code == "plan_required"


def test_pressing_send_twice_sends_once(sender, recipient, send, balance, at):
    first = send(sender, recipient, at=at, send_key="key-of-the-form")
    again = send(sender, recipient, at=at + SECOND, send_key="key-of-the-form", shown=PAID)

    assert again.message == first.message
    assert (again.is_repeat, again.cost) == (True, 1)
    assert (Message.objects.count(), Charge.objects.count(), balance(sender)) == (1, 1, 14)


def test_the_key_is_looked_up_before_the_balance(make_member, recipient, send, at):
    poor = make_member("Sam Rivera")
    _give(poor, 1, at=at)
    first = send(poor, recipient, at=at, send_key="key-of-the-form")

    again = send(poor, recipient, at=at + SECOND, send_key="key-of-the-form", shown=PAID)

    assert again.message == first.message


@pytest.mark.parametrize("changed", [{"body": "Another text"}, {"subject": "Another subject"}])
def test_the_same_key_with_another_text_shows_what_was_stored(sender, recipient, send, changed, at):
    first = send(sender, recipient, at=at, send_key="key-of-the-form")

    with pytest.raises(KeyReused) as refusal:
        send(sender, recipient, at=at + SECOND, send_key="key-of-the-form", shown=PAID, **changed)

    assert refusal.value.message == first.message
    assert Message.objects.count() == 1


def test_the_same_key_to_somebody_else_is_refused(sender, recipient, outsider, send, at):
    send(sender, recipient, at=at, send_key="key-of-the-form")

    with pytest.raises(KeyReused):
        send(sender, outsider, at=at + SECOND, send_key="key-of-the-form")


def test_a_refusal_writes_nothing_and_keeps_the_draft(sender, recipient, send, balance, at):
    draft = save_draft(
        member=sender, recipient=recipient, subject="S", body="Text", purpose="press", send_key="k" * 20, at=at
    )
    Reach.objects.filter(member=recipient).update(who="nobody")

    with pytest.raises(VerdictChanged) as refusal:
        send(sender, recipient, at=at, shown=PAID)

    assert refusal.value.verdict.code == "not_accepting"
    assert balance(sender) == 15
    assert Draft.objects.get() == draft
    assert not Conversation.objects.exists()
    assert not SendingDay.objects.exists()


def test_who_was_blocked_meanwhile_is_refused_as_by_reach_nobody(sender, recipient, send, at):
    blocks.block(blocker=recipient, blocked=sender, at=at)

    with pytest.raises(VerdictChanged) as refusal:
        send(sender, recipient, at=at, shown=PAID)

    assert refusal.value.verdict.code == "not_accepting"


def test_connected_since_it_was_shown_is_free_and_told(sender, recipient, send, connect, balance, at):
    connect(sender, recipient, at=at)

    sent = send(sender, recipient, at=at, shown=PAID)

    assert (sent.became_free, sent.cost, balance(sender)) == (True, 0, 15)


def test_dearer_than_shown_is_refused(sender, recipient, send, at):
    with pytest.raises(VerdictChanged) as refusal:
        send(sender, recipient, at=at, shown=Quote(code="open_profile", cost=0))

    assert refusal.value.verdict.code == "inmail"


def test_disconnected_since_it_was_shown_is_refused_even_where_outreach_is_free(make_member, outsider, send, at):
    host = make_member("Olga Petrova", plan="premium-business", wants_open_profile=True)

    with pytest.raises(VerdictChanged) as refusal:
        send(outsider, host, at=at, shown=Quote(code="connection"))

    assert refusal.value.verdict.code == "open_profile"


@pytest.mark.parametrize(
    ("shown", "goes"),
    [
        ({"is_returnable": False}, True),
        ({"is_returnable": True, "until": timedelta(0)}, True),
        ({"is_returnable": True, "until": timedelta(seconds=1)}, False),
        ({"is_returnable": True, "until": None}, False),
    ],
)
def test_a_shorter_return_than_shown_is_refused(sender, recipient, send, shown, goes, at):
    until = shown.get("until", timedelta(0))
    promised = None if until is None else at + timedelta(hours=2160) + until
    quote = Quote("inmail", 1, is_returnable=shown["is_returnable"], refundable_until=promised)

    if goes:
        assert send(sender, recipient, at=at, shown=quote).cost == 1
    else:
        with pytest.raises(VerdictChanged):
            send(sender, recipient, at=at, shown=quote)


def test_a_quote_survives_its_hidden_fields(sender, recipient, at):
    quote = Quote.of(verdict_for(sender, recipient, at=at))

    assert Quote.from_form(quote.as_hidden()) == quote
    assert Quote.from_form({"quote_cost": "many", "quote_until": "soon"}) == Quote()


def test_outreach_without_a_purpose_is_refused(sender, recipient, send, at):
    with pytest.raises(VerdictChanged) as refusal:
        send(sender, recipient, at=at, purpose="")

    assert refusal.value.verdict.code == "purpose_invalid"


def test_nobody_writes_to_themselves(sender, send, at):
    with pytest.raises(VerdictChanged) as refusal:
        send(sender, sender, at=at)

    assert refusal.value.verdict.code == "self"


def test_the_daily_cap_counts_outreach_in_the_senders_own_day(make_member, send, connect, at):
    writer = make_member("Kai Ono")
    Member.objects.filter(pk=writer.pk).update(time_zone="Asia/Tokyo")
    writer.refresh_from_db()
    _give(writer, 20, at=at)
    people = [make_member(f"Person {number}") for number in range(7)]
    for person in people[:5]:
        send(writer, person, at=at)

    with pytest.raises(VerdictChanged) as refusal:
        send(writer, people[5], at=at, shown=PAID)
    connect(writer, people[6], at=at)
    free = send(writer, people[6], at=at)

    assert refusal.value.verdict.sentence == "You reached today's limit of 5. It resets in 4 h."
    assert free.message.kind == "text"
    # Midnight in Tokyo is 15:00 UTC.
    assert verdict_for(writer, people[5], at=at + timedelta(hours=4) - MICROSECOND).code == "daily_limit"
    assert verdict_for(writer, people[5], at=at + timedelta(hours=4)).code == "inmail"


def test_a_follow_up_has_its_own_charge_and_there_are_two_at_most(sender, recipient, send, balance, at):
    send(sender, recipient, at=at)
    week = at + timedelta(days=7)
    with pytest.raises(VerdictChanged) as early:
        send(sender, recipient, at=week - SECOND, shown=PAID)

    second = send(sender, recipient, at=week, subject="").message

    assert early.value.verdict.code == "awaiting_answer"
    assert not Outreach.objects.get(message=second).is_first
    assert Charge.objects.count() == 2
    with pytest.raises(VerdictChanged) as third:
        send(sender, recipient, at=week + timedelta(days=60), shown=PAID)
    assert third.value.verdict.code == "unanswered_limit"


def test_both_write_first_at_once_and_the_second_is_an_answer_for_free(sender, make_member, send, balance, at):
    other = make_member("Ada Okafor", plan="premium-business")
    outreach = send(sender, other, at=at).message

    answer = send(other, sender, at=at + SECOND, shown=PAID)

    outreach.refresh_from_db()
    assert (answer.cost, answer.became_free, answer.message.kind) == (0, True, "text")
    assert outreach.deliver_at == answer.message.sent_at
    assert balance(other) == 15
    charge = Charge.objects.get()
    assert (charge.answered_at, charge.return_due_at) == (answer.message.sent_at,) * 2
    with pytest.raises(sending.TooLate):
        sending.undo(message=outreach, member=sender, at=at + 2 * SECOND)


def test_a_text_answers_the_inmail_and_the_credit_returns(sender, recipient, send, balance, at):
    send(sender, recipient, at=at)
    later = at + timedelta(days=3)

    send(recipient, sender, at=later, purpose="", subject="")
    ledger.refund(charge_id=Charge.objects.get().pk, at=later)

    assert balance(sender, at=later) == 15
    assert list(Entry.objects.filter(charge__isnull=False).order_by("seq").values_list("kind", "delta")) == [
        ("charge", -1),
        ("refund", 1),
    ]
    assert verdict_for(sender, recipient, at=later).code == "open"
    assert Outreach.objects.get().answered_at == later


def test_one_answer_answers_the_inmail_and_its_follow_up_each_in_its_own_window(sender, recipient, send, at):
    send(sender, recipient, at=at)
    send(sender, recipient, at=at + timedelta(days=7))
    first, second = Charge.objects.order_by("charged_at")

    # The first one's window is over, the second one's is not.
    send(recipient, sender, at=first.refundable_until, purpose="", subject="")

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.answered_at is None
    assert second.answered_at is not None
    assert not Outreach.objects.filter(answered_at=None).exists()


@pytest.mark.parametrize(("offset", "returns"), [(-MICROSECOND, True), (timedelta(0), False)])
def test_the_window_ends_at_refundable_until(sender, recipient, send, offset, returns, at):
    send(sender, recipient, at=at)
    until = Charge.objects.get().refundable_until

    send(recipient, sender, at=until + offset, purpose="", subject="")

    assert (Charge.objects.get().answered_at is not None) == returns
    assert verdict_for(sender, recipient, at=until + SECOND).code == "open"


def test_the_senders_own_words_never_answer_their_inmail(sender, recipient, send, connect, at):
    send(sender, recipient, at=at)
    connect(sender, recipient, at=at)

    send(sender, recipient, at=at + timedelta(days=1))

    assert Charge.objects.get().answered_at is None
    assert Outreach.objects.get().answered_at is None


def test_writing_lifts_ones_own_stop_and_the_composer_says_so_first(sender, recipient, send, at):
    send(sender, recipient, at=at)
    stops.stop(recipient=recipient, sender=sender, at=at + SECOND)
    later = at + timedelta(days=1)
    said = sending.what_writing_changes(recipient, sender)

    send(recipient, sender, at=later, purpose="", subject="")

    assert said == "You asked Nadia not to write again. If you write, Nadia can write to you again."
    assert sending.what_writing_changes(recipient, sender) == ""
    assert verdict_for(sender, recipient, at=later).code == "open"


def test_writing_takes_back_ones_own_no(sender, recipient, send, at):
    conversation = send(sender, recipient, at=at).message.conversation
    answering.answer(conversation=conversation, member=recipient, answer="no_thanks", at=at + timedelta(minutes=1))
    later = at + timedelta(days=1)
    assert verdict_for(sender, recipient, at=later).code == "declined"
    assert sending.what_writing_changes(recipient, sender) == (
        "You said no to Nadia. If you write, Nadia can write to you again."
    )

    send(recipient, sender, at=later, purpose="", subject="")

    assert verdict_for(sender, recipient, at=later).code == "open"


def test_a_sent_text_leaves_no_draft(sender, recipient, send, at):
    save_draft(member=sender, recipient=recipient, subject="S", body="Text", purpose="press", send_key="k" * 20, at=at)

    send(sender, recipient, at=at, send_key="k" * 20)
    late_autosave = save_draft(
        member=sender, recipient=recipient, subject="S", body="Text", purpose="press", send_key="k" * 20, at=at
    )

    assert late_autosave is None
    assert not Draft.objects.exists()
    assert draft_for(sender, recipient).send_key != "k" * 20


def _give(member: Member, amount: int, *, at) -> None:
    from django.db import transaction

    with transaction.atomic():
        wallet = ledger.lock_wallet(member, at=at)
        ledger.grant(
            wallet=wallet,
            amount=amount,
            source="admin",
            priority=20,
            expires_at=at + timedelta(days=365),
            key=f"test:{member.pk}",
            at=at,
        )
