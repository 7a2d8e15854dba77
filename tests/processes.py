"""Real processes for tests: a Celery worker, a web server."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import redis
import uvicorn
from django.conf import settings
from django.db import connection

from config.devstack import dies_with_parent, free_port

PATIENCE = 30


class Worker:
    """`celery worker` on this test's database; stops at the end, or when told to, or is killed."""

    def __init__(self, queues: str, *, log: Path, environment: dict[str, str]) -> None:
        self.log = log
        words = ["-q", "-A", "config", "worker", "-Q", queues, "-c", "2", "-n", f"test{time.monotonic_ns()}@%h"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "info"]
        with log.open("wb") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", *words, *quiet],
                env={**os.environ, "DATABASE_URL": database_url(), **environment},
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_parent(),
            )

    def wait_until_ready(self) -> None:
        give_up = time.monotonic() + PATIENCE
        while " ready." not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"the worker did not start:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.05)

    def children(self) -> list[int]:
        """The pool's processes."""
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return [int(word) for word in listed.stdout.split()]

    def kill(self) -> None:
        """As a power cut would: the worker itself, its pool follows."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Web:
    """uvicorn in a thread, as pytest-django's live server is for WSGI only."""

    def __init__(self) -> None:
        # Its own import: the application is made when Django is ready.
        from config.asgi import application

        self.port = free_port()
        self.server = uvicorn.Server(
            uvicorn.Config(
                application, host="127.0.0.1", port=self.port, log_level="warning", access_log=False, log_config=None
            )
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self) -> str:
        """The address, by name: passkeys and cookies want `localhost`."""
        self.thread.start()
        give_up = time.monotonic() + PATIENCE
        while not self.server.started:
            if time.monotonic() > give_up:
                raise AssertionError("the web server did not start")
            time.sleep(0.01)
        return f"http://localhost:{self.port}"

    def stop(self) -> None:
        self.server.should_exit = self.server.force_exit = True
        self.thread.join(PATIENCE)


def database_url() -> str:
    """The test's own database, for processes that tests start."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def make_tables(path: Path) -> None:
    """An SQLite file as `migrate` leaves it: a copy of this process's own, if its tests have one already."""
    own = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and Path(own).name.startswith("test"):
        # On a connection of its own, which sees nothing that a test has not committed.
        with contextlib.closing(sqlite3.connect(own)) as tables:
            tables.execute("VACUUM INTO ?", [str(path)])
    else:
        tried = {"DATABASE_URL": f"sqlite:///{path}", "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "true"}
        given = {**os.environ, **tried}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=given, cwd=settings.BASE_DIR, check=True)


def flush_broker() -> None:
    """Hints of earlier tests are nobody's business."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()


def until(holds, *, seconds: float = 10, every: float = 0.05):  # type: ignore[no-untyped-def]
    """Wait for `holds()` to become true; its value. Fails when it does not within `seconds`."""
    give_up = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < give_up, f"it did not happen within {seconds} s"
        time.sleep(every)
