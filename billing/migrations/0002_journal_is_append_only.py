"""On PostgreSQL the database itself refuses to change or delete an entry.

SQLite has only the guards in Python: triggers there are lost when Django rebuilds a table, and break `flush`.
TRUNCATE stays allowed: tests empty tables by it, and nobody does it by mistake.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION billing_journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'billing_entry is append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER billing_entry_append_only BEFORE UPDATE OR DELETE ON billing_entry
    FOR EACH ROW EXECUTE FUNCTION billing_journal_is_append_only();
"""
ALLOW = """
DROP TRIGGER billing_entry_append_only ON billing_entry;
DROP FUNCTION billing_journal_is_append_only();
"""


def refuse(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE, params=None)


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW, params=None)


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_first_release")]

    operations = [migrations.RunPython(refuse, allow)]
