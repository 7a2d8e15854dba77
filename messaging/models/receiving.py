"""How many new senders reached a member in one day and one week of their own zone: the caps are reserved here."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Reception(models.Model):
    """Counted up by conditional updates, so that parallel sends never pass a cap (M7)."""

    class Span(models.TextChoices):
        DAY = "day", _("day")
        WEEK = "week", _("week")

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    span = models.CharField(max_length=4, choices=Span)
    # The day, or the Monday of the week.
    starts_on = models.DateField()
    new_senders = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("reception")
        verbose_name_plural = _("receptions")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "span", "starts_on"], name="messaging_one_count_per_member_and_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.span} {self.starts_on}: {self.new_senders}"
