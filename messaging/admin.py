"""Messages and conduct in the console: who, when, what it cost, what was decided. No subject or text anywhere."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.console import MemberSearch, RecordAdmin
from messaging.models import (
    Appeal,
    Case,
    Conversation,
    Decision,
    Message,
    Outreach,
    Participation,
    Report,
    SendingDay,
    TextReading,
)

BY_SENDER = _("The sender's exact address or the beginning of the handle")


@admin.register(Conversation)
class ConversationAdmin(MemberSearch, RecordAdmin):
    list_display = ("public_id", "low", "high", "started_at")
    list_select_related = ("low", "high")
    ordering = ("-id",)
    search_fields = ("low__email",)
    search_help_text = _("A member's exact address or the beginning of the handle")
    member_path = "participations__member"


@admin.register(Participation)
class ParticipationAdmin(MemberSearch, RecordAdmin):
    """Where a conversation lies for each of its two, and whether they opened or closed it.

    A conversation in Spam was reported: who did is for moderators, and never for whoever was.
    """

    list_display = ("conversation", "member", "other", "tray", "last_message_at", "opened_at", "closed_at")
    list_filter = ("tray",)
    trays = ("tray", "coming_tray")
    list_select_related = ("conversation", "member", "other")
    ordering = ("-id",)
    search_fields = ("member__email",)
    search_help_text = _("A member's exact address or the beginning of the handle")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participation]:
        return super().get_queryset(request).exclude(other=request.user.pk)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return self._without_trays(request, super().get_list_display(request))

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return self._without_trays(request, super().get_list_filter(request))

    def get_exclude(self, request: HttpRequest, obj: Participation | None = None) -> Any:
        return None if request.user.has_perm("messaging.view_report") else self.trays

    def _without_trays(self, request: HttpRequest, names: Any) -> list[Any]:
        sees = request.user.has_perm("messaging.view_report")
        return [name for name in names if sees or name not in self.trays]


@admin.register(SendingDay)
class SendingDayAdmin(MemberSearch, RecordAdmin):
    list_display = ("member", "day", "outreach")
    list_select_related = ("member",)
    ordering = ("-id",)
    search_fields = ("member__email",)
    search_help_text = _("The member's exact address or the beginning of the handle")


@admin.register(Message)
class MessageAdmin(MemberSearch, RecordAdmin):
    list_display = ("public_id", "sender", "recipient", "kind", "sent_at", "deliver_at", "undone_at")
    list_filter = ("kind",)
    list_select_related = ("sender", "recipient")
    ordering = ("-sent_at", "-id")
    exclude = ("subject", "body", "send_key")
    search_fields = ("sender__email",)
    search_help_text = BY_SENDER
    member_path = "sender"


@admin.register(Outreach)
class OutreachAdmin(MemberSearch, RecordAdmin):
    list_display = ("message", "code", "purpose", "charge", "is_first", "answered_at")
    list_filter = ("code", "purpose")
    list_select_related = ("message", "charge")
    ordering = ("-message_id",)
    search_fields = ("message__sender__email",)
    search_help_text = BY_SENDER
    member_path = "message__sender"


# --- Conduct: decided on pages of its own (config.console_cases), read here ------------------------------------------


class NotAboutMe(MemberSearch):
    """Nobody looks up here who complained about them, or what is held against them."""

    search_help_text = _("The member's exact address or the beginning of the handle")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return found.exclude(**{self.member_path: request.user.pk})


@admin.register(Case)
class CaseAdmin(NotAboutMe, RecordAdmin):
    list_display = ("public_id", "about", "source", "harm", "opened_at", "closed_at", "page")
    list_filter = ("source", "harm", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("about",)
    ordering = ("-id",)
    exclude = ("key",)
    search_fields = ("about__email",)
    member_path = "about"

    @admin.display(description=_("page"))
    def page(self, case: Case) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:case_decide", args=[case.pk]), _("Open"))


@admin.register(Report)
class ReportAdmin(NotAboutMe, RecordAdmin):
    list_display = ("message", "reason", "reporter", "reported_at", "case")
    list_filter = ("reason",)
    list_select_related = ("message", "reporter", "case")
    ordering = ("-id",)
    exclude = ("subject", "body")
    search_fields = ("message__sender__email",)
    search_help_text = BY_SENDER
    member_path = "message__sender"


@admin.register(Decision)
class DecisionAdmin(NotAboutMe, RecordAdmin):
    list_display = ("public_id", "case", "outcome", "rule", "decided_by", "decided_at", "confirmed_by", "withdrawn_at")
    list_filter = ("outcome", "rule")
    list_select_related = ("case", "decided_by", "confirmed_by")
    ordering = ("-id",)
    search_fields = ("case__about__email",)
    member_path = "case__about"


@admin.register(Appeal)
class AppealAdmin(NotAboutMe, RecordAdmin):
    list_display = ("decision", "asked_at", "outcome", "decided_by", "decided_at")
    list_filter = ("outcome",)
    list_select_related = ("decision__case", "decided_by")
    ordering = ("-id",)
    search_fields = ("decision__case__about__email",)
    member_path = "decision__case__about"


@admin.register(TextReading)
class TextReadingAdmin(NotAboutMe, RecordAdmin):
    list_display = ("read_at", "reader", "writer", "case", "reason", "note")
    list_filter = ("reason",)
    list_select_related = ("reader", "writer", "case")
    ordering = ("-id",)
    search_fields = ("writer__email",)
    member_path = "case__about"
