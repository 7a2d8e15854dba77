"""The journal: immutable signed changes of one lot. A mistake is met by a new entry."""

import hashlib
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .charge import Charge
from .lot import Lot
from .wallet import Wallet


class JournalIsAppendOnly(TypeError):
    """Entries are only ever inserted, by billing.ledger."""


class EntryQuerySet(models.QuerySet["Entry"]):
    def giving_back(self) -> "EntryQuerySet":
        """Returns and reversals: what a charge got back."""
        return self.filter(kind__in=[Entry.Kind.REFUND, Entry.Kind.REVERSE])

    def update(self, **fields: Any) -> NoReturn:
        raise JournalIsAppendOnly("An entry is never changed. Post a new one through billing.ledger.")

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> Any:  # type: ignore[override]
        if options.get("update_conflicts") or options.get("ignore_conflicts"):
            raise JournalIsAppendOnly("An entry is new, or it is an error.")
        return super().bulk_create(objs, *args, **options)

    def delete(self) -> NoReturn:
        raise JournalIsAppendOnly("An entry is never deleted. Post a new one through billing.ledger.")


class Entry(models.Model):
    class Kind(models.TextChoices):
        GRANT = "grant", _("Granted")
        CHARGE = "charge", _("InMail")
        REFUND = "refund", _("Returned")
        REVERSE = "reverse", _("Undone")
        EXPIRE = "expire", _("Expired")
        TRIM = "trim", _("Over the cap")
        FORFEIT = "forfeit", _("Plan ended")
        CLAWBACK = "clawback", _("Taken back")
        ADJUST = "adjust", _("Adjusted")

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=8, choices=Kind)
    delta = models.IntegerField()
    balance_after = models.PositiveIntegerField()
    lot_remaining_after = models.PositiveIntegerField()
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")
    # The lot the charge took this credit from, for a refund or reversal.
    origin_lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The member of staff who posted it; empty = the system or the member's own act.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    key = models.CharField(max_length=120, unique=True)
    hash = models.CharField(max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        indexes = [
            # The console's journal, newest first.
            models.Index(fields=["-recorded_at", "-id"], name="billing_entry_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["wallet", "seq"], name="billing_entries_numbered_without_gap"),
            models.UniqueConstraint(
                fields=["charge", "origin_lot"],
                condition=models.Q(kind__in=["refund", "reverse"]),
                name="billing_one_return_or_reversal_per_charge_and_lot",
            ),
            models.CheckConstraint(condition=~models.Q(delta=0), name="billing_entry_changes_something"),
        ]

    def __str__(self) -> str:
        return f"{self.wallet} {self.seq}: {self.kind} {self.delta:+d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise JournalIsAppendOnly("An entry is never changed. Post a new one through billing.ledger.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise JournalIsAppendOnly("An entry is never deleted. Post a new one through billing.ledger.")

    def hash_after(self, previous_hash: str) -> str:
        """The link of the wallet's chain: ids, amounts and instants; no text, no person."""
        return link(
            previous_hash,
            self.wallet_id,
            self.seq,
            self.lot_id,
            self.kind,
            self.delta,
            self.balance_after,
            self.lot_remaining_after,
            self.charge_id,
            self.origin_lot_id,
            instant(self.occurred_at),
            instant(self.recorded_at),
        )


def link(previous_hash: str, *facts: object) -> str:
    """The hash of an entry's facts in the order of `Entry.hash_after`, instants written out."""
    return hashlib.sha256("|".join(map(str, (previous_hash, *facts))).encode()).hexdigest()


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
