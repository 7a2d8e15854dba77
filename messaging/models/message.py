"""What is written. Delivered means `deliver_at <= now`, by query; nothing is edited after that."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, Purpose
from accounts.public_ids import new_public_id

from .conversation import Conversation


class MessageQuerySet(models.QuerySet["Message"]):
    def delivered(self, at: datetime) -> "MessageQuerySet":
        return self.filter(undone_at=None, deliver_at__lte=at)

    def visible_to(self, member: Member, at: datetime) -> "MessageQuerySet":
        """What this member sees: their own from the start, the other's from its delivery."""
        return self.filter(Q(sender=member) | Q(deliver_at__lte=at), undone_at=None)


class Message(models.Model):
    class Kind(models.TextChoices):
        TEXT = "text", _("Message")
        INMAIL = "inmail", _("InMail")
        OPEN_PROFILE = "open_profile", _("Open Profile message")
        ANSWER = "answer", _("Answer")
        # Sent by itself: it answers, opens and cancels nothing.
        AWAY = "away", _("Away message")

    class Answer(models.TextChoices):
        ACCEPT = "accept", _("Accept")
        INTERESTED = "interested", _("Interested")
        LATER = "later", _("Maybe later")
        NO_THANKS = "no_thanks", _("No thanks")
        WRONG_PERSON = "wrong_person", _("Wrong person")
        STOP = "stop", _("Stop writing to me")

    public_id = models.CharField(max_length=14, unique=True, default=new_public_id, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages_sent")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    # Only for kind answer.
    answer = models.CharField(max_length=12, choices=Answer, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(max_length=2_000, blank=True)
    # The form's idempotency key: pressing Send twice sends once.
    send_key = models.CharField(max_length=40)
    sent_at = models.DateTimeField(_("sent"))
    deliver_at = models.DateTimeField(_("delivered"))
    # Taken back before delivery: the other side never sees it.
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    # The recipient was told (mail outbox row, live hint); empty = the sweep has it.
    announced_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            # A conversation's page, newest last, keyset.
            models.Index(fields=["conversation", "-sent_at", "-id"], name="messaging_message_thread"),
            # Sent, keyset; the console's list of a member.
            models.Index(fields=["sender", "-sent_at", "-id"], name="messaging_message_sent"),
            # announce_delivered: who has not been told yet.
            models.Index(
                fields=["deliver_at"],
                condition=models.Q(announced_at=None, undone_at=None),
                name="messaging_message_to_announce",
            ),
            # The console's list, newest first.
            models.Index(fields=["-sent_at", "-id"], name="messaging_message_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["sender", "send_key"], name="messaging_one_message_per_send_key"),
            models.CheckConstraint(
                condition=models.Q(deliver_at__gte=models.F("sent_at")), name="messaging_delivered_after_sent"
            ),
            models.CheckConstraint(
                condition=models.Q(undone_at=None) | models.Q(undone_at__lt=models.F("deliver_at")),
                name="messaging_undone_only_before_delivery",
            ),
            models.CheckConstraint(
                condition=(models.Q(kind="answer") & ~models.Q(answer=""))
                | (~models.Q(kind="answer") & models.Q(answer="") & ~models.Q(body="")),
                name="messaging_a_message_says_something",
            ),
            models.CheckConstraint(
                condition=~models.Q(sender=models.F("recipient")), name="messaging_nobody_writes_to_themselves"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    def get_absolute_url(self) -> str:
        return f"{reverse('messaging:conversation', args=[self.conversation.public_id])}#m-{self.public_id}"

    @property
    def is_outreach(self) -> bool:
        return self.kind in {self.Kind.INMAIL, self.Kind.OPEN_PROFILE}

    @property
    def is_tap(self) -> bool:
        return self.kind == self.Kind.ANSWER

    @property
    def closes(self) -> bool:
        """A "no thanks" without a word closes the conversation to the other side (domain 7.4)."""
        return self.answer == self.Answer.NO_THANKS and not self.body


class Outreach(models.Model):
    """What makes a message outreach: its purpose, its free code or its charge (invariant M1)."""

    class Code(models.TextChoices):
        INMAIL = "inmail", _("InMail")
        OPEN_PROFILE = "open_profile", _("Open Profile")
        # Where a conversation is paid for once: what follows the first InMail is free.
        FOLLOW_UP = "follow_up", _("Follow-up")
        # Where each message is paid for: what whoever started writes after an answer.
        OPEN_PAID = "open_paid", _("Paid message")

    message = models.OneToOneField(Message, on_delete=models.PROTECT, primary_key=True, related_name="outreach")
    code = models.CharField(max_length=12, choices=Code)
    purpose = models.CharField(max_length=16, choices=Purpose)
    charge = models.OneToOneField(
        "billing.Charge", on_delete=models.PROTECT, null=True, blank=True, related_name="outreach"
    )
    # The team for which it was sent, whoever paid: a stop against it binds the whole team.
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # First outreach of the pair = first contact; the others are follow-ups.
    is_first = models.BooleanField()
    # The reason for contact, where the site asks for one; shown to the recipient.
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # Premium to premium, where the site says so: it went past Requests.
    skips_requests = models.BooleanField(default=False)
    # When the recipient's first answer, tapped or typed, reaches the sender: not known to them before.
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("outreach")
        verbose_name_plural = _("outreach")
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(code__in=["inmail", "open_paid"]) & models.Q(charge__isnull=False))
                | (models.Q(code__in=["open_profile", "follow_up"]) & models.Q(charge__isnull=True)),
                name="messaging_outreach_has_one_charge_or_one_free_code",
            ),
        ]

    def __str__(self) -> str:
        return str(self.message)
