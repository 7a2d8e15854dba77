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
    # How it is to be sent, once it is sent without its writer there: an InMail to a connection, for team or self.
    as_inmail = models.BooleanField(default=False)
    sending_for = models.CharField(max_length=4, blank=True)
    # What its writer agreed to then (quotes.Quote); empty = nothing agreed.
    agreed = models.JSONField(default=dict, blank=True)
    # Scheduled: when it is to be sent. It holds no credit until then (domain 7.7).
    send_at = models.DateTimeField(_("to be sent"), null=True, blank=True)
    # Held because it repeats others (domain 8.2); its text rests until a moderator has looked.
    in_review_since = models.DateTimeField(null=True, blank=True)
    # A moderator let it pass: it goes as soon as the worker sees it.
    passed_review_at = models.DateTimeField(null=True, blank=True)
    # The verdict's code for which it came back instead of being sent, and the sentence as told then.
    came_back = models.CharField(max_length=24, blank=True)
    came_back_why = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        indexes = [
            # The sweep: what is to be sent by now.
            models.Index(
                fields=["send_at"], condition=models.Q(send_at__isnull=False), name="messaging_drafts_scheduled"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(send_at=None) | models.Q(in_review_since=None),
                name="messaging_a_draft_waits_for_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(passed_review_at=None) | models.Q(in_review_since__isnull=False),
                name="messaging_only_what_was_held_passes_review",
            ),
            models.UniqueConstraint(fields=["member", "recipient"], name="messaging_one_draft_per_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.member} → {self.recipient}"

    @property
    def rests(self) -> bool:
        """It waits for its time or for a moderator: its text is not changed meanwhile."""
        return self.send_at is not None or self.in_review_since is not None
