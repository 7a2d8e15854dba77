"""Complaints and what becomes of them: report, case, decision, appeal, and who read what for it (domain 8)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Restriction, Rule, Step
from accounts.public_ids import new_public_id

from .message import Message


class Case(models.Model):
    """One matter about one member, before moderators. `key` is permanent: the same cause opens one case."""

    class Source(models.TextChoices):
        REPORT = "report", _("Report")
        HELD = "held", _("Held message")
        QUALITY = "quality", _("Response quality")
        SIGNAL = "signal", _("Alarm")
        STAFF = "staff", _("Moderator")

    class Harm(models.IntegerChoices):
        """What the queue is ordered by, greatest first."""

        LOW = 1, _("Low")
        MEDIUM = 2, _("Medium")
        HIGH = 3, _("High")
        GRAVE = 4, _("Grave")

    public_id = models.CharField(max_length=14, unique=True, default=new_public_id, editable=False)
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cases")
    source = models.CharField(max_length=7, choices=Source)
    harm = models.PositiveSmallIntegerField(choices=Harm)
    key = models.CharField(max_length=150, unique=True)
    # Figures and public ids that led here, in the terms of their source; no message text.
    evidence = models.JSONField(default=dict)
    opened_at = models.DateTimeField(_("opened"))
    # Handed to whoever has more say, with a note; it stays in the queue, first.
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalation_note = models.TextField(max_length=2_000, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            # The queue: what is open, by harm, then age.
            models.Index(fields=["-harm", "opened_at"], condition=Q(closed_at=None), name="messaging_case_queue"),
            models.Index(fields=["about", "-opened_at"], name="messaging_case_of_member"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Report(models.Model):
    """A recipient's complaint about one message, with a copy of its text as it was (A100)."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("Spam")
        MISLEADING = "misleading", _("Misleading")
        FALSE_PURPOSE = "purpose", _("False purpose")
        HARASSMENT = "harassment", _("Harassment")
        SCAM = "scam", _("Scam")
        REPEATED = "repeated", _("Repeated contact")
        OTHER = "other", _("Something else")

    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="report")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports_made")
    reason = models.CharField(max_length=10, choices=Reason)
    words = models.TextField(max_length=1_000, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    # SHA-256 of subject, line feed, body.
    text_hash = models.CharField(max_length=64)
    reported_at = models.DateTimeField(_("reported"))
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.message}"


class Decision(models.Model):
    """What was decided in a case; a restriction follows unless nothing was wrong. A closing waits for a second."""

    NOTHING = "nothing"
    OUTCOMES = [(NOTHING, _("Nothing wrong")), *Step.choices]

    public_id = models.CharField(max_length=14, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=OUTCOMES)
    rule = models.CharField(max_length=8, choices=Rule, blank=True)
    facts = models.TextField(max_length=2_000, blank=True)
    # For moderators: why, beyond the facts.
    note = models.TextField(max_length=2_000, blank=True)
    # Empty = an automatic rule.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # A closing that the second moderator refused.
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    restriction = models.OneToOneField(
        Restriction, on_delete=models.PROTECT, null=True, blank=True, related_name="decision"
    )

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="nothing") | (~Q(rule="") & ~Q(facts="")),
                name="messaging_a_decision_names_rule_and_facts",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(decided_by=None) | ~Q(confirmed_by=F("decided_by")),
                name="messaging_a_closing_is_confirmed_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_outcome_display()}"

    def get_absolute_url(self) -> str:
        return reverse("messaging:case", args=[self.public_id])


class Appeal(models.Model):
    """A member's request for a second decision; somebody else decides it (domain 8.4, M14)."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("Upheld")
        REVERSED = "reversed", _("Reversed")

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="appeal")
    statement = models.TextField(max_length=2_000)
    asked_at = models.DateTimeField(_("asked"))
    # Who decided first, and confirmed it: copied, so that the database itself keeps them out.
    first_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    reasons = models.TextField(max_length=2_000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        indexes = [
            # The queue: what waits, oldest first.
            models.Index(fields=["asked_at"], condition=Q(decided_at=None), name="messaging_appeals_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(first_decided_by=None) | ~Q(decided_by=F("first_decided_by")),
                name="messaging_an_appeal_is_decided_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(first_confirmed_by=None) | ~Q(decided_by=F("first_confirmed_by")),
                name="messaging_an_appeal_is_not_decided_by_the_second",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None, decided_by=None)
                | (~Q(outcome="") & ~Q(reasons="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="messaging_an_appeal_is_decided_with_reasons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision}: {self.get_outcome_display() or _('waiting')}"


class TextReading(models.Model):
    """A member of staff opened text of a member, for a case, with a reason: the member can see it (promise 7)."""

    class Reason(models.TextChoices):
        REPORT = "report", _("a report")
        HELD = "held", _("a message held for review")
        ALARM = "alarm", _("an alarm")
        APPEAL = "appeal", _("an appeal")

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Whose text it was.
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="text_readings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="readings")
    # Empty = a text that was not sent: held, or a draft.
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=6, choices=Reason)
    # For the log alone: it may name who complained.
    note = models.CharField(max_length=500)
    read_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("reading of a text")
        verbose_name_plural = _("readings of texts")
        indexes = [
            # The member's privacy page, newest first.
            models.Index(fields=["writer", "-read_at"], name="messaging_reading_of_writer"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(note=""), name="messaging_a_reading_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.reader}: {self.case}"
