"""What an operator sets, members find: each setting of the policy that is about messages, with real verbs and pages."""

from datetime import timedelta

import pytest

from accounts import connections
from accounts.models import Reach
from billing import journal, ledger
from billing.models import Charge, Entry
from messaging import answering, events, leaving, sending, trays
from messaging.drafts import draft_for
from messaging.models import Message, Outreach, Participation, SendingDay
from messaging.quotes import Quote
from messaging.sending import VerdictChanged
from messaging.verdicts import verdict_for

pytestmark = pytest.mark.django_db

SECOND, WEEK = timedelta(seconds=1), timedelta(days=7)
FREE = {"purpose": "", "subject": ""}


def test_a_conversation_is_paid_for_once_and_its_answer_gives_that_credit_back(
    sender, recipient, send, rule, balance, at
):
    rule(charge_unit="conversation")
    send(sender, recipient, at=at)

    follow_up = send(sender, recipient, at=at + WEEK, subject="")

    assert (follow_up.cost, follow_up.code, follow_up.message.kind) == (0, "follow_up", "inmail")
    assert Outreach.objects.get(message=follow_up.message).charge is None
    assert balance(sender, at=at + WEEK) == 14
    # Undone within the window it gives back its place under the day's cap, and no credit.
    sending.undo(message=follow_up.message, member=sender, at=at + WEEK + SECOND)
    assert sum(SendingDay.objects.filter(member=sender).values_list("outreach", flat=True)) == 1
    again = send(sender, recipient, at=at + WEEK + 2 * SECOND, subject="").message
    with pytest.raises(VerdictChanged) as third:
        send(sender, recipient, at=at + 3 * WEEK, subject="")
    assert third.value.verdict.code == "unanswered_limit"

    later = again.deliver_at + timedelta(days=21)
    send(recipient, sender, at=later, **FREE)
    ledger.refund(charge_id=Charge.objects.get().pk, at=later)
    assert balance(sender, at=later) == 15
    assert verdict_for(sender, recipient, at=later).code == "open"


def test_where_each_message_is_paid_for_the_starter_pays_on_and_the_other_answers_for_free(
    sender, recipient, send, rule, balance, at
):
    rule(charge_unit="message")
    send(sender, recipient, at=at)
    later = at + timedelta(hours=1)
    assert send(recipient, sender, at=later, **FREE).cost == 0

    paid = send(sender, recipient, at=later + SECOND, **FREE)

    # Two were charged, and the answer gave the first one back.
    assert (paid.cost, paid.code, paid.message.kind, balance(sender, at=later + SECOND)) == (
        1,
        "open_paid",
        "inmail",
        14,
    )
    outreach = Outreach.objects.get(message=paid.message)
    assert (outreach.code, outreach.purpose, outreach.is_first) == ("open_paid", "job_offer", False)
    assert list(trays.awaiting(sender, later + SECOND)) == [outreach]
    # It is no new contact: the day's cap does not count it, and undone it frees no place there.
    assert sum(SendingDay.objects.filter(member=sender).values_list("outreach", flat=True)) == 1
    sending.undo(message=paid.message, member=sender, at=later + 2 * SECOND)
    assert sum(SendingDay.objects.filter(member=sender).values_list("outreach", flat=True)) == 1
    assert balance(sender, at=later + 2 * SECOND) == 15
    # Who saw "free" is asked again, and pays nothing.
    with pytest.raises(VerdictChanged) as changed:
        send(sender, recipient, at=later + 3 * SECOND, shown=Quote("open"), **FREE)
    assert changed.value.verdict.code == "open_paid"


def test_what_waits_for_an_answer_says_what_brings_its_credit_back_if_anything_does(
    sender, recipient, outsider, send, rule, browse, clock, at
):
    """In an open conversation, where each message is paid for, nothing waits but a credit that may come back."""
    step = timedelta(minutes=5)
    rule(charge_unit="message", return_enabled=False, since=at - 5 * step)
    send(sender, recipient, at=at - 4 * step)
    send(recipient, sender, at=at - 3 * step, **FREE)
    send(sender, recipient, at=at - 2 * step, **FREE)
    client = browse(sender)
    page = client.get("/awaiting/").content.decode()
    assert "First messages without an answer." in page and "Nothing is waiting" in page
    rule(return_window_hours=None, return_on=["reply"], since=at - step)
    send(sender, outsider, at=at - step)
    page = client.get("/awaiting/").content.decode()
    assert "until when a credit can come back" in page
    assert "comes back when the other person answers in words" in page


