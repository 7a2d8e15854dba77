"""`manage.py up`: everything a site needs, in one process tree: broker, web, workers, timetable."""

import errno
import fcntl
import http.client
import importlib
import io
import os
import socket
import sys
import warnings
from argparse import ArgumentParser
from collections.abc import Iterator
from functools import partial
from multiprocessing.synchronize import Event
from typing import IO, Any

import redis
import uvicorn
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import get_resolver

from accounts.models import Member, PolicyVersion
from config.celery import app as celery_app
from config.devstack import Server, ServerFailed, start_valkey
from config.processes import FORK, Child, Stack, say
from config.roles import set_up_roles

# Two workers that need not know of each other.
ALONE = ("-c", "2", "--without-gossip", "--without-mingle", "--without-heartbeat")
ANY_ADDRESS = "0.0.0.0"  # noqa: S104  # nosec B104: what an operator may set
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class Trouble(Exception):
    """What keeps the site from starting, in one sentence for the operator."""


class Command(BaseCommand):
    help = "Run the whole site here: broker (unless REDIS_URL), web, workers and timetable. Ctrl-C stops all."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="do not make demo members on an empty site")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run(demo=settings.DEBUG and not options["no_demo"])
        except (Trouble, ServerFailed) as trouble:
            sys.exit(str(trouble))
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            sys.exit(f"The disk is full: make room where {settings.DATA_DIR} lies.")


def run(*, demo: bool) -> None:
    """From nothing to serving, and back. Raises Trouble and ServerFailed before anything is served."""
    host, port = os.environ.get("HOST", "127.0.0.1"), _port()
    os.umask(0o077)
    _refuse_unsafe_settings()
    lock = _take_data_folder()
    _find_port_free(host, port)
    _reach_database()
    stack = Stack(broker=_broker(), restart_broker=lambda: start_valkey(url=settings.REDIS_URL))
    may_serve = FORK.Event()
    try:
        # It loads its pages meanwhile, and is forked before anything is asked of the database.
        stack.add(Child("web", partial(_web, host, port, may_serve)))
        _prepare_database()
        may_serve.set()
        _serve(stack, _opening(stack, host, port, demo=demo))
    finally:
        stack.stop()
        lock.close()


# --- Before anything starts ------------------------------------------------------------------------


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise Trouble(f"PORT is {text!r}: say a number from 1 to 65535.")
    return int(text)


def _refuse_unsafe_settings() -> None:
    problems = [problem for problem in run_checks(tags=[Tags.security]) if problem.is_serious()]
    if problems:
        raise Trouble("\n".join(f"{problem.id}: {problem.msg} {problem.hint}" for problem in problems))


def _take_data_folder() -> IO[str]:
    """Make the data folder, prove that it can be written, and hold it for this process alone."""
    folder = settings.DATA_DIR
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "up.lock").open("w")
        lock.write(f"{os.getpid()}\n" * 1000)
        lock.flush()
        lock.truncate(0)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble(f"Another bin/run uses {folder} already: stop it, or set DATA_DIR to another folder.") from None
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise Trouble(f"The data folder {folder} cannot be written: {error.strerror}. Set DATA_DIR.") from None
    return lock


def _find_port_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Trouble(f"Port {port} is taken by another program: PORT={port + 1} bin/run moves.") from None
            raise Trouble(f"Cannot listen on {host} port {port}: {error.strerror}. Set PORT or HOST.") from None


# --- Broker and database -----------------------------------------------------------------------------


def _broker() -> Server | None:
    """The broker of REDIS_URL if one is named, else a new one of our own, told to everything started from here."""
    if {"REDIS_URL", "REDIS_URL_FILE"} & os.environ.keys():
        _reach_broker()
        return None
    server = start_valkey()
    os.environ["REDIS_URL"] = settings.REDIS_URL = celery_app.conf.broker_url = server.url
    say("up", f"broker started, process {server.process.pid}")
    return server


def _reach_broker() -> None:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5, retry=None) as broker:
            broker.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise Trouble(f"The broker named by REDIS_URL cannot be reached: {_one_line(error)}") from None


