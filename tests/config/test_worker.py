"""The real worker: it does what a hint says, survives the loss of its processes, and runs nothing it was not given."""

import os
import pickle
import signal

import kombu
import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import connection, transaction

from accounts.hints import hint
from accounts.models import JobRun
from tests.processes import until

# Of the worker, not of what it works on: tests/worker asks that of both engines.
pytestmark = [pytest.mark.once, pytest.mark.slow, pytest.mark.worker, pytest.mark.django_db(transaction=True)]

HEARTBEAT = "accounts.tasks.heartbeat"


def done():
    return JobRun.objects.filter(job="heartbeat", succeeded=True).count()


def test_a_hint_is_done_by_a_real_worker(start_worker):
    start_worker()

    hint(HEARTBEAT)

    until(done)


def test_a_worker_that_loses_a_process_in_the_middle_of_a_task_does_the_task_again(start_worker):
    worker = start_worker()
    with transaction.atomic():
        _hold_job_runs()
        hint_now(HEARTBEAT)
        until(_is_taken, seconds=20)
        for process in worker.children():
            os.kill(process, signal.SIGKILL)

    until(done, seconds=30)


def test_a_killed_worker_leaves_no_process_behind(start_worker):
    worker = start_worker()
    children = worker.children()
    assert children

    worker.kill()

    until(lambda: not any(_lives(child) for child in children), seconds=5)


def test_a_pickled_task_runs_nothing(start_worker):
    worker = start_worker()
    body = pickle.dumps(((), {}, {}))
    with kombu.Connection(settings.REDIS_URL) as broker:
        broker.Producer().publish(
            body,
            routing_key="default",
            exchange="",
            content_type="application/x-python-serialize",
            content_encoding="binary",
            headers={"task": HEARTBEAT, "id": "7", "lang": "py"},
        )

    until(lambda: "Refusing to deserialize" in worker.log.read_text())
    assert done() == 0


def hint_now(task):
    """Past the transaction that this test holds open, on a connection that no other test has closed."""
    with kombu.Connection(settings.REDIS_URL) as broker:
        current_app.send_task(task, connection=broker)


def _is_taken():
    """A worker has the task, and has not acknowledged it."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        return broker.hlen("unacked")


def _hold_job_runs():
    """What the task writes first; SQLite's transactions begin with the lock anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_jobrun IN EXCLUSIVE MODE")


def _lives(process):
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
