"""The one outbox of mails. A row is a promise to send once; the `mail` queue keeps it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .member import Member


class Notice(models.Model):
    """Rendered when sent, to the address in force then. `context` is emptied once sent."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    # Only for mail about an address that is not (yet) a member's own: sign-up, change of address.
    address = models.EmailField(blank=True)
    # The mail's template: templates/mail/<kind>.txt, .html, _subject.txt, or one of allauth's prefixes.
    kind = models.CharField(max_length=100)
    context = models.JSONField(default=dict)
    key = models.CharField(max_length=150, unique=True)
    due_at = models.DateTimeField()
    # After this instant the mail is not sent any more: a restored backup must not send old news.
    not_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            # send_due_notices: what is still to be sent, oldest first.
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(sent_at=None, failed_at=None),
                name="accounts_notice_unsent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
