"""`manage.py load_catalog standard`: plans and policy from a catalog file, as often as you like."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.clock import now
from billing.catalog import SHIPPED, CatalogInvalid, load, read_catalog


class Command(BaseCommand):
    help = "Load a plan catalog. Changed figures make new versions; subscriptions keep the version they have."

    def add_arguments(self, parser: ArgumentParser) -> None:
        shipped = ", ".join(sorted(path.stem for path in SHIPPED.glob("*.toml")))
        parser.add_argument("catalog", help=f"a shipped catalog ({shipped}) or the path of a .toml file")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would change and write nothing",
        )

    def handle(self, *, catalog: str, dry_run: bool, **options: Any) -> None:
        path = Path(catalog) if catalog.endswith(".toml") else SHIPPED / f"{catalog}.toml"
        try:
            content = read_catalog(path)
        except CatalogInvalid as error:
            raise CommandError("\n".join(error.faults)) from error
        with transaction.atomic():
            changes = load(content, at=now())
            transaction.set_rollback(dry_run)
        self.stdout.write("\n".join(changes) or f"{content.code}: nothing to change.")
        if dry_run:
            self.stdout.write("Nothing was written.")
