"""What providers of payment say about orders, money that goes back, and names they know us by."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .order import Order
from .plan import Plan
from .subscription import Interval
from .wallet import Wallet


class PaymentEvent(models.Model):
    """What a provider told us, once: stored and answered at once, worked off by the worker."""

    provider = models.CharField(max_length=10)
    event_id = models.CharField(_("event"), max_length=100)
    kind = models.CharField(_("kind"), max_length=100)
    object_id = models.CharField(_("object"), max_length=100, blank=True)
    is_live = models.BooleanField(_("live"))
    received_at = models.DateTimeField(_("received"))
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)
    attempts = models.PositiveIntegerField(_("tries"), default=0)

    class Meta:
        verbose_name = _("payment event")
        verbose_name_plural = _("payment events")
        indexes = [
            # The sweep of events nobody worked off.
            models.Index(
                fields=["received_at"], condition=models.Q(handled_at=None), name="billing_payment_event_waiting"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="billing_a_payment_event_is_stored_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class Repayment(models.Model):
    """Money back to a buyer, wholly or in part; the credits of it are taken back."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="repayments")
    reference = models.CharField(max_length=100)
    amount = models.PositiveIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    # When the provider confirmed it and the credits were taken back.
    repaid_at = models.DateTimeField(_("paid back"), null=True, blank=True)
    failure = models.CharField(_("what went wrong"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        constraints = [
            models.UniqueConstraint(fields=["order", "reference"], name="billing_a_repayment_counts_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_a_repayment_repays_something"),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.amount}"


class Dispute(models.Model):
    """A buyer's bank asks the money back. Open: the lot is frozen. Lost: its credits are taken back."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="disputes")
    provider = models.CharField(max_length=10)
    reference = models.CharField(max_length=100)
    state = models.CharField(max_length=4, choices=State, default=State.OPEN)
    amount = models.PositiveIntegerField(_("amount"))
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.UniqueConstraint(fields=["provider", "reference"], name="billing_a_dispute_is_stored_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_state_display()}"


class Shortfall(models.Model):
    """Taken-back credits that were spent already. Later returns into the same lot pay it (domain 5.9)."""

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="shortfalls")
    lot = models.ForeignKey("billing.Lot", on_delete=models.PROTECT, related_name="shortfalls")
    # What caused it: `repayment-7` or `dispute-3`; the middle of the key of its clawback entries.
    cause = models.CharField(max_length=40, unique=True)
    amount = models.PositiveIntegerField(_("credits"))
    remaining = models.PositiveIntegerField(_("open"))
    opened_at = models.DateTimeField(_("since"))
    # Paid by returns, by payment, or written off by two persons.
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("shortfall")
        verbose_name_plural = _("shortfalls")
        indexes = [
            # Whether a wallet is held.
            models.Index(fields=["wallet"], condition=models.Q(closed_at=None), name="billing_shortfall_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(remaining__lte=models.F("amount"), amount__gt=0),
                name="billing_shortfall_within_what_was_taken_back",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, remaining__gt=0) | models.Q(closed_at__isnull=False, remaining=0),
                name="billing_a_closed_shortfall_is_paid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wallet}: {self.remaining}/{self.amount}"


class BillCredit(models.Model):
    """Money owed to a member in minor units, usable for plans and packs: + when it arises, - when it is used."""

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="bill_credits")
    amount = models.IntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    reason = models.CharField(_("reason"), max_length=200)
    key = models.CharField(max_length=100, unique=True)
    posted_at = models.DateTimeField(_("posted"))

    class Meta:
        verbose_name = _("bill credit")
        verbose_name_plural = _("bill credits")
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="billing_bill_credit_is_something")]

    def __str__(self) -> str:
        return f"{self.wallet}: {self.amount:+d} {self.currency}"


class Customer(models.Model):
    """A member's or team's name at a provider of payment."""

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="customers")
    provider = models.CharField(max_length=10)
    reference = models.CharField(max_length=100)
    is_live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["wallet", "provider", "is_live"], name="billing_one_customer_per_wallet_and_provider"
            ),
            models.UniqueConstraint(fields=["provider", "reference"], name="billing_a_customer_is_one_wallets"),
        ]

    def __str__(self) -> str:
        return f"{self.wallet}: {self.reference}"


class ProviderPrice(models.Model):
    """A plan's price as the provider knows it, made once for each amount."""

    provider = models.CharField(max_length=10)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    interval = models.CharField(max_length=5, choices=Interval)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    is_live = models.BooleanField(default=True)
    reference = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "plan", "interval", "amount", "currency", "is_live"],
                name="billing_one_provider_price_per_amount",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
