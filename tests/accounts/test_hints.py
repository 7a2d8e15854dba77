"""A hint is quick when the broker is there, and harmless when it is stopped, frozen or slow."""

import signal
import time
from datetime import timedelta

import pytest
import redis
from django.db import transaction
from kombu import pools

from accounts import hints
from accounts.clock import now
from config.devstack import start_valkey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker(settings, monkeypatch):
    server = start_valkey()
    settings.REDIS_URL = server.url
    monkeypatch.setattr(hints, "_silent_until", 0.0)
    yield server
    server.process.send_signal(signal.SIGCONT)
    server.stop()
    pools.reset()


def _waiting(broker, queue):
    return redis.Redis.from_url(broker.url).llen(queue)


def _seconds_for(task, *args, **when):
    started = time.perf_counter()
    hints.hint(task, *args, **when)
    return time.perf_counter() - started


def test_a_hint_lies_in_the_queue_of_its_kind(broker):
    hints.hint("billing.tasks.refund_charge", 7)
    hints.hint("accounts.tasks.send_notice", 8)
    hints.hint("messaging.tasks.announce", 9)

    assert [_waiting(broker, queue) for queue in ("money", "mail", "default")] == [1, 1, 1]


def test_a_stopped_broker_costs_a_request_nothing(broker):
    broker.stop()

    assert _seconds_for("billing.tasks.refund_charge", 7) < 1.5
    assert _seconds_for("billing.tasks.refund_charge", 8) < 0.1


def test_a_broker_that_stops_between_two_hints_costs_one_request_a_second(broker):
    hints.hint("billing.tasks.refund_charge", 7)
    broker.stop()

    assert _seconds_for("billing.tasks.refund_charge", 8) < 1.5


def test_a_frozen_broker_costs_one_request_a_second_and_the_next_nothing(broker):
    hints.hint("billing.tasks.refund_charge", 7)
    broker.process.send_signal(signal.SIGSTOP)

    assert _seconds_for("billing.tasks.refund_charge", 8) < 1.5
    assert _seconds_for("billing.tasks.refund_charge", 9) < 0.1


def test_a_frozen_broker_met_for_the_first_time_costs_a_second(broker):
    broker.process.send_signal(signal.SIGSTOP)

    assert _seconds_for("billing.tasks.refund_charge", 8) < 1.5


def test_a_broker_that_came_back_is_used_again(broker, monkeypatch):
    hints.hint("billing.tasks.refund_charge", 7)
    broker.process.kill()
    broker.process.wait()
    hints.hint("billing.tasks.refund_charge", 8)
    again = start_valkey(url=broker.url)
    monkeypatch.setattr(hints, "_silent_until", 0.0)

    hints.hint("billing.tasks.refund_charge", 9)

    assert _waiting(again, "money") == 1
    again.stop()


def test_nothing_is_published_more_than_a_minute_ahead(broker):
    hints.hint("billing.tasks.refund_charge", 7, at=now() + timedelta(seconds=61))
    hints.hint("billing.tasks.refund_charge", 8, at=now() + timedelta(seconds=10))

    assert _waiting(broker, "money") == 1


def test_a_rolled_back_transaction_hints_nothing(broker):
    with transaction.atomic():
        hints.hint("billing.tasks.refund_charge", 7)
        transaction.set_rollback(True)

    assert _waiting(broker, "money") == 0
