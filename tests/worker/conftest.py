"""A worker, a timetable and a broker of a test's own, which may be killed, frozen and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from kombu import pools

from accounts import hints, live
from accounts.clock import now
from accounts.models import Member
from config.devstack import Server, dies_with_parent, start_valkey
from messaging import sending
from messaging.drafts import new_send_key
from messaging.models import Conversation
from messaging.quotes import Quote
from messaging.verdicts import verdict_for
from tests.processes import Worker, database_url


class Stage:
    """The background of one test. Web and verbs run in the test's own process, with the same broker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker: Server = start_valkey()
        self.workers: list[Worker] = []
        self.beats: list[subprocess.Popen[bytes]] = []

    def start_worker(self, queues: str = "money,default,mail", **environment: str) -> Worker:
        log = self.folder / f"worker-{len(self.workers)}.log"
        worker = Worker(queues, log=log, environment={"REDIS_URL": self.broker.url, **environment})
        self.workers.append(worker)
        worker.wait_until_ready()
        return worker

    def start_beat(self, *, app: str = "config") -> None:
        """The product's own timetable, or that of a quicker app."""
        number = len(self.beats)
        words = ["-q", "-A", app, "beat", "-s", str(self.folder / f"schedule-{number}"), "--pidfile="]
        with (self.folder / f"beat-{number}.log").open("wb") as lines:
            beat = subprocess.Popen(
                [sys.executable, "-m", "celery", *words],
                env={**os.environ, "DATABASE_URL": database_url(), "REDIS_URL": self.broker.url},
                cwd=django_settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_parent(),
            )
        self.beats.append(beat)

    def kill_a_pool_child(self) -> None:
        for child in self.workers[-1].children()[:1]:
            os.kill(child, signal.SIGKILL)

    def kill_broker(self) -> None:
        self.broker.process.kill()
        self.broker.process.wait()

    def start_broker_again(self) -> None:
        self.broker = start_valkey(url=self.broker.url)

    def look_after(self) -> None:
        """As `manage.py up` does. A worker that holds hints for later ends with its broker: kombu's way, not ours."""
        if self.workers[-1].process.poll() is not None:
            self.start_worker()

    def freeze_broker(self) -> None:
        self.broker.process.send_signal(signal.SIGSTOP)

    def thaw_broker(self) -> None:
        self.broker.process.send_signal(signal.SIGCONT)

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.broker.url)

    def end(self) -> None:
        self.thaw_broker()
        for beat in self.beats:
            beat.kill()
            beat.wait()
        for worker in self.workers:
            worker.stop()
        self.broker.stop()


@pytest.fixture
def at() -> datetime:
    """Real processes read the real clock: what tests arrange happened a little while ago."""
    return now() - timedelta(minutes=2)


@pytest.fixture
def stage(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    settings.REDIS_URL = made.broker.url
    monkeypatch.setattr(hints, "_silent_until", 0.0)
    monkeypatch.setattr(live, "_silent_until", 0.0)
    yield made
    made.end()
    pools.reset()


def inmail(sender: Member, recipient: Member, *, at: datetime) -> Conversation:
    """An InMail that is delivered and waits for its answer."""
    shown = Quote.of(verdict_for(sender, recipient, purpose="job_offer", at=at))
    words = {"subject": "Platform lead", "body": "Would you talk to us?", "purpose": "job_offer"}
    sent = sending.send(sender=sender, recipient=recipient, shown=shown, send_key=new_send_key(), at=at, **words)
    assert sent.cost == 1
    return sent.message.conversation
