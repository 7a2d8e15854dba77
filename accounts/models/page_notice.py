"""News for a member: the kinds, which of them the member takes and where, and those shown on a page."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import new_public_id

from .member import Member


class NoticeKind(models.TextChoices):
    """What can be switched off one by one. The value names the words: templates/mail/_<kind>.txt and its mail."""

    CREDITS_GRANTED = "credits_granted", _("Credits that arrive")
    CREDITS_ENDING = "credits_ending", _("Credits that end in 7 days, and in 1")
    CREDITS_RETURNED = "credits_returned", _("Credits that come back")
    CREDITS_LOW = "credits_low", _("Few credits left")
    CAME_BACK = "came_back", _("Messages that could not be sent and went back to Drafts")
    REMINDER = "reminder", _("Reminders that you asked for")
    INTRODUCTION = "introduction", _("Introductions")
    REPORT_OUTCOME = "report_outcome", _("What became of your reports")
    # Always told: see preferences.ALWAYS.
    DECISION = "decision", _("Decisions about you")


class NoticeChoice(models.Model):
    """What a member chose for one kind. Without a row the kind's default counts (accounts.preferences)."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind)
    by_mail = models.BooleanField(_("by mail"))
    on_page = models.BooleanField(_("on the page"))

    class Meta:
        verbose_name = _("choice of notices")
        verbose_name_plural = _("choices of notices")
        constraints = [
            models.UniqueConstraint(fields=["member", "kind"], name="accounts_one_choice_per_member_and_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_kind_display()}"


class PageNoticeQuerySet(models.QuerySet["PageNotice"]):
    def unread(self) -> "PageNoticeQuerySet":
        return self.filter(read_at=None)


class PageNotice(models.Model):
    """One line of the page "Notices", in the words of the mail of its kind, written when it is read."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="page_notices")
    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind)
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    # What the words need, and `path`, the page it is about.
    context = models.JSONField(default=dict)
    key = models.CharField(max_length=150, unique=True)
    told_at = models.DateTimeField(_("told"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = PageNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice on the page")
        verbose_name_plural = _("notices on the page")
        indexes = [
            # The page, newest first.
            models.Index(fields=["member", "-id"], name="accounts_page_notice_newest"),
            # The count in the navigation of every page.
            models.Index(fields=["member"], condition=models.Q(read_at=None), name="accounts_page_notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_kind_display()}"
