"""Many rows at once without a model object a row, on PostgreSQL: for `billing.plain_renewals`.

Names of tables and columns come from the models and from this program, never from outside.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Model, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

Row = tuple[Any, ...]


def each(ids: Iterable[int]) -> RawSQL:
    """A list as one value: a thousand parameters take longer to bind than their rows to read."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def read(rows: QuerySet[Any], *names: str) -> Iterator[list[Any]]:
    """As `values_list`, with instants parsed by the C library: that is most of the time of reading a row."""
    instants = [place for place, name in enumerate(names) if _is_instant(rows.model, name)]
    columns = [Cast(name, TextField()) if place in instants else name for place, name in enumerate(names)]
    for found in rows.values_list(*columns):
        row = list(found)
        for place in instants:
            row[place] = row[place] and datetime.fromisoformat(row[place])
        yield row


def new_ids(model: type[Model], number: int) -> list[int]:
    """Of rows that are to be inserted."""
    with connection.cursor() as cursor:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(sequence, [model._meta.db_table, number])
        return [new_id for (new_id,) in cursor.fetchall()]


def insert(model: type[Model], rows: Sequence[Row], names: str) -> None:
    """By COPY: faster than INSERT, and under the same constraints and triggers. `names` are columns, by blanks."""
    statement = f"COPY {model._meta.db_table} ({', '.join(names.split())}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def update(model: type[Model], rows: Sequence[Row], names: str) -> None:
    """The first of the columns is the id."""
    if not rows:
        return
    columns, table = names.split(), model._meta.db_table
    arrays = ", ".join(f"%s::{model._meta.get_field(name).db_type(connection)}[]" for name in columns)
    changes = ", ".join(f"{name} = new.{name}" for name in columns[1:])
    statement = f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS new ({', '.join(columns)})"  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        values = [_array(column) for column in zip(*rows, strict=True)]
        cursor.execute(f"{statement} WHERE {table}.id = new.id", values)


def _is_instant(model: type[Model], name: str) -> bool:
    return isinstance(model._meta.get_field(name), DateTimeField)


def _array(values: Iterable[object]) -> str:
    """As PostgreSQL writes one: numbers, instants and hashes need no quotes."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"