@pytest.mark.parametrize(("answer", "body", "returns"), [
    ("no_thanks", "", False), ("no_thanks", "Not now, sorry.", True), ("", "Thank you.", True),
])  # fmt: skip
def test_where_only_words_give_back_a_tap_gives_nothing_unless_words_go_with_it(
    sender, recipient, send, rule, answer, body, returns, at
):
    rule(return_on=["reply"])
    conversation = send(sender, recipient, at=at).message.conversation
    later = at + timedelta(hours=1)

    if answer:
        answering.answer(conversation=conversation, member=recipient, answer=answer, body=body, at=later)
    else:
        send(recipient, sender, at=later, body=body, **FREE)

    assert (Charge.objects.get().answered_at is not None) == returns


def test_a_connection_gets_an_inmail_only_if_that_is_chosen(sender, recipient, connect, send, rule, browse, clock, at):
    rule(inmail_to_connections=True)
    connect(sender, recipient, at=at)
    url = f"/new/{recipient.handle}/"

    free, chosen = browse(sender).get(url), browse(sender).get(f"{url}?channel=inmail")

    assert b"<strong>Free.</strong> You and Tomas are connected." in free.content
    assert b"?channel=inmail" in free.content
    assert b"Send for 1 credit" in chosen.content
    form = chosen.context["form"]
    words = {"subject": "A role", "body": "Would you?", "purpose": "job_offer", "send_key": form.initial["send_key"]}
    sent = browse(sender).post(url, words | chosen.context["quote"].as_hidden() | {"channel": "inmail"})
    assert sent.status_code == 302
    assert Outreach.objects.get().charge.cost == 1
    assert send(sender, recipient, at=at + SECOND, **FREE).cost == 0


def test_a_reason_is_asked_for_kept_and_shown_before_the_message(sender, recipient, send, rule, browse, clock, at):
    rule(context_required=True)
    client, url = browse(sender), f"/new/{recipient.handle}/"
    page = client.get(url)
    words = {"subject": "A role", "body": "Would you?", "purpose": "job_offer", "send_key": "a-key-of-a-form"}
    words |= page.context["quote"].as_hidden()

    for reason, fault in (("", b"Say why you write to this person."), ("Hi there", b"Write at least 10 characters.")):
        refused = client.post(url, words | {"reason": reason})
        assert (refused.status_code, fault in refused.content) == (422, True)
    client.post(url + "draft/", words | {"reason": "We met in Lisbon"})
    assert draft_for(sender, recipient).reason == "We met in Lisbon"
    assert client.post(url, words | {"reason": "We met in Lisbon"}).status_code == 302

    message = Message.objects.get()
    assert message.outreach.reason == "We met in Lisbon"
    Message.objects.update(deliver_at=message.sent_at)
    Participation.objects.filter(member=recipient).update(coming_at=message.sent_at)
    reader = browse(recipient)
    for shown in (reader.get("/requests/"), reader.get(f"/inbox/c/{message.conversation.public_id}/")):
        assert shown.content.index(b"We met in Lisbon") < shown.content.index(b"Would you?")
    with pytest.raises(VerdictChanged) as without:
        send(sender, recipient, at=at + WEEK, shown=Quote("inmail", 1))
    assert without.value.verdict.code == "purpose_invalid"


def test_premium_reaches_premium_in_the_inbox_and_stays_there(sender, make_member, send, rule, at):
    rule(premium_reaches_premium=True)
    lena = make_member("Lena Vogt", plan="premium-career", first_contacts_land="requests")
    lena.refused_purposes.create(purpose="job_offer")

    message = send(sender, lena, at=at).message

    later = message.deliver_at + SECOND
    side = trays.inbox(lena, later).get()
    trays.archive_conversation(conversation=message.conversation, member=lena, at=later)
    trays.restore_conversation(conversation=message.conversation, member=lena, at=later)
    assert trays.inbox(lena, later).get().pk == side.pk
    tap = answering.answer(conversation=message.conversation, member=lena, answer="later", at=later)
    answering.take_back(message=tap, member=lena, at=later + SECOND)
    assert trays.inbox(lena, later + SECOND).exists()


