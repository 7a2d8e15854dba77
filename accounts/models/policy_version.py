"""Policy versions: the operator's settings as data, each with the instant from which it rules."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .member import Member
from .version import Version, VersionQuerySet


class PolicyVersion(Version):
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

    objects = VersionQuerySet["PolicyVersion"].as_manager()

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
