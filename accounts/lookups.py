"""Where the two databases search differently: both halves of "these words, in this order, begin at a word".

`field__has_words=["anna", "ber"]` finds "prof anna berg" in a column written by `search_words.word_line`.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup
from django.db.models.sql.compiler import SQLCompiler

Sql = tuple[str, tuple[str | int, ...]]


@CharField.register_lookup
class Words(Lookup):  # type: ignore[type-arg]
    """The last word may go on. Words hold letters, marks and digits only, so nothing is escaped."""

    lookup_name = "has_words"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> Sql:
        return "%s", (f"% {' '.join(value)}%",)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        column, column_parameters = self.process_lhs(compiler, connection)
        pattern, pattern_parameters = self.process_rhs(compiler, connection)
        return f"' ' || {column} LIKE {pattern}", (*column_parameters, *pattern_parameters)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        """The index (migration 0002) finds rows with all the words, LIKE keeps those with them in order."""
        column, column_parameters = self.process_lhs(compiler, connection)
        in_order, order_parameters = self.as_sql(compiler, connection)
        lexemes = f"array_to_tsvector(array_remove(string_to_array({column}, ' '), ''))"
        return (f"({lexemes} @@ %s::tsquery AND {in_order})", (*column_parameters, self._query(), *order_parameters))

    def _query(self) -> str:
        *whole, begun = self.rhs
        return " & ".join([*(f"'{word}'" for word in whole), f"'{begun}':*"])