def test_conversations_with_connections_are_counted_by_day_and_running_ones_go_on(
    sender, make_member, connect, send, rule, at
):
    rule(connection_starts_per_day=2)
    friends = [make_member(f"Friend {n}") for n in range(3)]
    for friend in friends:
        connect(sender, friend, at=at)
    for friend in friends[:2]:
        send(sender, friend, at=at, **FREE)

    with pytest.raises(VerdictChanged) as refused:
        send(sender, friends[2], at=at + SECOND, shown=Quote("connection"), **FREE)

    assert refused.value.verdict.code == "connection_limit"
    assert send(sender, friends[0], at=at + SECOND, **FREE).cost == 0
    send(friends[2], sender, at=at + SECOND, **FREE)
    assert verdict_for(sender, friends[2], at=at + 2 * SECOND).code == "open"
    assert verdict_for(sender, make_member("New Face"), at=at).code == "inmail"


def test_the_credit_for_who_closed_the_account_comes_back_where_the_site_says_so(
    sender, recipient, make_member, send, rule, balance, at
):
    other = make_member("Ada Okafor")
    before = send(sender, other, at=at - WEEK).message
    rule(return_when_recipient_gone=True)
    message = send(sender, recipient, at=at).message
    later = at + timedelta(days=1)

    for gone in (recipient, other, recipient):
        leaving.deactivate(member=gone, at=later)

    entry = Entry.objects.get(kind="reverse")
    assert (entry.charge.reference, entry.reason) == (message.public_id, "recipient gone")
    [line] = journal.read([entry], at=later)
    assert (line.what, line.why.sentence) == ("Account closed", "To {who}, who closed the account")
    assert balance(sender, at=later) == 14
    # The other one's charge was made under rules that give nothing back: it keeps its window.
    assert [one.message for one in trays.awaiting(sender, later)] == [before]
    side = Participation.objects.select_related("member", "other").get(member=sender, other=recipient)
    told = [event.sentence for event in events.of(side, at=at + timedelta(days=100))]
    assert told == [f"The account was closed. Your credit is back, balance {entry.balance_after}."]


def test_people_further_than_the_third_degree_are_not_invited_where_the_site_says_so(
    sender, recipient, outsider, make_member, connect, rule, at
):
    rule(invitation_max_degree=3)
    second, third = make_member("Second Step"), make_member("Third Step")
    for one, two in ((sender, recipient), (recipient, second), (second, third)):
        connect(one, two, at=at)

    assert connections.invite(sender=sender, recipient=third, note="", at=at)
    with pytest.raises(connections.TooFar):
        connections.invite(sender=sender, recipient=outsider, note="", at=at)


def test_whoever_has_no_connection_yet_begins_with_anyone(sender, recipient, outsider, connect, rule, at):
    rule(invitation_max_degree=3, invitations_per_week=1)

    assert connections.invite(sender=sender, recipient=outsider, note="", at=at)
    with pytest.raises(connections.WeeklyLimit):
        connections.invite(sender=sender, recipient=recipient, note="", at=at)


def test_an_invitation_received_from_afar_can_still_be_accepted(sender, outsider, rule, at):
    connections.invite(sender=outsider, recipient=sender, note="", at=at)
    rule(invitation_max_degree=3)

    connections.invite(sender=sender, recipient=outsider, note="", at=at)

    assert connections.connection_between(sender.pk, outsider.pk)


def test_choices_of_reach_that_were_made_stay_when_the_site_offers_fewer(sender, recipient, rule, browse, clock, at):
    Reach.objects.filter(member=recipient).update(who="nobody")
    rule(reach_choices=["everyone"])

    page = browse(recipient).get("/settings/reach/")

    assert [value for value, _label in page.context["form"].fields["who"].choices] == ["everyone", "nobody"]
    assert verdict_for(sender, recipient, at=at).code == "not_accepting"
    others = browse(sender).get("/settings/reach/").context["form"]
    assert [value for value, _label in others.fields["who"].choices] == ["everyone"]
