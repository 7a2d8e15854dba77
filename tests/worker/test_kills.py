"""Answers while worker, pool and broker are killed under them: every credit comes back once, within a minute."""

import time

import pytest
from django.core.management import call_command
from django.db.models import Count
from django.urls import reverse

from accounts.clock import now
from billing.models import Charge, Entry
from billing.standing import standing
from messaging.models import Message
from tests.processes import until
from tests.worker.conftest import inmail

pytestmark = [pytest.mark.slow, pytest.mark.worker, pytest.mark.django_db(transaction=True)]

# 15 InMails are a sender's most in a day, and what Business brings.
SENDERS, EACH = 20, 10
# A tap can be taken back for ten seconds; then the promise is a minute. Two busy cores get a little more.
PROMISED = 60 + 15


@pytest.fixture
def waiting(make_member, at):
    """Conversations of 20 senders with 200 strangers, each with one InMail that waits."""

    def make(senders=SENDERS, each=EACH):
        found = []
        for number in range(senders):
            sender = make_member(f"Sender {number}", plan="premium-business")
            found += [inmail(sender, make_member(f"Stranger {number} {n}"), at=at) for n in range(each)]
        return found

    return make


def say_no(browse, conversation):
    """As the button does it: a real POST; answers the seconds it took."""
    message = Message.objects.select_related("recipient").get(conversation=conversation)
    client = browse(message.recipient)
    started = time.perf_counter()
    answer = client.post(reverse("messaging:answer", args=[conversation.public_id]), {"answer": "no_thanks"})
    assert answer.status_code == 302, answer.content.decode()
    return time.perf_counter() - started


def returned():
    return Entry.objects.filter(kind=Entry.Kind.REFUND).count()


def assert_each_came_back_once(number):
    assert Charge.objects.filter(answered_at__isnull=False).count() == number
    per_charge = Entry.objects.filter(kind=Entry.Kind.REFUND).values("charge").annotate(times=Count("pk"))
    assert [row["times"] for row in per_charge] == [1] * number
    call_command("verify_ledger", "--strict")


def test_200_answers_while_everything_is_killed_return_each_credit_once(stage, browse, waiting):
    conversations = waiting()
    worker = stage.start_worker()
    stage.start_beat()
    incidents = {
        40: stage.kill_a_pool_child,
        80: worker.kill,
        110: stage.start_worker,
        150: stage.kill_broker,
        180: stage.start_broker_again,
    }

    for number, conversation in enumerate(conversations):
        if number in incidents:
            incidents[number]()
        say_no(browse, conversation)

    # Once more, while returns are being posted.
    until(lambda: stage.look_after() or returned(), seconds=PROMISED)
    stage.kill_a_pool_child()
    stage.kill_broker()
    stage.start_broker_again()

    until(lambda: stage.look_after() or returned() == len(conversations), seconds=PROMISED, every=0.5)
    assert_each_came_back_once(len(conversations))
    for payer in {charge.payer for charge in Charge.objects.select_related("payer")}:
        assert standing(payer, at=now()).balance == 15


def test_a_broker_that_forgets_everything_loses_no_return(stage, browse, waiting):
    conversations = waiting(senders=4, each=5)
    for conversation in conversations:
        say_no(browse, conversation)
    assert stage.redis().llen("money")
    stage.redis().flushall()

    stage.start_worker()
    stage.start_beat(app="tests.worker.quick")

    until(lambda: returned() == len(conversations), seconds=PROMISED)
    assert_each_came_back_once(len(conversations))


@pytest.mark.parametrize("fault", ["frozen", "gone"])
def test_answers_take_under_three_seconds_without_a_broker_and_their_credits_come_later(stage, browse, waiting, fault):
    conversations = waiting(senders=1, each=5)
    if fault == "frozen":
        stage.freeze_broker()
    else:
        stage.kill_broker()

    took = [say_no(browse, conversation) for conversation in conversations]

    assert max(took) < 3
    assert returned() == 0
    stage.thaw_broker() if fault == "frozen" else stage.start_broker_again()
    stage.start_worker()
    stage.start_beat(app="tests.worker.quick")
    until(lambda: returned() == len(conversations), seconds=PROMISED)
    assert_each_came_back_once(len(conversations))
