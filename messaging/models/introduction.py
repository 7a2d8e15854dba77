"""A request to a shared connection to bring two members together (domain 7.11)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import new_public_id


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    def waiting(self, at: datetime) -> "IntroductionQuerySet":
        """Neither decided nor expired: with the shared connection or, forwarded, with who is to be met."""
        return self.filter(state__in=[Introduction.State.ASKED, Introduction.State.FORWARDED], expires_at__gt=at)


class Introduction(models.Model):
    """The asker never learns of a refusal: declined by either, it looks as if it still waited, then expires."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        # By the shared connection.
        PASSED = "passed", _("Not forwarded")
        FORWARDED = "forwarded", _("Forwarded")
        ACCEPTED = "accepted", _("Accepted")
        # By whom the asker wants to meet.
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        # Withdrawn by an asker who never learned of the refusal, which goes on counting.
        DROPPED = "dropped", _("Declined, then withdrawn")

    public_id = models.CharField(max_length=14, unique=True, default=new_public_id, editable=False)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="introductions_asked")
    # The shared connection.
    through = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="introductions_through"
    )
    # Whom the asker wants to meet.
    target = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="introductions_to")
    # What the asker writes to both; it becomes the first message of the conversation.
    context = models.TextField(max_length=500)
    # What the shared connection adds when forwarding.
    words = models.TextField(max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("expires"))
    forwarded_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")
        indexes = [
            # What a member asked for, keyset; what waits for them to pass on, or to accept.
            models.Index(fields=["asker", "-asked_at"], name="messaging_introductions_asked"),
            models.Index(fields=["through", "-asked_at"], name="messaging_introductions_thru"),
            models.Index(fields=["target", "-asked_at"], name="messaging_introductions_to"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(asker=F("through")) & ~Q(asker=F("target")) & ~Q(through=F("target")),
                name="messaging_an_introduction_joins_three_persons",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="messaging_introduction_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asker} → {self.through} → {self.target}"
