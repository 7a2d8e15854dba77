"""The one clock: views, tasks and commands ask it; verbs are told the time as `at`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection

# "No limit" for an instant: never shown, never added to (domain 5.2).
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)

_set_by_a_test: datetime | None = None


def now() -> datetime:
    """The database's time in UTC. SQLite lives in this process and keeps milliseconds only: there
    the process's own clock is the database's.
    """
    if _set_by_a_test is not None:
        return _set_by_a_test
    if connection.vendor != "postgresql":
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0].astimezone(UTC)


@contextmanager
def set_to(at: datetime) -> Iterator[None]:
    """For tests: inside the block every `now()` of this process answers `at`, in all threads."""
    global _set_by_a_test
    before, _set_by_a_test = _set_by_a_test, at
    try:
        yield
    finally:
        _set_by_a_test = before
