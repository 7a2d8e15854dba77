"""Something a member asked to be told on a date: that somebody can be written to again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Reminder(models.Model):
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(_("due"))
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        indexes = [
            # The sweep: what is due.
            models.Index(fields=["due_at"], condition=models.Q(told_at=None), name="messaging_reminders_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "about"],
                condition=models.Q(told_at=None),
                name="messaging_one_waiting_reminder_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} → {self.about}"
