"""What a check of the books found: kept, so that staff can follow a difference from the run to the line."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .wallet import Wallet


class ReconciliationRun(models.Model):
    class Kind(models.TextChoices):
        LEDGER = "ledger", _("Ledger")
        PAYMENTS = "payments", _("Payments")

    kind = models.CharField(_("books"), max_length=8, choices=Kind)
    started_at = models.DateTimeField(_("started"))
    # Empty = still running, or it was killed.
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # Wallets or orders that were looked at.
    seen = models.PositiveIntegerField(_("looked at"), default=0)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        get_latest_by = "started_at"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.started_at:%Y-%m-%d %H:%M}"


class Difference(models.Model):
    run = models.ForeignKey(ReconciliationRun, on_delete=models.CASCADE, related_name="differences")
    rule = models.CharField(_("rule"), max_length=8)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, null=True, blank=True, related_name="differences")
    sentence = models.CharField(_("what"), max_length=500)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")

    def __str__(self) -> str:
        return f"{self.rule}: {self.sentence}"