def _prepare_database() -> None:
    try:
        _migrate()
        call_command("createcachetable", verbosity=0)
        if not PolicyVersion.objects.exists():
            call_command("load_catalog", "standard", stdout=io.StringIO())
    except DatabaseError as error:
        if "full" in str(error):
            raise Trouble(f"The disk is full: make room for the database in {settings.DATA_DIR}.") from None
        raise Trouble(f"The database cannot be used: {_one_line(error)} (DATABASE_URL names it.)") from None
    finally:
        _leave_database()
    if not settings.DEBUG:
        call_command("collectstatic", verbosity=0, interactive=False)


def _migrate() -> None:
    """A release may give a role other rights without a migration: they are set in any case."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    else:
        set_up_roles()


def _reach_database() -> None:
    """Without the pool, which would only say that it waited in vain."""
    if connection.vendor != "postgresql":
        return
    import psycopg  # a third of a second, which SQLite does without

    try:
        psycopg.connect(**connection.get_connection_params()).close()
    except psycopg.Error as error:
        raise Trouble(f"The database named by DATABASE_URL cannot be reached: {_one_line(error)}") from None


def _leave_database() -> None:
    """Nothing of a connection may be inherited by the processes forked from here."""
    connection.close()
    if close_pool := getattr(connection, "close_pool", None):  # PostgreSQL's alone
        close_pool()


# --- Serving --------------------------------------------------------------------------------------------


def _serve(stack: Stack, opening: Iterator[None]) -> None:
    try:
        stack.run(each_round=lambda: next(opening, None))
    finally:
        say("up", "stopping")
        stack.stop()
        say("up", "stopped")


def _opening(stack: Stack, host: str, port: int, *, demo: bool) -> Iterator[None]:
    """Once the web answers, the demo is told, and what works in the background begins after it.

    The demo tells of past months: sweeps in between would settle its wallets up to now.
    """
    while not _is_ready(host, port):
        yield
    if demo and _is_empty():
        say("up", f"serving {settings.SITE_URL}/ while a demo community is made: its sign-ins follow")
        telling = Child("demo", partial(call_command, "demo", stdout=io.StringIO()), comes_back=False)
        stack.add(telling)
        while telling.is_running():
            yield
    for child in _background():
        stack.add(child)
    _announce()


def _is_empty() -> bool:
    try:
        return not Member.objects.exists()
    finally:
        _leave_database()


def _web(host: str, port: int, may_serve: Event) -> None:
    importlib.import_module("config.asgi")
    _ = get_resolver().url_patterns
    may_serve.wait()
    # Django reads the proxy's headers itself, as far as TRUSTED_PROXY_COUNT allows.
    uvicorn.run(
        "config.asgi:application",
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def _background() -> list[Child]:
    schedule = str(settings.DATA_DIR / "beat-schedule")
    return [
        Child("money", partial(_celery, "worker", "-Q", "money", "-n", "money@%h", *ALONE)),
        Child("worker", partial(_celery, "worker", "-Q", "default,mail", "-n", "worker@%h", *ALONE)),
        Child("beat", partial(_celery, "beat", "-s", schedule, "--pidfile=")),
    ]


def _celery(*words: str) -> None:
    # Tasks are JSON, so a worker of root runs no code that the broker sends; Celery warns of it all the same.
    warnings.filterwarnings("ignore", message="You're running the worker")
    celery_app.start(["-q", *words])


def _is_ready(host: str, port: int) -> bool:
    target = "127.0.0.1" if host == ANY_ADDRESS else host
    answer = http.client.HTTPConnection(target, port, timeout=2)
    try:
        answer.request("GET", "/readyz", headers={"Host": _a_host_of_ours()})
        return answer.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        answer.close()


def _a_host_of_ours() -> str:
    return str(settings.ALLOWED_HOSTS[0]).lstrip(".")


def _announce() -> None:
    say("up", f"ready: {settings.SITE_URL}/")
    sign_ins = settings.DATA_DIR / "demo-sign-ins.txt"
    if settings.DEBUG and sign_ins.exists():
        for line in sign_ins.read_text().splitlines():
            say("up", line)
        say("up", f"(kept in {sign_ins}; mail is at {settings.SITE_URL}/dev/mail/; Ctrl-C stops everything)")


def _one_line(error: Exception) -> str:
    first, *_more = str(error).splitlines() or [type(error).__name__]
    return first.rstrip(".") + "."
