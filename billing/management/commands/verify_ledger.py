"""`manage.py verify_ledger`: prove the journal on your own data."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.clock import now
from billing import audit
from billing.models import ReconciliationRun, Wallet


class Command(BaseCommand):
    help = "Check every invariant of the ledger. Wallets in breach are put on hold; nothing is ever repaired."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--strict", action="store_true", help="also fail for work that the worker is late with")
        parser.add_argument("--dry-run", action="store_true", help="put no wallet on hold and keep no record")
        parser.add_argument("--release", type=int, metavar="WALLET", help="take a wallet off hold if it is clean now")

    def handle(self, *, strict: bool, dry_run: bool, release: int | None, **options: Any) -> None:
        if release is None:
            self._verify(strict=strict, holds=not dry_run)
        else:
            self._release(release)

    def _verify(self, *, strict: bool, holds: bool) -> None:
        at = now()
        run = audit.runs.begin(at=at) if holds else None
        of_schema, overdue = audit.schema(), audit.overdue(at=at)
        faults = [str(breach) for breach in of_schema] + ([breach.sentence for breach in overdue] if strict else [])
        for fault in faults:
            self.stdout.write(fault)
        _note(run, [*of_schema, *overdue], seen=0)
        wallets = breaches = 0
        for seen, found in audit.walk(at=at, holds=holds):
            wallets, breaches = wallets + len(seen), breaches + len(found)
            _note(run, found, seen=len(seen))
            for breach in found:
                self.stdout.write(str(breach))
        if run is not None:
            audit.runs.finish(run, at=now())
        if breaches or faults:
            raise CommandError(f"{wallets} wallets verified: {breaches} breaches, {len(faults)} other faults.")
        self.stdout.write(self.style.SUCCESS(f"{wallets} wallets verified: no breach."))

    def _release(self, wallet_id: int) -> None:
        try:
            audit.release(wallet=Wallet.objects.get(pk=wallet_id), at=now())
        except Wallet.DoesNotExist as error:
            raise CommandError(f"There is no wallet {wallet_id}.") from error
        except audit.StillInBreach as error:
            raise CommandError(f"Wallet {wallet_id} stays on hold: {error}") from error
        self.stdout.write(self.style.SUCCESS(f"Wallet {wallet_id} is clean and released."))


def _note(run: ReconciliationRun | None, breaches: list[audit.Breach], *, seen: int) -> None:
    if run is not None:
        audit.runs.note(run, breaches, seen=seen)
