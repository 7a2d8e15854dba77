"""Hints to the background worker: quick when the broker is there, harmless when it is not.

A hint only makes earlier what a sweep over the database finds anyway, so losing one costs at most a minute.
"""

import logging
import time
from datetime import datetime
from functools import cache, partial
from typing import Any

from celery import Task, current_app
from django.conf import settings
from django.db import transaction
from kombu import Connection, pools
from kombu.exceptions import KombuError

from accounts.clock import now

logger = logging.getLogger(__name__)

ETA_SECONDS_MAX = 60
SILENT_SECONDS = 10
# Two tries at half a second each: a request never waits longer than about a second for a frozen broker.
PUBLISHER = {
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}

_silent_until = 0.0


def hint(task: str | Task, *args: Any, at: datetime | None = None) -> None:
    """After commit, ask the worker to run a task (or the one of this name) with plain ids: soon, or at `at`.

    Never raises for the broker's sake, and publishes nothing more than a minute ahead: the sweep is as good then.
    """
    name = task if isinstance(task, str) else task.name
    transaction.on_commit(partial(_publish, name, args, at))


def _publish(name: str, args: tuple[Any, ...], at: datetime | None) -> None:
    """After a failure nothing is tried for ten seconds, so that a frozen broker slows one request, not all."""
    global _silent_until
    if time.monotonic() < _silent_until or _is_too_early(at):
        return
    try:
        with pools.producers[_connection(settings.REDIS_URL)].acquire(block=True, timeout=1) as producer:
            current_app.send_task(name, args=args, eta=at, producer=producer, retry=False, ignore_result=True)
    except (KombuError, OSError) as error:
        _silent_until = time.monotonic() + SILENT_SECONDS
        logger.warning("no broker: the sweep will do %s (%s)", name, error)


def _is_too_early(at: datetime | None) -> bool:
    return at is not None and (at - now()).total_seconds() > ETA_SECONDS_MAX


@cache
def _connection(url: str) -> Connection:
    return Connection(url, transport_options=PUBLISHER)
