"""What members buy."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from accounts.public_ids import new_public_id

from .plan import PlanVersion
from .subscription import Interval, Subscription
from .wallet import Wallet


class Pack(models.Model):
    """Credits for a price in minor units. A changed price is a new row: orders keep the one they name."""

    credits = models.PositiveIntegerField(_("credits"))
    price = models.PositiveIntegerField(_("price"))
    currency = models.CharField(max_length=3, default="USD")
    is_offered = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("pack")
        verbose_name_plural = _("packs")
        constraints = [
            models.UniqueConstraint(fields=["credits", "price", "currency"], name="billing_one_pack_per_price"),
            models.CheckConstraint(
                condition=models.Q(credits__gt=0, price__gt=0), name="billing_a_pack_holds_and_costs_something"
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(n)s credits") % {"n": self.credits})


class Order(models.Model):
    """States only advance: created, pending, paid (or failed, lapsed), part_repaid, repaid (domain 5.9)."""

    class Kind(models.TextChoices):
        PACK = "pack", _("Credits")
        PLAN = "plan", _("Plan")
        UPGRADE = "upgrade", _("Change of plan")
        RENEWAL = "renewal", _("Next term")

    class State(models.TextChoices):
        CREATED = "created", _("Started")
        PENDING = "pending", _("Processing")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Payment failed")
        LAPSED = "lapsed", _("Lapsed")
        PART_REPAID = "part_repaid", _("Partly paid back")
        REPAID = "repaid", _("Paid back")

    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    # The form's own key: pressing the button twice orders once.
    form_key = models.CharField(max_length=40, unique=True, default=new_public_id, editable=False)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    # Bought for the team; empty = for oneself.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="orders")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=11, choices=State, default=State.CREATED)
    provider = models.CharField(_("paid by"), max_length=10)
    # The provider's name for the payment page or invoice, and for the money itself.
    checkout_reference = models.CharField(max_length=100, blank=True)
    checkout_url = models.CharField(max_length=1_000, blank=True)
    payment_reference = models.CharField(max_length=100, blank=True)
    # Minor units to be paid, after money owed to the member was set against the price.
    amount = models.PositiveIntegerField(_("amount"))
    bill_credit_used = models.PositiveIntegerField(_("set against"), default=0)
    currency = models.CharField(max_length=3)
    repaid = models.PositiveIntegerField(_("paid back"), default=0)
    is_live = models.BooleanField(_("live"), default=True)
    # A numbered invoice has one; the series has no gaps to explain, so a number is drawn with the order.
    invoice_number = models.PositiveIntegerField(_("invoice"), null=True, blank=True, unique=True)
    created_at = models.DateTimeField(_("ordered"))
    lapses_at = models.DateTimeField(_("lapses"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    failure = models.CharField(_("what went wrong"), max_length=200, blank=True)
    # The provider's state differs from ours in amount, currency, buyer or mode: a person has to look.
    mismatch = models.CharField(_("does not agree"), max_length=200, blank=True)
    # Who in staff marked a manual invoice as paid; the bank's reference is payment_reference.
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            # A member's invoices, newest first.
            models.Index(fields=["buyer", "-created_at"], name="billing_order_of_buyer"),
            # Reconciliation and lapsing: what is not decided yet.
            models.Index(
                fields=["lapses_at"], condition=models.Q(state__in=["created", "pending"]), name="billing_order_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "checkout_reference"],
                condition=~models.Q(checkout_reference=""),
                name="billing_one_order_per_checkout",
            ),
            models.UniqueConstraint(
                fields=["provider", "payment_reference"],
                condition=~models.Q(payment_reference=""),
                name="billing_one_order_per_payment",
            ),
            models.CheckConstraint(
                condition=models.Q(repaid__lte=models.F("amount")), name="billing_no_more_is_repaid_than_was_paid"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["paid", "part_repaid", "repaid"]) | models.Q(paid_at__isnull=False),
                name="billing_a_paid_order_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.get_state_display()}"


class OrderLine(models.Model):
    """One thing of an order: a pack, or a plan for a term."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="order_lines")
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    interval = models.CharField(max_length=5, choices=Interval, blank=True)
    # Credits a purchase grants; 0 for a plan, whose periods do.
    credits = models.PositiveIntegerField(_("credits"), default=0)
    seats = models.PositiveIntegerField(_("seats"), default=1)
    price = models.PositiveIntegerField(_("price"))
    # Of an upgrade, the plan whose unused share was set against the price: no other one is changed by it.
    changes = models.ForeignKey(Subscription, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pack__isnull=False, plan_version=None, credits__gt=0)
                | models.Q(pack=None, plan_version__isnull=False, credits=0),
                name="billing_a_line_is_a_pack_or_a_plan",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pack or self.plan_version)

    def credits_of(self, money: int) -> int:
        """Credits that go with so much of the order's money; those that bill credit paid, with the last of it."""
        order = self.order
        if 0 < money < order.amount:
            return self.credits * money // (order.amount + order.bill_credit_used)
        return self.credits if money else 0
