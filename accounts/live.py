"""Hints to a member's open pages: what changed, never what it says (interface 9.6).

A hint is lost when Redis is away; pages then poll.
"""

import json
import logging
import time
from functools import cache, partial

import redis
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

# A frozen Redis costs one request half a second, and then nothing for a while.
TIMEOUT_SECONDS = 0.5
SILENT_SECONDS = 10

_silent_until = 0.0


def channel(member_id: int) -> str:
    return f"postern:live:{member_id}"


def tell(member_id: int, *, changed: str, id: str = "") -> None:
    """After commit, tell the member's pages that `changed` (conversation, inbox, credits) changed."""
    transaction.on_commit(partial(_publish, member_id, json.dumps({"changed": changed, "id": id})))


def _publish(member_id: int, hint: str) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        _client(settings.REDIS_URL).publish(channel(member_id), hint)
    except redis.RedisError as error:
        _silent_until = time.monotonic() + SILENT_SECONDS
        logger.warning("no live hints: pages poll (%s)", type(error).__name__)


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, retry=None)
