"""How the database becomes empty again: after a test that committed, and after a file of tests that share rows."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

# Filled by `migrate`, and by nobody else: kinds of rows, rights, roles.
OF_MIGRATIONS = ("django_content_type", "auth_permission", "auth_group", "auth_group_permissions")
CACHE = "config_cache"


@contextmanager
def lasting(blocker: Any, make: Callable[[], Any]) -> Iterator[Any]:
    """What `make` makes lasts for a file of tests, in a transaction around theirs: what they change is taken back."""
    with ExitStack() as around:
        with blocker.unblock():
            around.enter_context(transaction.atomic())
            made = make()
        yield made
        with blocker.unblock():
            transaction.set_rollback(True)
            around.close()


def emptying() -> Callable[[], None]:
    """A function that empties the database of all that came after this call.

    Django's flush truncates every table and then makes every permission anew, half a second a test. Few tables hold
    anything after one, and what the migrations put there has not changed.
    """
    before = _marks()

    def empty() -> None:
        assert not connection.in_atomic_block, "a test that commits stands among tests that share a community"
        if _marks() == before:
            _delete_everything()
        else:
            call_command("flush", verbosity=0, interactive=False)

    return empty


def _marks() -> list[tuple[int, int | None]]:
    asked = " UNION ALL ".join(f"SELECT count(*), max(id) FROM {table}" for table in OF_MIGRATIONS)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return cursor.fetchall()


def _delete_everything() -> None:
    is_postgres = connection.vendor == "postgresql"
    # The journal refuses DELETE by a trigger there, and rows point at each other on both.
    unchecked = nullcontext() if is_postgres else connection.constraint_checks_disabled()
    with unchecked, transaction.atomic(), connection.cursor() as cursor:
        if is_postgres:
            cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _filled_tables():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


def _filled_tables() -> list[str]:
    known = connection.introspection.django_table_names(only_existing=False, include_views=False)
    tables = [*(table for table in known if table not in OF_MIGRATIONS), CACHE]
    questions = ", ".join(f"EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {questions}")
        return [table for table, is_filled in zip(tables, cursor.fetchone(), strict=True) if is_filled]
