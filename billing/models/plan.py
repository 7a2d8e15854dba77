"""An offer, and its immutable terms."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.version import Version, VersionQuerySet


class Plan(models.Model):
    """The code never changes; the name may. `is_offered` = members may ask for it."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_offered = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")

    def __str__(self) -> str:
        return self.name


class PlanVersion(Version):
    """The terms of a plan. A changed figure makes a new version; a subscription keeps its own.

    A draft is proposed by one person and approved by another; a catalog's comes approved, by the operator's command.
    """

    class Renewal(models.TextChoices):
        RESET = "reset", _("starts anew each period")
        ACCUMULATE = "accumulate", _("adds up")

    class Clock(models.TextChoices):
        START = "start", _("monthly from the start")
        CALENDAR_MONTH = "calendar_month", _("on the 1st of the month")
        CONTRACT = "contract", _("monthly from the contract's date")

    class FirstMonth(models.TextChoices):
        FULL = "full", _("full")
        PRORATED = "prorated", _("by days")

    class LifeFrom(models.TextChoices):
        GRANT = "grant", _("from the period's start")
        PAYMENT = "payment", _("from the payment, if that is later")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    in_force_from = models.DateTimeField(_("in force from"))
    # Credits a period.
    allotment = models.PositiveIntegerField(_("credits a month"))
    # What staff may agree on instead, per seat, in a contract; both empty = no such contracts.
    contract_least = models.PositiveIntegerField(_("least credits in a contract"), null=True, blank=True)
    contract_most = models.PositiveIntegerField(_("most credits in a contract"), null=True, blank=True)
    # Given once a term that is billed yearly; lives to the term's end.
    annual_bonus_credits = models.PositiveIntegerField(_("bonus credits a year"), default=0)
    is_paid = models.BooleanField(_("premium"))
    is_per_seat = models.BooleanField(_("per seat"), default=False)
    # Minor units a month; a year costs twelve times the first.
    currency = models.CharField(max_length=3, default="USD")
    price_billed_yearly = models.PositiveIntegerField(_("monthly price, billed yearly"), default=0)
    price_billed_monthly = models.PositiveIntegerField(_("monthly price, billed monthly"), default=0)
    renewal = models.CharField(max_length=10, choices=Renewal, default=Renewal.ACCUMULATE)
    credit_life_days = models.PositiveIntegerField(_("days a credit lives"), null=True, blank=True)
    credit_life_from = models.CharField(max_length=7, choices=LifeFrom, default=LifeFrom.GRANT)
    # Of one seat.
    cap = models.PositiveIntegerField(_("most plan credits held"), null=True, blank=True)
    allotment_clock = models.CharField(max_length=14, choices=Clock, default=Clock.START)
    first_partial_month = models.CharField(max_length=8, choices=FirstMonth, default=FirstMonth.FULL)
    inmail_daily_cap = models.PositiveIntegerField(_("InMail a day"))
    allows_open_profile = models.BooleanField(_("Open Profile"), default=False)
    allows_packs = models.BooleanField(_("may buy packs"), default=True)
    # Of all the figures above: load_catalog makes a new version when it differs.
    digest = models.CharField(max_length=64, editable=False)
    note = models.CharField(_("why"), max_length=200, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Empty = a draft.
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)

    objects = VersionQuerySet["PlanVersion"].as_manager()

    class Meta:
        verbose_name = _("plan version")
        verbose_name_plural = _("plan versions")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="billing_plan_version_numbered_once"),
            models.CheckConstraint(
                condition=models.Q(cap=None) | models.Q(cap__gte=models.F("allotment")),
                name="billing_a_cap_holds_one_allotment",
            ),
            models.CheckConstraint(
                condition=models.Q(credit_life_days=None) | models.Q(credit_life_days__gt=0),
                name="billing_a_credit_lives_at_least_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(contract_least=None, contract_most=None)
                | models.Q(contract_least__lte=models.F("contract_most")),
                name="billing_a_contract_has_a_least_and_a_most",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at=None)
                | models.Q(proposed_by=None)
                | (models.Q(approved_by__isnull=False) & ~models.Q(approved_by=models.F("proposed_by"))),
                name="billing_plan_terms_are_approved_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.number}"
