"""The one error for a lock that did not come free in time, on either database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

LOCK_TIMEOUT = "3s"


class Busy(Exception):
    """Nothing was written. The caller may simply try again; the web answers 503."""


@contextmanager
def short_wait() -> Iterator[None]:
    """A transaction that waits at most three seconds for a lock (SQLite: its own 20 s timeout).

    Raises Busy instead of the database's own error, with everything rolled back.
    """
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            yield
    except OperationalError as error:
        if _is_a_lock(error):
            raise Busy from error
        raise


def _is_a_lock(error: OperationalError) -> bool:
    # 55P03 lock_not_available, 40P01 deadlock_detected.
    state = getattr(error.__cause__, "sqlstate", None)
    return state in {"55P03", "40P01"} or "database is locked" in str(error)
