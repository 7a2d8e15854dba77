"""One grant of credits with its own life."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from .wallet import Wallet


class LotQuerySet(models.QuerySet["Lot"]):
    def alive(self, at: datetime) -> "LotQuerySet":
        """Spendable at `at`: by query, whether or not a sweep ran (domain 5.2)."""
        return self.filter(closed_at=None, frozen_at=None, effective_at__lte=at, expires_at__gt=at)

    def in_spend_order(self) -> "LotQuerySet":
        return self.order_by("priority", "expires_at", "id")


class Lot(models.Model):
    class Source(models.TextChoices):
        PLAN = "plan", _("Monthly")
        BONUS = "bonus", _("Yearly bonus")
        PURCHASE = "purchase", _("Bought")
        PROMO = "promo", _("Promotion")
        SURVEY = "survey", _("Survey")
        REFERRAL = "referral", _("Referral")
        ADMIN = "admin", _("Given by staff")
        RETURN = "return", _("Returned")

    class Priority(models.IntegerChoices):
        PLAN = 10
        GIFT = 20
        PURCHASE = 30

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="lots")
    source = models.CharField(max_length=8, choices=Source)
    priority = models.PositiveSmallIntegerField(choices=Priority)
    granted = models.PositiveIntegerField()
    remaining = models.PositiveIntegerField()
    effective_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # The lot whose credits these were first: itself for a first grant (empty), the root for a return lot.
    root = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="return_lots")
    subscription = models.ForeignKey(
        "billing.Subscription", on_delete=models.PROTECT, null=True, blank=True, related_name="lots"
    )
    # What was bought or won with it: the purchase whose repayment or dispute takes the credits back.
    order_line = models.OneToOneField(
        "billing.OrderLine", on_delete=models.PROTECT, null=True, blank=True, related_name="lot"
    )
    # The policy under which it was granted; of a return, that of its charge. Empty on lots older than this column.
    policy_version = models.ForeignKey(
        "accounts.PolicyVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # While the payment of it is disputed nothing is spent from it, nor does it expire.
    frozen_at = models.DateTimeField(null=True, blank=True)
    # When expired, trimmed to 0 or forfeited: dead for good. Spent to 0 is not closed.
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        indexes = [
            # Spending and the credits page: a wallet's open lots in spend order.
            models.Index(
                fields=["wallet", "priority", "expires_at", "id"],
                condition=models.Q(closed_at=None),
                name="billing_lot_spend_order",
            ),
            # expire_lots: open lots past their end.
            models.Index(fields=["expires_at"], condition=models.Q(closed_at=None), name="billing_lot_to_expire"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0) & models.Q(remaining__lte=models.F("granted")),
                name="billing_lot_remaining_within_granted",
            ),
            models.CheckConstraint(condition=models.Q(granted__gt=0), name="billing_lot_grants_something"),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(remaining=0), name="billing_closed_lot_is_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(effective_at__lt=models.F("expires_at")), name="billing_lot_lives_some_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.remaining}/{self.granted}"
