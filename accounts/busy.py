"""The one error for a lock that did not come free in time, on either database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, connection, transaction

LOCK_TIMEOUT = "3s"
TRIES = 5

Result = TypeVar("Result")


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


def try_whole(work: Callable[[], Result]) -> Result:
    """Run `work` in a `short_wait` of its own. A deadlock's or a serialization failure's victim is rolled back and
    tried again whole, five times in all; inside another transaction, once, as only the outermost can be tried again.

    Raises Busy.
    """
    tries = 1 if connection.in_atomic_block else TRIES
    for left in reversed(range(tries)):
        try:
            with short_wait():
                return work()
        except (Busy, OperationalError) as error:
            if left == 0 or not _is_worth_another_try(error):
                raise
    raise AssertionError("unreachable")


def _is_worth_another_try(error: BaseException) -> bool:
    # 40P01 deadlock_detected, 40001 serialization_failure. A lock that did not come in 3 s is the user's to try again.
    cause = error.__cause__ if isinstance(error, Busy) else error
    return getattr(getattr(cause, "__cause__", None), "sqlstate", None) in {"40P01", "40001"}


def _is_a_lock(error: OperationalError) -> bool:
    # 55P03 lock_not_available, 40P01 deadlock_detected.
    state = getattr(error.__cause__, "sqlstate", None)
    return state in {"55P03", "40P01"} or "database is locked" in str(error)
