"""Rules of a test's own, where it is easier to bend those that are approved than to approve others."""

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet


def rewrite(versions: QuerySet[Any], **fields: Any) -> None:
    """Change approved versions, which PostgreSQL refuses to everybody else (M18)."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        versions.update(**fields)
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = origin")
