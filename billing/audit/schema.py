"""R15: what the models promise is in the database, whatever was done to it by hand."""

from django.apps import apps
from django.db import connection

from billing.audit.breach import Breach

TRIGGER = "billing_entry_append_only"


def breaches_of_schema() -> list[Breach]:
    missing = [name for model in apps.get_app_config("billing").get_models() for name in _missing(model)]
    if connection.vendor == "postgresql" and not _has_trigger():
        missing.append(TRIGGER)
    return [Breach("R15", None, f"{name} is missing in the database") for name in missing]


def _missing(model):  # type: ignore[no-untyped-def]
    with connection.cursor() as cursor:
        present = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return [constraint.name for constraint in model._meta.constraints if constraint.name not in present]


def _has_trigger() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_trigger WHERE tgname = %s AND tgenabled <> 'D'", [TRIGGER])
        return cursor.fetchone() is not None
