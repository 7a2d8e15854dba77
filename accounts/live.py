"""Hints to a member's open pages: what changed, never what it says (interface 9.6).

A hint is lost when Redis is away; pages then poll.
"""

import json
import logging
from functools import partial

import redis
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)


def channel(member_id: int) -> str:
    return f"postern:live:{member_id}"


def tell(member_id: int, *, changed: str, id: str = "") -> None:
    """After commit, tell the member's pages that `changed` (conversation, inbox, credits) changed."""
    transaction.on_commit(partial(_publish, member_id, json.dumps({"changed": changed, "id": id})))


def _publish(member_id: int, hint: str) -> None:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.publish(channel(member_id), hint)
    except redis.RedisError:
        logger.warning("live hint lost")
