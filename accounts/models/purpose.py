"""Why a sender writes, and what a recipient refuses to be written about."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .member import Member


class Purpose(models.TextChoices):
    """Why a sender writes (domain: glossary). The policy in force says which are offered."""

    JOB_OFFER = "job_offer", _("job offer")
    JOB_SEEKING = "job_seeking", _("job seeking")
    SALES = "sales", _("sales")
    PROMOTION = "promotion", _("promotion")
    PARTNERSHIP = "partnership", _("partnership")
    ADVICE = "advice", _("advice")
    PRESS = "press", _("press")
    INTRODUCTION = "introduction", _("introduction")
    RECONNECT = "reconnect", _("reconnect")
    OTHER = "other", _("other")


class RefusedPurpose(models.Model):
    """A purpose this member takes no first messages about. Absent = taken."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="refused_purposes")
    purpose = models.CharField(max_length=16, choices=Purpose)

    class Meta:
        verbose_name = _("refused purpose")
        verbose_name_plural = _("refused purposes")
        constraints = [
            models.UniqueConstraint(fields=["member", "purpose"], name="accounts_purpose_refused_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_purpose_display()}"
