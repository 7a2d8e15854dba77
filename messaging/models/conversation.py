"""All messages between two members, and how each of the two keeps them."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, F, When
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


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def shown(self, at: datetime) -> "ParticipationQuerySet":
        """With `shown_tray`, `shown_at` and `shown_id`: where it lies and its newest message, as of `at`.

        Those without a message yet (undone, or still coming) have no `shown_at` and fall out.
        """
        has_come = models.Q(coming_at__lte=at)
        return self.annotate(
            shown_tray=Case(When(has_come, then=F("coming_tray")), default=F("tray")),
            shown_at=Case(When(has_come, then=F("coming_at")), default=F("last_message_at")),
            shown_id=Case(When(has_come, then=F("coming_message_id")), default=F("last_message_id")),
        ).filter(shown_at__isnull=False)

    def unread(self) -> "ParticipationQuerySet":
        """Of `shown` rows: something was delivered since the member last looked."""
        return self.filter(models.Q(read_through=None) | models.Q(shown_at__gt=F("read_through")))


class Participation(models.Model):
    """One member's side of a conversation.

    `opened_at`: since when the OTHER member may write here freely, because this member's words were
    delivered (decide row 7). `closed_at`: since when this member's "no thanks" forbids it (row 11).
    Both are instants of delivery: before them nothing is told.
    """

    class Tray(models.TextChoices):
        REQUESTS = "requests", _("Requests")
        INBOX = "inbox", _("Inbox")
        ARCHIVE = "archive", _("Archive")
        SPAM = "spam", _("Spam")

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
    # The tray it will lie in: a new message ends an archive, but not before it is there.
    coming_tray = models.CharField(max_length=8, choices=Tray, blank=True)
    # Everything delivered up to here was seen; empty = nothing yet.
    read_through = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ParticipationQuerySet.as_manager()

    # Only on rows of `shown`.
    shown_tray: str
    shown_at: datetime
    shown_id: int

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
