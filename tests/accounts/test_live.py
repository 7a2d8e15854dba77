"""A hint to open pages costs nothing, also when Redis is stopped or frozen."""

import json
import signal
import time

import pytest
import redis
from django.db import transaction

from accounts import live
from config.devstack import start_valkey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker(settings, monkeypatch):
    server = start_valkey()
    settings.REDIS_URL = server.url
    monkeypatch.setattr(live, "_silent_until", 0.0)
    yield server
    server.process.send_signal(signal.SIGCONT)
    server.stop()


def listen(broker, member_id):
    hints = redis.Redis.from_url(broker.url).pubsub(ignore_subscribe_messages=True)
    hints.subscribe(live.channel(member_id))
    hints.get_message(timeout=1)
    return hints


def test_a_hint_says_what_changed_and_nothing_more(broker):
    hints, others = listen(broker, 7), listen(broker, 8)

    live.tell(7, changed="conversation", id="abc")

    assert json.loads(hints.get_message(timeout=1)["data"]) == {"changed": "conversation", "id": "abc"}
    assert others.get_message(timeout=0.1) is None


def test_what_is_rolled_back_is_not_told(broker):
    hints = listen(broker, 7)

    with transaction.atomic():
        live.tell(7, changed="inbox")
        transaction.set_rollback(True)

    assert hints.get_message(timeout=0.2) is None


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_without_redis_the_first_hint_costs_half_a_second_and_the_next_nothing(broker, how):
    live.tell(7, changed="inbox")
    if how == "stopped":
        broker.process.kill()
    else:
        broker.process.send_signal(signal.SIGSTOP)

    assert _seconds() < 1.2
    assert _seconds() < 0.05


def _seconds():
    started = time.perf_counter()
    live.tell(7, changed="inbox")
    return time.perf_counter() - started
