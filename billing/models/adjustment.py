"""Credits given or taken by a member of staff, with a reason; above a limit, with a second person's approval."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import new_public_id

from .payment import Shortfall
from .wallet import Wallet


class Adjustment(models.Model):
    """Up to the direct limit it is posted as it is made; above it waits, and somebody else decides (domain 5.10)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        POSTED = "posted", _("Posted")
        RETURNED = "returned", _("Returned with a comment")
        REJECTED = "rejected", _("Rejected")
        LAPSED = "lapsed", _("Lapsed")

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="adjustments")
    # Positive gives a new lot, negative takes from the lots that expire first. 0 = writes a shortfall off.
    amount = models.IntegerField(_("credits"))
    life_days = models.PositiveIntegerField(_("days the credits live"), null=True, blank=True)
    writes_off = models.ForeignKey(
        Shortfall, on_delete=models.PROTECT, null=True, blank=True, related_name="write_offs"
    )
    reason = models.CharField(_("reason"), max_length=200)
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.POSTED)
    needs_second = models.BooleanField(_("needs a second person"), default=False)
    # Who made it. Posted at once, this is also who posted it.
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    comment = models.CharField(_("comment"), max_length=200, blank=True)
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)
    # The form's own key: pressing the button twice posts once.
    form_key = models.CharField(max_length=40, unique=True, default=new_public_id, editable=False)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        indexes = [
            # The daily limit of one member of staff.
            models.Index(fields=["posted_by", "posted_at"], name="billing_adjustment_by_staff"),
            # What waits for a second person, and lapses.
            models.Index(
                fields=["proposed_at"], condition=models.Q(state="waiting"), name="billing_adjustment_waiting"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(writes_off=None) & ~models.Q(amount=0))
                | models.Q(writes_off__isnull=False, amount=0),
                name="billing_adjustment_changes_something",
            ),
            models.CheckConstraint(
                condition=models.Q(life_days=None) | models.Q(life_days__gt=0),
                name="billing_adjustment_lives_some_time",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="billing_adjustment_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(needs_second=False)
                | ~models.Q(state="posted")
                | (models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("posted_by"))),
                name="billing_adjustment_is_approved_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="posted") | models.Q(posted_at__isnull=False),
                name="billing_a_posted_adjustment_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wallet} {self.amount:+d}"
