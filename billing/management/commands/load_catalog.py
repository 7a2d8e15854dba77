"""`manage.py load_catalog standard`: plans, packs and policy from a catalog file, as often as you like."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.clock import now
from billing.catalog import SHIPPED, CatalogInvalid, is_first_load, load, read_catalog, steps_to, warnings_at
from billing.catalog_files import Catalog, shipped
from billing.catalog_loading import Step


class Command(BaseCommand):
    help = (
        "Load a plan catalog. On a site that has one, what would change is shown, and written only with --apply; "
        "changed figures make new versions, subscriptions keep the version they have."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = f"a shipped catalog ({', '.join(shipped())}) or the path of a .toml file"
        parser.add_argument("catalog", help=words)
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--apply", action="store_true", help="write the changes; a first load is written anyway")
        choice.add_argument("--dry-run", action="store_true", help="write nothing, on an empty site either")

    def handle(self, *, catalog: str, apply: bool, dry_run: bool, **options: Any) -> None:
        content = _read(catalog)
        at = now()
        with transaction.atomic():
            steps = steps_to(content, at=at)
            self._show(content, steps)
            if not steps:
                return
            if dry_run or not (apply or is_first_load()):
                self.stdout.write("Nothing was written." if dry_run else "Nothing was written. Write it with --apply.")
                return
            load(content, at=at)
        for warning in warnings_at(at):
            self.stdout.write(f"Look at this: {warning}")

    def _show(self, content: Catalog, steps: list[Step]) -> None:
        if not steps:
            self.stdout.write(f"{content.code}: nothing to change.")
        for step in steps:
            self.stdout.write(step.title)
            for note in step.notes:
                self.stdout.write(f"  {note}")


def _read(catalog: str) -> Catalog:
    path = Path(catalog) if catalog.endswith(".toml") else SHIPPED / f"{catalog}.toml"
    try:
        return read_catalog(path)
    except CatalogInvalid as error:
        raise CommandError("\n".join(error.faults)) from error
