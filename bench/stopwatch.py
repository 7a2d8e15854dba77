"""How long something takes, by the clock on the wall and in seconds of processor: other work on the machine makes the
first longer, the second hardly."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Watch:
    """`own` is the processor time of this process, `database` that of its connection's process in PostgreSQL."""

    wall: float = 0
    own: float = 0
    database: float = 0

    @property
    def cpu(self) -> float:
        return self.own + self.database

    def __str__(self) -> str:
        return (
            f"{self.wall:7.1f} s, of processor {self.cpu:7.1f} s ({self.own:.1f} here, {self.database:.1f} PostgreSQL)"
        )


@contextmanager
def timed() -> Iterator[Watch]:
    watch, backend = Watch(), _backend()
    wall, own, database = time.perf_counter(), time.process_time(), _cpu_of(backend)
    yield watch
    watch.wall = time.perf_counter() - wall
    watch.own = time.process_time() - own
    watch.database = _cpu_of(backend) - database


def _backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _cpu_of(process: int) -> float:
    """Seconds on a processor (the first figure of Linux's schedstat, in nanoseconds)."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
