"""A plan held by a member, the spans of its allotments, and what members ask for."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .lot import Lot
from .plan import Plan, PlanVersion
from .wallet import Wallet


class Interval(models.TextChoices):
    MONTH = "month", _("monthly")
    YEAR = "year", _("yearly")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def running(self) -> "SubscriptionQuerySet":
        return self.filter(ended_at=None)


class Subscription(models.Model):
    """Period n starts at anchor + n months, computed from the anchor (domain 5.6)."""

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="subscriptions")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="subscriptions")
    interval = models.CharField(_("billed"), max_length=5, choices=Interval, default=Interval.MONTH)
    anchor_at = models.DateTimeField(_("started"))
    # No period starts at or after this instant; 9999-12-31 = without end.
    paid_through = models.DateTimeField(_("paid through"))
    # When a cancellation takes effect; empty = not cancelled.
    cancel_at = models.DateTimeField(_("cancelled to"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # The number of the next period and the instant it is due; empty when none will come.
    next_n = models.PositiveIntegerField(default=0)
    renews_at = models.DateTimeField(_("next allotment"), null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Licences that are paid for: a team gives out no more seats than these. A member's own plan is one.
    seats = models.PositiveIntegerField(_("seats"), default=1)
    # Credits a seat and period that a contract says instead of the plan's terms.
    contract_allotment = models.PositiveIntegerField(_("credits by contract"), null=True, blank=True)
    # The latest payment; credits whose life begins with their payment count from it.
    paid_at = models.DateTimeField(_("last payment"), null=True, blank=True)
    # The number of the next yearly term that gives a bonus.
    next_term = models.PositiveIntegerField(default=0)
    # A downgrade that waits for the end of the term: all three or none.
    next_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    next_interval = models.CharField(max_length=5, choices=Interval, blank=True)
    # Licences from then on; empty = as many as now.
    next_seats = models.PositiveIntegerField(null=True, blank=True)
    changes_at = models.DateTimeField(_("changes"), null=True, blank=True)
    # Who collects the money, and its name for this subscription; empty = staff or a paid invoice.
    provider = models.CharField(_("paid by"), max_length=10, blank=True)
    provider_reference = models.CharField(max_length=100, blank=True)
    # What the provider was last told to do next: where our row says otherwise, it is told again.
    provider_told = models.CharField(max_length=60, blank=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        indexes = [
            # renew_due_allotments: running ones whose next period is due, or whose end has come.
            models.Index(fields=["renews_at"], condition=models.Q(ended_at=None), name="billing_subscription_due"),
            models.Index(
                fields=["cancel_at"], condition=models.Q(ended_at=None), name="billing_subscription_cancelled"
            ),
            models.Index(
                fields=["paid_through"], condition=models.Q(ended_at=None), name="billing_subscription_unpaid"
            ),
            models.Index(
                fields=["changes_at"],
                condition=models.Q(ended_at=None, changes_at__isnull=False),
                name="billing_subscription_changes",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["wallet"],
                condition=models.Q(ended_at=None),
                name="billing_one_running_subscription_per_wallet",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=models.Q(ended_at=None) & ~models.Q(provider_reference=""),
                name="billing_a_providers_subscription_is_one_here",
            ),
            models.CheckConstraint(
                condition=models.Q(next_version=None, next_interval="", changes_at=None)
                | (models.Q(next_version__isnull=False, changes_at__isnull=False) & ~models.Q(next_interval="")),
                name="billing_a_waiting_change_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(next_seats=None) | models.Q(next_seats__gt=0, changes_at__isnull=False),
                name="billing_licences_wait_with_a_change",
            ),
            models.CheckConstraint(condition=models.Q(seats__gt=0), name="billing_a_plan_has_a_seat"),
        ]

    def __str__(self) -> str:
        return f"{self.wallet}: {self.plan_version}"


class Period(models.Model):
    """The span of one allotment, and the lot it gave (none when the allotment is 0)."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="periods")
    # The terms of this period: a subscription moved to other terms keeps its past.
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    n = models.PositiveIntegerField()
    # Active seats at its start: what the allotment was multiplied by.
    seats = models.PositiveIntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lot = models.OneToOneField(Lot, on_delete=models.PROTECT, null=True, blank=True, related_name="period")

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "n"], name="billing_one_period_per_number"),
            models.UniqueConstraint(fields=["subscription", "starts_at"], name="billing_one_period_per_start"),
            models.CheckConstraint(
                condition=models.Q(starts_at__lt=models.F("ends_at")), name="billing_period_lasts_some_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription} {self.n}"


class PlanRequest(models.Model):
    """On a site without a payment provider a member asks for a plan and staff confirm it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="plan_requests")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    interval = models.CharField(_("billed"), max_length=5, choices=Interval, default=Interval.MONTH)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("asked"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("plan request")
        verbose_name_plural = _("plan requests")
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=models.Q(state="waiting"),
                name="billing_one_waiting_plan_request_per_member",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.plan}"
