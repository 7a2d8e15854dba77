"""Policy versions: the operator's settings as data, each with the instant from which it rules."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PolicyVersion(models.Model):
    """Only what differs from the defaults of `site_policy.SitePolicy`. Immutable once in force."""

    catalog = models.CharField(_("catalog"), max_length=32)
    settings = models.JSONField(_("settings"), default=dict)
    in_force_from = models.DateTimeField(_("in force from"))

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        get_latest_by = "in_force_from"
        constraints = [
            models.UniqueConstraint(fields=["in_force_from"], name="accounts_one_policy_starts_at_an_instant"),
        ]

    def __str__(self) -> str:
        return f"{self.catalog} {self.pk}"
