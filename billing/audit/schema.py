"""R15: what the models promise is in the database, whatever was done to it by hand."""

from django.apps import apps
from django.db import connection

from billing.audit.breach import Breach

# The journal, and approved versions of terms and policy: migrations 0002 and 0008.
TRIGGERS = ("billing_entry_append_only", "billing_approved_terms_stay", "accounts_approved_policies_stay")


def breaches_of_schema() -> list[Breach]:
    missing = [name for model in apps.get_app_config("billing").get_models() for name in _missing(model)]
    if connection.vendor == "postgresql":
        missing += _missing_triggers()
    return [Breach("R15", None, f"{name} is missing in the database") for name in missing]


def _missing(model):  # type: ignore[no-untyped-def]
    with connection.cursor() as cursor:
        present = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return [constraint.name for constraint in model._meta.constraints if constraint.name not in present]


def _missing_triggers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname = ANY(%s) AND tgenabled <> 'D'", [list(TRIGGERS)])
        present = {name for (name,) in cursor.fetchall()}
    return [name for name in TRIGGERS if name not in present]
