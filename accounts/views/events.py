"""The stream of hints that keeps a member's open pages fresh (interface 9.6).

A stream holds a thread and a Redis connection, and no connection to the database.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from importlib import import_module

import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from accounts.live import channel
from accounts.views import MemberRequest

STREAMS_PER_MEMBER = 6
CONNECT_SECONDS = 1.5
COMMENT_SECONDS = 20
SESSION_CHECK_SECONDS = 180
RETRY_MILLISECONDS = 5_000
KINDS = ("inbox", "conversation", "credits", "order")


@require_GET
async def events(request: MemberRequest) -> HttpResponseBase:
    """Hints as server-sent events; 204 ("do not come back") while Redis is away, or for a seventh stream."""
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=CONNECT_SECONDS, retry=None)
    hints = await _subscribe(client, channel(request.user.pk))
    if hints is None:
        await client.aclose()
        return HttpResponse(status=204)
    response = StreamingHttpResponse(_stream(request, client, hints), content_type="text/event-stream; charset=utf-8")
    # A proxy that gathers an answer before passing it on would gather this one for ever.
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _subscribe(client: redis.asyncio.Redis, name: str) -> PubSub | None:
    hints = client.pubsub(ignore_subscribe_messages=True)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            # Counted by Redis, over all web processes. Two at one instant may both be the sixth: no harm.
            if dict(await client.pubsub_numsub(name)).get(name.encode(), 0) >= STREAMS_PER_MEMBER:
                return None
            await hints.subscribe(name)
    except (RedisError, OSError, TimeoutError):
        return None
    return hints


async def _stream(request: MemberRequest, client: redis.asyncio.Redis, hints: PubSub) -> AsyncIterator[str]:
    try:
        # Whatever the middleware asked of the database is answered: give its connection back before waiting.
        await sync_to_async(connections.close_all)()
        yield f"retry: {RETRY_MILLISECONDS}\n\n"
        if "Last-Event-ID" in request.headers:
            for kind in KINDS:
                yield _event(json.dumps({"changed": kind, "id": ""}))
        async for line in _lines(request, hints):
            yield line
    except RedisError:
        # Gone while we listened: the stream ends, and its page comes back to hear 204.
        return
    finally:
        # Closing must not wait for a Redis that hangs; the socket goes either way.
        await hints.connection_pool.disconnect(inuse_connections=True)
        await client.aclose()


async def _lines(request: MemberRequest, hints: PubSub) -> AsyncIterator[str]:
    check_at = time.monotonic() + SESSION_CHECK_SECONDS
    while True:
        message = await hints.get_message(timeout=COMMENT_SECONDS)
        yield _event(message["data"].decode()) if message else ": still here\n\n"
        if time.monotonic() > check_at:
            if not await sync_to_async(_is_still_signed_in)(request):
                return
            check_at = time.monotonic() + SESSION_CHECK_SECONDS


def _event(data: str) -> str:
    """The id makes browsers say Last-Event-ID when they come back; then everything may have changed."""
    return f"id: {time.time_ns()}\ndata: {data}\n\n"


def _is_still_signed_in(request: MemberRequest) -> bool:
    """Asks the session afresh: it may have ended elsewhere, the password changed, the member been deactivated."""
    again = HttpRequest()
    again.session = import_module(settings.SESSION_ENGINE).SessionStore(request.session.session_key)
    try:
        return get_user(again).is_authenticated
    finally:
        connections.close_all()
