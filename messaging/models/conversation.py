"""All messages between two members, and how each of the two keeps them."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.public_ids import new_public_id


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def for_participant(self, member: Member) -> "ConversationQuerySet":
        """Those the member takes part in: strangers get nothing."""
        return self.filter(participations__member=member)


class Conversation(models.Model):
    """One per pair, the smaller member id first. Locked before anything is written in it."""

    public_id = models.CharField(max_length=14, unique=True, default=new_public_id, editable=False)
    low = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    high = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(_("started"))

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="messaging_one_conversation_per_pair"),
            models.CheckConstraint(
                condition=models.Q(low__lt=models.F("high")), name="messaging_conversation_smaller_id_first"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    def get_absolute_url(self) -> str:
        return reverse("messaging:conversation", args=[self.public_id])


class Participation(models.Model):
    """One member's side of a conversation.

    `opened_at`: since when the OTHER member may write here freely, because this member wrote,
    answered or accepted (decide row 7). `closed_at`: this member said no thanks (row 11).
    """

    class Tray(models.TextChoices):
        REQUESTS = "requests", _("Requests")
        INBOX = "inbox", _("Inbox")
        ARCHIVE = "archive", _("Archive")

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="participations")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="participations")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    tray = models.CharField(max_length=8, choices=Tray, default=Tray.INBOX)
    # The newest message this member wrote or was delivered; empty = none yet. Orders the lists.
    last_message = models.ForeignKey(
        "messaging.Message", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    last_message_at = models.DateTimeField(null=True, blank=True)
    # A message of the other side that is still in its undo window: from coming_at on it counts as
    # the last one, by query (`shown_at`), whether or not a worker ran. Undo empties both.
    coming_message = models.ForeignKey(
        "messaging.Message", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    coming_at = models.DateTimeField(null=True, blank=True)
    # Everything delivered up to here was seen; empty = nothing yet.
    read_through = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        indexes = [
            # Inbox, Requests, Archive: one tray, newest first, keyset pages.
            models.Index(fields=["member", "tray", "-last_message_at", "-id"], name="messaging_tray"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "member"], name="messaging_one_side_per_member"),
            models.UniqueConstraint(fields=["member", "other"], name="messaging_one_side_per_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation}: {self.member}"
