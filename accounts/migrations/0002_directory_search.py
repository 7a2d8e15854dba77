"""Indexes of the directory's search on PostgreSQL; SQLite reads the columns through.

The expression is the one of `accounts.lookups.Words`: change both together.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

COLUMNS = ("search_text", "company_words", "place_words")


def add_indexes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for column in COLUMNS:
        schema_editor.execute(
            f"CREATE INDEX accounts_profile_{column} ON accounts_profile USING gin"
            f" (array_to_tsvector(array_remove(string_to_array({column}, ' '), '')))"
        )


def drop_indexes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for column in COLUMNS:
        schema_editor.execute(f"DROP INDEX accounts_profile_{column}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_first_release")]

    operations = [migrations.RunPython(add_indexes, drop_indexes)]
