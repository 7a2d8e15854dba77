"""The holder of one member's credits, or of a team's (its pool). Its row lock guards everything that moves them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Team


class Wallet(models.Model):
    """`last_*` chain the journal: the next entry takes last_seq + 1 and hashes last_hash."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="wallet"
    )
    team = models.OneToOneField(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="pool")
    balance = models.PositiveIntegerField(_("credits"), default=0)
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default="", blank=True)
    last_entry_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(_("opened"))
    # Set by reconciliation when an invariant is broken; no charges until staff release it.
    frozen_at = models.DateTimeField(_("on hold since"), null=True, blank=True)

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="billing_wallet_never_overdrawn"),
            models.CheckConstraint(
                condition=models.Q(member=None, team__isnull=False) | models.Q(member__isnull=False, team=None),
                name="billing_wallet_is_a_members_or_a_teams",
            ),
        ]

    def __str__(self) -> str:
        return str(self.member or self.team)
