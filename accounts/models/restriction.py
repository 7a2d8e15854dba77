"""Limits on a member: the ladder of domain 8.4, step by step."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .member import Member


class Step(models.TextChoices):
    """The ladder, lowest first."""

    WARNING = "warning", _("Warning")
    DAY = "day", _("24 hours")
    THREE_DAYS = "three_days", _("72 hours")
    WEEK = "week", _("1 week")
    SUSPENDED = "suspended", _("Suspended")
    CLOSING = "closing", _("Account closed")


class Rule(models.TextChoices):
    """The rules of conduct that a decision names (domain 8.5)."""

    PURPOSE = "purpose", _("only purposes offered here")
    REASON = "reason", _("a real reason for contact")
    BULK = "bulk", _("no identical bulk")
    REPEATED = "repeated", _("no repeated contact")
    STOPS = "stops", _("honour stops")
    TRUTH = "truth", _("nothing false")


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def standing(self, at: datetime) -> "RestrictionQuerySet":
        """In effect at `at`: begun, not over, not reversed. A warning limits nothing and is over at once."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at, reversed_at=None)

    def of_outreach(self, at: datetime) -> "RestrictionQuerySet":
        """Those under which nobody may start conversations or invite."""
        return self.standing(at).exclude(step=Step.WARNING)

    def suspending(self, at: datetime) -> "RestrictionQuerySet":
        """Those under which nothing at all is sent."""
        return self.standing(at).filter(step__in=[Step.SUSPENDED, Step.CLOSING])


class Restriction(models.Model):
    """One step of the ladder for one member, with what they are told of it. Reversed, never deleted."""

    class FoundBy(models.TextChoices):
        RULE = "rule", _("an automatic rule")
        REPORT = "report", _("a report by a member")
        SIGNAL = "signal", _("an alarm")
        STAFF = "staff", _("a moderator")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="restrictions")
    step = models.CharField(max_length=10, choices=Step)
    rule = models.CharField(max_length=8, choices=Rule)
    # What the member reads: the facts, in plain words.
    facts = models.TextField(max_length=2_000)
    found_by = models.CharField(max_length=6, choices=FoundBy)
    # The decision's public id, opaque here.
    reference = models.CharField(max_length=14, unique=True)
    starts_at = models.DateTimeField(_("from"))
    # A warning ends as it starts; a closing has no end.
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    # Empty = an automatic rule.
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The second moderator of a closing.
    confirmed_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reversed_at = models.DateTimeField(_("reversed"), null=True, blank=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        indexes = [
            # Every decision asks what limits the sender; the ladder asks for the highest step of 90 days.
            models.Index(fields=["member", "-starts_at"], name="accounts_restriction_of_member"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="accounts_restriction_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(step="closing") | Q(ends_at__isnull=False), name="accounts_only_a_closing_has_no_end"
            ),
            models.CheckConstraint(
                condition=~Q(step="closing")
                | (Q(decided_by__isnull=False, confirmed_by__isnull=False) & ~Q(decided_by=F("confirmed_by"))),
                name="accounts_closing_takes_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(step__in=["warning", "day", "three_days", "week"]) | Q(decided_by__isnull=False),
                name="accounts_no_rule_suspends_by_itself",
            ),
            models.CheckConstraint(condition=~Q(facts=""), name="accounts_a_restriction_gives_its_facts"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_step_display()}"
