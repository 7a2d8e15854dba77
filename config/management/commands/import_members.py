"""`manage.py import_members`: an operator's directory comes in as members, with plans and connections."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.clock import now
from accounts.site_policy import NoPolicyInForce
from config.importing import connections, members
from config.importing.csv_file import CsvFile, FileRefused
from config.importing.progress import Progress, clear
from config.importing.report import Report

Tell = Callable[[str], None]


class Command(BaseCommand):
    help = (
        "Bring members in from a CSV file (comma, semicolon or tab; UTF-8). They have no password and come in by a "
        "mailed code. Who is a member already stays as they are, so that a second run changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=f"columns: {', '.join((*members.REQUIRED, *members.OPTIONAL))}")
        parser.add_argument(
            "--connections",
            type=Path,
            help=f"pairs of members; columns: {', '.join((*connections.REQUIRED, *connections.OPTIONAL))}",
        )
        parser.add_argument("--dry-run", action="store_true", help="report the same and write nothing")
        parser.add_argument("--strict", action="store_true", help="write nothing if any row is faulty")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            files = _open(Path(options["file"]), options["connections"])
            self._import(files, dry_run=options["dry_run"], strict=options["strict"])
        except (FileRefused, NoPolicyInForce) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _import(self, files: list[CsvFile], *, dry_run: bool, strict: bool) -> None:
        looks_first = dry_run or strict
        reports = self._run(files, write=not looks_first, tell=self._tell)
        refused = sum(report.refused for report in reports)
        if strict and not dry_run and not refused:
            reports = self._run(files, write=True, tell=_say_nothing)
        self._summarise(reports)
        if dry_run or (strict and refused):
            self.stdout.write(_("Nothing was written."))
        if refused:
            raise CommandError(_("Rows refused: %(n)s. Correct them and import again.") % {"n": refused})

    def _run(self, files: list[CsvFile], *, write: bool, tell: Tell) -> list[Report]:
        at = now()
        reports = [Report(tell=tell, file=file.path.name) for file in files]
        people = members.MemberImport(files[0], report=reports[0], at=at, write=write)
        with Progress(_("Members"), files[0].lines) as progress:
            people.run(on_line=progress.show)
        for file, report in zip(files[1:], reports[1:], strict=True):
            pairs = connections.ConnectionImport(
                file, report=report, at=at, write=write, announced=people.addresses.keys()
            )
            with Progress(_("Connections"), file.lines) as progress:
                pairs.run(on_line=progress.show)
        return reports

    def _tell(self, line: str) -> None:
        clear()
        self.stderr.write(line)

    def _summarise(self, reports: list[Report]) -> None:
        for report in reports:
            counts = {
                "file": report.file,
                "new": f"{report.new:,}",
                "unchanged": f"{report.unchanged:,}",
                "refused": f"{report.refused:,}",
            }
            self.stdout.write(_("%(file)s: %(new)s new, %(unchanged)s unchanged, %(refused)s refused.") % counts)


def _open(file: Path, pairs: Path | str | None) -> list[CsvFile]:
    opened = [CsvFile(file, required=members.REQUIRED, optional=members.OPTIONAL)]
    if pairs:
        opened.append(CsvFile(Path(pairs), required=connections.REQUIRED, optional=connections.OPTIONAL))
    return opened


def _say_nothing(line: str) -> None:
    """The second look of --strict has nothing to add to the first."""
