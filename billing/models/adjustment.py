"""Credits given or taken by a member of staff, with a reason. The journal entry names it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import new_public_id

from .wallet import Wallet


class Adjustment(models.Model):
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="adjustments")
    # Positive gives a new lot, negative takes from the lots that expire first.
    amount = models.IntegerField(_("credits"))
    life_days = models.PositiveIntegerField(_("days the credits live"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    posted_at = models.DateTimeField(_("posted"))
    # The form's own key: pressing the button twice posts once.
    form_key = models.CharField(max_length=40, unique=True, default=new_public_id, editable=False)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        indexes = [
            # The daily limit of one member of staff.
            models.Index(fields=["posted_by", "posted_at"], name="billing_adjustment_by_staff"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="billing_adjustment_changes_something"),
            models.CheckConstraint(
                condition=models.Q(life_days=None) | models.Q(life_days__gt=0),
                name="billing_adjustment_lives_some_time",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="billing_adjustment_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.wallet} {self.amount:+d}"
