"""The stream of hints: one member's only, light on the database, and over when there is no more to say."""

import json
import signal
import socket
import threading
import time
from contextlib import contextmanager
from itertools import islice

import pytest
import redis
import uvicorn
from django.conf import settings as product
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import live
from accounts.models import Member
from accounts.views import events
from config.devstack import free_port, start_valkey
from tests.processes import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site():
    """uvicorn in a thread that, like the product's, gives open streams a moment to end."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            get_asgi_application(), port=port, lifespan="off", log_level="error", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    server.port = port
    yield server
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive(), "open streams must not hold up the end"


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(events, "COMMENT_SECONDS", 0.2)
    monkeypatch.setattr(events, "SESSION_CHECK_SECONDS", 0.4)


@pytest.fixture
def broker(settings):
    server = start_valkey()
    settings.REDIS_URL = server.url
    live._silent_until = 0.0
    yield server
    server.process.send_signal(signal.SIGCONT)
    server.stop()


def session_of(member):
    client = Client()
    client.force_login(member)
    return client.cookies[product.SESSION_COOKIE_NAME].value


class Stream:
    """One page's connection, read line by line."""

    def __init__(self, site, session, **headers):
        self.socket = socket.create_connection(("127.0.0.1", site.port), timeout=5)
        head = {
            "Host": "localhost",
            "Connection": "close",
            "Cookie": f"{product.SESSION_COOKIE_NAME}={session}",
            **headers,
        }
        lines = [f"GET {reverse('accounts:events')} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = dict(line.decode().strip().lower().split(": ", 1) for line in iter(self.file.readline, b"\r\n"))

    def lines(self):
        for line in self.file:
            text = line.decode().strip()
            if text and not all(letter in "0123456789abcdef" for letter in text):
                yield text

    def hints(self):
        for line in self.lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))

    def next_hint(self):
        return next(self.hints())

    def close(self):
        self.file.close()
        self.socket.close()


@contextmanager
def stream(site, member, **headers):
    opened = Stream(site, session_of(member), **headers)
    try:
        if opened.status == 200:
            assert next(opened.lines()) == "retry: 5000"
        yield opened
    finally:
        opened.close()


def test_a_hint_reaches_the_members_pages_and_nobody_elses(site, broker, ada, ben):
    with stream(site, ada) as mine, stream(site, ada) as also_mine, stream(site, ben) as anothers:
        live.tell(ben.pk, changed="inbox")
        live.tell(ada.pk, changed="conversation", id="abc")
        live.tell(ben.pk, changed="credits")

        assert mine.next_hint() == {"changed": "conversation", "id": "abc"}
        assert also_mine.next_hint() == {"changed": "conversation", "id": "abc"}
        assert [hint["changed"] for hint in islice(anothers.hints(), 2)] == ["inbox", "credits"]


def test_no_cache_and_no_proxy_may_keep_it(site, broker, ada):
    with stream(site, ada) as mine:
        assert mine.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert mine.headers["cache-control"] == "no-store, private"
        assert mine.headers["x-accel-buffering"] == "no"


def test_a_visitor_gets_no_stream(site, broker):
    visitor = Stream(site, "nobody")
    assert visitor.status == 302
    visitor.close()


def test_a_quiet_stream_says_that_it_is_there(site, broker, ada, quick):
    with stream(site, ada) as mine:
        assert next(mine.lines()) == ": still here"


def test_a_page_that_comes_back_asks_for_everything_again(site, broker, ada):
    with stream(site, ada, **{"Last-Event-ID": "1"}) as mine:
        assert [hint["changed"] for hint in islice(mine.hints(), len(events.KINDS))] == list(events.KINDS)


@pytest.mark.parametrize("end", ["signed out", "deactivated", "new password"])
def test_it_ends_with_the_session(site, broker, ada, quick, end):
    with stream(site, ada) as mine:
        if end == "signed out":
            Session.objects.all().delete()
        elif end == "deactivated":
            Member.objects.update(is_active=False)
        else:
            ada.set_password("another")
            ada.save(update_fields=["password"])

        assert len(list(mine.lines())) < 20


def test_a_running_session_keeps_it(site, broker, ada, quick):
    with stream(site, ada) as mine:
        started = time.monotonic()
        for _line in mine.lines():
            if time.monotonic() - started > 1.5:
                break
        assert Session.objects.filter(session_data__isnull=False).exists()
        live.tell(ada.pk, changed="inbox")
        assert mine.next_hint() == {"changed": "inbox", "id": ""}


def test_a_seventh_stream_is_told_not_to_come_back(site, broker, ada, ben):
    session = session_of(ada)
    opened = [Stream(site, session) for _number in range(6)]
    assert {one.status for one in opened} == {200}

    with stream(site, ada) as seventh, stream(site, ben) as anothers:
        assert seventh.status == 204
        assert anothers.status == 200

    opened.pop().close()
    until(lambda: _status(site, session) == 200)
    for one in opened:
        one.close()


def test_who_leaves_leaves_nothing_behind(site, broker, ada):
    client = redis.Redis.from_url(broker.url)
    with stream(site, ada):
        assert client.pubsub_numsub(live.channel(ada.pk))[0][1] == 1

    until(lambda: client.pubsub_numsub(live.channel(ada.pk))[0][1] == 0)


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_without_redis_pages_are_told_to_poll(site, broker, ada, how):
    if how == "stopped":
        broker.stop()
    else:
        broker.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()

    with stream(site, ada) as mine:
        assert mine.status == 204
    assert time.monotonic() - started < 4


def test_a_redis_that_goes_away_ends_the_stream(site, broker, ada):
    with stream(site, ada) as mine:
        broker.process.kill()

        assert len(list(mine.lines())) < 3


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no server that holds connections")
def test_streams_hold_no_connection_to_the_database(site, broker, ada):
    def held():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return cursor.fetchone()[0]

    before = held()
    with stream(site, ada), stream(site, ada), stream(site, ada):
        until(lambda: held() <= before)


def test_the_server_ends_with_streams_open(site, broker, ada):
    """The fixture asserts that it ended."""
    Stream(site, session_of(ada))


def _status(site, session):
    one = Stream(site, session)
    one.close()
    return one.status


def test_sessions_hold_the_member_the_stream_asks_for(ada):
    assert Session.objects.get(pk=session_of(ada)).get_decoded()[SESSION_KEY] == str(ada.pk)
