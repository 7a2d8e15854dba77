"""A message on its way while its recipient shuts the door: never charged and kept out, never let in too late."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts import blocks
from accounts.models import Block, Member, Reach
from billing.models import Charge, Wallet
from messaging import answering, facts
from messaging.models import Message, Outreach
from messaging.quotes import Quote
from messaging.refusals import VerdictChanged
from tests.messaging.test_races import PAID, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Send = Callable[..., Any]
SECOND = timedelta(seconds=1)


@pytest.fixture
def pairs(make_member: Callable[..., Member]) -> list[tuple[Member, Member]]:
    return [(make_member(f"Sam {n}", plan="premium-career"), make_member(f"Rita {n}")) for n in range(6)]


def all_or_nothing(pairs: list[tuple[Member, Member]]) -> None:
    """Of each pair either a paid message or neither message nor charge."""
    for sender, recipient in pairs:
        sent = Message.objects.filter(sender=sender, recipient=recipient, undone_at=None).count()
        assert Charge.objects.filter(payer=sender).count() == sent
        assert Outreach.objects.filter(message__sender=sender).count() == sent
        assert Wallet.objects.get(member=sender).balance == 5 - sent


def test_an_opt_out_after_composing_refuses_the_send(pairs: Any, send: Send, at: datetime) -> None:
    for _sender, recipient in pairs:
        Reach.objects.filter(member=recipient).update(who="nobody")
    results = at_once([lambda ends=ends: send(*ends, at=at, shown=PAID) for ends in pairs])

    assert {result.verdict.code for result in results} == {"not_accepting"}
    all_or_nothing(pairs)


def test_an_opt_out_and_a_send_at_once_are_one_before_the_other(pairs: Any, send: Send, at: datetime) -> None:
    def opt_out(recipient: Member) -> None:
        Reach.objects.filter(member=recipient).update(who="nobody")

    acts = [lambda ends=ends: send(*ends, at=at, shown=PAID) for ends in pairs]
    at_once([*acts, *(lambda one=recipient: opt_out(one) for _sender, recipient in pairs)])

    all_or_nothing(pairs)


def test_a_block_during_a_send_waits_until_the_send_is_over(
    sender: Member, recipient: Member, send: Send, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The send has read that nothing stands against it when the block comes."""
    has_read, is_blocked, load = threading.Event(), threading.Event(), facts.load
    seen_first = []

    def slowly(*args: Any, **kwargs: Any) -> Any:
        known = load(*args, **kwargs)
        if kwargs.get("is_sending"):
            has_read.set()
            seen_first.append(is_blocked.wait(1))
        return known

    def block() -> None:
        assert has_read.wait(20)
        blocks.block(blocker=recipient, blocked=sender, at=at)
        is_blocked.set()

    monkeypatch.setattr(facts, "load", slowly)
    at_once([lambda: send(sender, recipient, at=at, shown=PAID), block])

    assert seen_first == [False]
    assert Message.objects.count() == Charge.objects.count() == Block.objects.count() == 1


def test_blocks_and_sends_at_once_leave_no_message_after_its_block(pairs: Any, send: Send, at: datetime) -> None:
    """Where the block came first the send was refused; else the message was there before."""
    order: dict[int, list[str]] = {recipient.pk: [] for _sender, recipient in pairs}

    def write(sender: Member, recipient: Member) -> None:
        was_blocked = Block.objects.filter(blocker=recipient).exists()
        try:
            send(sender, recipient, at=at, shown=PAID)
            order[recipient.pk].append("late" if was_blocked else "sent")
        except VerdictChanged as refusal:
            order[recipient.pk].append(refusal.verdict.code)

    acts = [lambda ends=ends: write(*ends) for ends in pairs]
    shut = [lambda ends=ends: blocks.block(blocker=ends[1], blocked=ends[0], at=at) for ends in pairs]
    at_once([*shut, *acts])

    assert {word for words in order.values() for word in words} <= {"sent", "not_accepting"}
    all_or_nothing(pairs)
    assert Block.objects.count() == len(pairs)


def test_a_stop_and_a_follow_up_at_once_are_one_before_the_other(pairs: Any, send: Send, at: datetime) -> None:
    talks = [send(*ends, at=at, shown=PAID).message.conversation for ends in pairs]
    later = at + timedelta(days=8)
    told = later + 11 * SECOND

    def stop(number: int) -> Any:
        return answering.answer(conversation=talks[number], member=pairs[number][1], answer="stop", at=later)

    acts = [lambda ends=ends: send(*ends, at=told, shown=PAID) for ends in pairs]
    at_once([*(lambda number=number: stop(number) for number in range(len(pairs))), *acts])

    for sender, recipient in pairs:
        follow_ups = Message.objects.filter(sender=sender, sent_at__gt=at)
        said = Message.objects.get(sender=recipient, answer="stop")
        assert all(one.sent_at < said.sent_at for one in follow_ups)
        assert Charge.objects.filter(payer=sender).count() == 1 + len(follow_ups)


def test_three_who_write_first_at_once_make_one_conversation_and_one_charge(
    make_member: Callable[..., Member], send: Send, at: datetime
) -> None:
    """Both ends, one of them from two devices: the first is the InMail, all else goes on free or is refused."""
    one, two = (make_member(name, plan="premium-business") for name in ("Ada Okafor", "Mei Tanaka"))
    at_once([lambda ends=ends: send(*ends, at=at, shown=PAID) for ends in ((one, two), (two, one), (one, two))])

    assert Charge.objects.count() == Message.objects.filter(kind="inmail").count() == 1
    assert Message.objects.values("conversation").distinct().count() == 1
    free = Quote(code="open")
    assert send(two, one, at=at + SECOND, shown=free, purpose="").cost == 0
