"""Credits taken for one thing named by an opaque reference, and whether they may come back."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Seat

from .wallet import Wallet


class ChargeQuerySet(models.QuerySet["Charge"]):
    def due(self, at: datetime) -> "ChargeQuerySet":
        """Answered, and the return has to be posted by now."""
        return self.filter(return_due_at__lte=at)

    def may_come_back(self, at: datetime) -> "ChargeQuerySet":
        """Unanswered inside the window, or answered and the return not posted yet."""
        unanswered = models.Q(answered_at=None, returnable=True)
        in_time = models.Q(refundable_until=None) | models.Q(refundable_until__gt=at)
        pending = models.Q(return_due_at__isnull=False)
        return self.filter((unanswered & in_time) | pending).not_reversed()

    def not_reversed(self) -> "ChargeQuerySet":
        return self.exclude(entries__kind="reverse")


class Charge(models.Model):
    """Keeps the terms of its day. `return_due_at` is only the list of what is due: the journal is
    the answer to whether it came back.
    """

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="charges")
    payer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Whose allowance it counts against, when a team's pool paid.
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, blank=True, related_name="charges")
    cost = models.PositiveSmallIntegerField(_("credits"))
    charged_at = models.DateTimeField(_("charged"))
    returnable = models.BooleanField(_("may come back"))
    # The first instant that is too late; empty = no deadline.
    refundable_until = models.DateTimeField(_("until"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    return_due_at = models.DateTimeField(_("return due"), null=True, blank=True)
    policy_version = models.ForeignKey("accounts.PolicyVersion", on_delete=models.PROTECT, related_name="+")

    objects = ChargeQuerySet.as_manager()

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        indexes = [
            # The sweep of due returns.
            models.Index(
                fields=["return_due_at"],
                condition=models.Q(return_due_at__isnull=False),
                name="billing_charge_return_due",
            ),
            # The credits page: what may come back, next deadline first.
            models.Index(
                fields=["wallet", "refundable_until"],
                condition=models.Q(answered_at=None, returnable=True),
                name="billing_charge_open",
            ),
            # What a seat spent in a period, against its allowance.
            models.Index(
                fields=["seat", "charged_at"], condition=models.Q(seat__isnull=False), name="billing_charge_of_seat"
            ),
            # The console's list, newest first.
            models.Index(fields=["-charged_at", "-id"], name="billing_charge_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(cost__gt=0), name="billing_charge_costs_something"),
            models.CheckConstraint(
                condition=models.Q(answered_at=None)
                | models.Q(refundable_until=None)
                | models.Q(answered_at__lt=models.F("refundable_until")),
                name="billing_answered_inside_the_window",
            ),
            models.CheckConstraint(
                condition=models.Q(return_due_at=None) | models.Q(answered_at__isnull=False),
                name="billing_only_an_answer_makes_a_return_due",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
