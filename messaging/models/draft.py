"""Text kept on the server until it is sent: one per writer and recipient."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Purpose


class Draft(models.Model):
    """`send_key` goes with the text: sending it twice sends once."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Over-long text is kept as typed; only sending refuses it.
    subject = models.TextField(blank=True)
    body = models.TextField(blank=True)
    purpose = models.CharField(max_length=16, choices=Purpose, blank=True)
    reason = models.TextField(blank=True)
    send_key = models.CharField(max_length=40)
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(fields=["member", "recipient"], name="messaging_one_draft_per_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.member} → {self.recipient}"
