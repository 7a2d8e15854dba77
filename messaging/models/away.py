"""An away message: sent by itself while a member is away, never an answer (domain 7.9)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Away(models.Model):
    """One a member. It goes once per sender and seven days, between the two instants."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="away"
    )
    body = models.TextField(_("message"), max_length=2_000)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("away message")
        verbose_name_plural = _("away messages")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="messaging_away_ends_after_start"),
            models.CheckConstraint(condition=~Q(body=""), name="messaging_an_away_message_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.starts_at:%d.%m.%Y}"
