"""Many at once, on real connections: one credit, one message, one return."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections, transaction

from accounts.busy import Busy
from billing import adjusting, ledger, refunds
from billing.models import Charge, Entry, Lot, Wallet
from messaging import answering, sending
from messaging.drafts import save_draft
from messaging.models import Conversation, Draft, Message, Outreach, Participation, SendingDay
from messaging.quotes import Quote
from messaging.sending import VerdictChanged

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECOND = timedelta(seconds=1)
PAID = Quote(code="inmail", cost=1)
TRIES = 20


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """Run all of them together and answer what each gave or raised. Who finds the door busy tries again."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            for _ in range(TRIES):
                try:
                    return act()
                except Busy:
                    continue
            raise AssertionError("busy for ever")
        except (VerdictChanged, answering.TooLate) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def give(member, amount, *, at) -> None:
    with transaction.atomic():
        wallet = ledger.lock_wallet(member, at=at)
        ledger.grant(
            wallet=wallet,
            amount=amount,
            source=Lot.Source.ADMIN,
            priority=Lot.Priority.GIFT,
            expires_at=at + timedelta(days=365),
            key=f"test:{member.pk}",
            at=at,
        )


def take(member, amount, *, at) -> None:
    with transaction.atomic():
        wallet = ledger.lock_wallet(member, at=at)
        adjusting.propose(wallet=wallet, amount=-amount, life_days=None, reason="a test", actor=member, at=at)


def test_fifty_parallel_sends_with_one_credit_are_one_inmail_and_49_kept_drafts(make_member, send, at):
    sender = make_member("Sam Rivera", plan="premium-career")
    take(sender, 4, at=at)
    strangers = [make_member(f"Stranger {number}") for number in range(50)]
    for number, stranger in enumerate(strangers):
        save_draft(
            member=sender,
            recipient=stranger,
            subject="S",
            body="Text",
            purpose="press",
            send_key=f"key-of-form-{number}",
            at=at,
        )

    results = at_once(
        [
            lambda number=number, stranger=stranger: send(
                sender, stranger, at=at, shown=PAID, send_key=f"key-of-form-{number}"
            )
            for number, stranger in enumerate(strangers)
        ]
    )

    refused = [result.verdict.code for result in results if isinstance(result, VerdictChanged)]
    assert Counter(refused) == {"no_credits": 49}
    assert (Message.objects.count(), Outreach.objects.count(), Charge.objects.count()) == (1, 1, 1)
    assert (Draft.objects.count(), Conversation.objects.count(), Participation.objects.count()) == (49, 1, 2)
    assert Wallet.objects.get(member=sender).balance == 0
    assert SendingDay.objects.get().outreach == 1


def test_one_form_posted_twenty_times_at_once_is_one_message(sender, recipient, send, at):
    results = at_once(
        [lambda: send(sender, recipient, at=at, shown=PAID, send_key="key-of-the-form") for _ in range(20)]
    )

    assert len({result.message.pk for result in results}) == 1
    assert Counter(result.is_repeat for result in results) == {True: 19, False: 1}
    assert (Message.objects.count(), Charge.objects.count()) == (1, 1)
    assert Entry.objects.filter(kind="charge").count() == 1


def test_32_answers_at_once_are_one_return(sender, recipient, send, at):
    conversation = send(sender, recipient, at=at).message.conversation
    later = at + timedelta(days=1)
    taps = [
        lambda choice=choice: answering.answer(conversation=conversation, member=recipient, answer=choice, at=later)
        for choice in ["accept", "interested", "later", "no_thanks"] * 4
    ]
    texts = [lambda: send(recipient, sender, at=later, shown=Quote(code="open"), purpose="") for _ in range(16)]

    at_once(taps + texts)
    final = later + timedelta(minutes=1)
    at_once([lambda: refunds.return_due(at=final) for _ in range(4)])

    assert Entry.objects.filter(kind="refund").count() == 1
    wallet = Wallet.objects.get(member=sender)
    assert wallet.balance == 15
    assert Message.objects.filter(kind="text").count() == 16


def test_both_write_first_at_once_and_one_of_them_answers_for_free(make_member, send, at):
    one, two = (make_member(name, plan="premium-business") for name in ("Ada Okafor", "Mei Tanaka"))

    at_once([lambda: send(one, two, at=at, shown=PAID), lambda: send(two, one, at=at, shown=PAID)])

    assert Conversation.objects.count() == 1
    assert sorted(Message.objects.values_list("kind", flat=True)) == ["inmail", "text"]
    charge = Charge.objects.get()
    assert charge.answered_at is not None


def test_the_conversations_lock_decides_who_wrote_first_where_there_is_one_already(make_member, send, at):
    pairs = [(make_member(f"One {n}", plan="premium-business"), make_member(f"Two {n}")) for n in range(8)]
    for one, two in pairs:
        sending.undo(message=send(one, two, at=at).message, member=one, at=at + SECOND)
        give(two, 1, at=at)
    later = at + timedelta(minutes=1)

    at_once(
        [lambda ends=ends: send(*ends, at=later, shown=PAID) for one, two in pairs for ends in ((one, two), (two, one))]
    )

    for one, two in pairs:
        written = Message.objects.filter(sender__in=[one, two], undone_at=None)
        assert sorted(written.values_list("kind", flat=True)) == ["inmail", "text"]
    assert Charge.objects.filter(answered_at__isnull=False).count() == 8


def test_undo_and_an_answer_at_once_leave_one_of_them(sender, recipient, send, at):
    message = send(sender, recipient, at=at).message

    def answer():
        return send(recipient, sender, at=at + SECOND, shown=Quote(code="open"), purpose="")

    at_once([lambda: sending.undo(message=message, member=sender, at=at + SECOND), answer])

    message.refresh_from_db()
    charge = Charge.objects.get()
    if message.undone_at is None:
        assert charge.answered_at is not None
        assert not Entry.objects.filter(kind="reverse").exists()
    else:
        assert charge.answered_at is None
        assert Entry.objects.filter(kind="reverse").count() == 1


def test_parallel_sends_never_pass_the_daily_cap(make_member, send, at):
    sender = make_member("Sam Rivera")
    give(sender, 20, at=at)
    strangers = [make_member(f"Stranger {number}") for number in range(12)]

    results = at_once([lambda stranger=stranger: send(sender, stranger, at=at, shown=PAID) for stranger in strangers])

    refused = [result.verdict.code for result in results if isinstance(result, VerdictChanged)]
    assert Counter(refused) == {"daily_limit": 7}
    assert SendingDay.objects.get().outreach == 5
    assert Wallet.objects.get(member=sender).balance == 15


@pytest.mark.parametrize(
    "broken",
    [
        "messaging.sending.ledger.charge",
        "messaging.sending.Outreach.objects.create",
        "messaging.sending.placing.place",
        "messaging.sending.returns.mark",
        "messaging.sending.drafts.discard_sent",
        "messaging.sending.notifications.announce_at",
    ],
)
def test_a_send_that_breaks_anywhere_leaves_nothing(sender, recipient, send, broken, monkeypatch, at):
    before = Wallet.objects.get(member=sender).balance

    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(broken, fail)
    with pytest.raises(ZeroDivisionError):
        send(sender, recipient, at=at)

    assert Wallet.objects.get(member=sender).balance == before
    for model in (Message, Outreach, Charge, Conversation, Participation, SendingDay):
        assert not model.objects.exists()
    assert not Entry.objects.filter(kind="charge").exists()
