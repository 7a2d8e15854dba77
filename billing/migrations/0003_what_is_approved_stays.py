"""On PostgreSQL the database itself refuses to change an approved version, or to delete one that has begun (M18).

A version approved for a later instant may still be withdrawn: that deletes it. As for the journal (0002), SQLite has
only the guards in Python, and TRUNCATE stays allowed.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION billing_approved_versions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approved_at IS NOT NULL AND (TG_OP = 'UPDATE' OR OLD.in_force_from <= now()) THEN
        RAISE EXCEPTION '%: an approved version stays as it is, % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER billing_approved_terms_stay BEFORE UPDATE OR DELETE ON billing_planversion
    FOR EACH ROW EXECUTE FUNCTION billing_approved_versions_stay();
CREATE TRIGGER accounts_approved_policies_stay BEFORE UPDATE OR DELETE ON accounts_policyversion
    FOR EACH ROW EXECUTE FUNCTION billing_approved_versions_stay();
"""
ALLOW = """
DROP TRIGGER accounts_approved_policies_stay ON accounts_policyversion;
DROP TRIGGER billing_approved_terms_stay ON billing_planversion;
DROP FUNCTION billing_approved_versions_stay();
"""


def refuse(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE, params=None)


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW, params=None)


class Migration(migrations.Migration):
    replaces = [("billing", "0008_what_is_approved_stays")]
    dependencies = [
        ("accounts", "0001_first_release"),
        ("billing", "0002_journal_is_append_only"),
    ]

    operations = [migrations.RunPython(refuse, allow)]
