"""What a member sent on one day of their own zone: the daily caps are reserved here."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SendingDay(models.Model):
    """Counted up by conditional updates, so that parallel sends never pass a cap (M7)."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    # In whose zone it began, and its end: a change of zone meanwhile changes neither.
    zone = models.CharField(max_length=64, blank=True, editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)
    outreach = models.PositiveSmallIntegerField(default=0)
    # Of the outreach, what went free to Open Profiles.
    open_profile = models.PositiveSmallIntegerField(default=0)
    # Conversations started with connections.
    starts = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("sending day")
        verbose_name_plural = _("sending days")
        constraints = [
            models.UniqueConstraint(fields=["member", "day"], name="messaging_one_count_per_member_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.day}: {self.outreach}"
