"""Policy versions: the operator's settings as data, each with the instant from which it rules."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from .member import Member


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def approved(self) -> "PolicyVersionQuerySet":
        return self.filter(approved_at__isnull=False)

    def begun(self, at: datetime) -> "PolicyVersionQuerySet":
        """In force at `at` or before."""
        return self.approved().filter(in_force_from__lte=at)


class PolicyVersion(models.Model):
    """Only what differs from the defaults of `site_policy.SitePolicy`. Immutable once in force.

    A draft is proposed by one person and approved by another; a catalog's comes approved, by the operator's command.
    """

    catalog = models.CharField(_("catalog"), max_length=32)
    settings = models.JSONField(_("settings"), default=dict)
    in_force_from = models.DateTimeField(_("in force from"))
    note = models.CharField(_("why"), max_length=200, blank=True)
    proposed_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Empty = a draft.
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        get_latest_by = "in_force_from"
        constraints = [
            models.UniqueConstraint(
                fields=["in_force_from"],
                condition=models.Q(approved_at__isnull=False),
                name="accounts_one_policy_starts_at_an_instant",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at=None)
                | models.Q(proposed_by=None)
                | (models.Q(approved_by__isnull=False) & ~models.Q(approved_by=models.F("proposed_by"))),
                name="accounts_a_policy_is_approved_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.catalog} {self.pk}"
