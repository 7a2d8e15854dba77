"""Messages in the console: who, when and what it cost. Subject and text are nowhere in it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.console import MemberSearch, RecordAdmin
from messaging.models import Conversation, Message, Outreach, Participation, SendingDay

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
    """Where a conversation lies for each of its two, and whether they opened or closed it."""

    list_display = ("conversation", "member", "other", "tray", "last_message_at", "opened_at", "closed_at")
    list_filter = ("tray",)
    list_select_related = ("conversation", "member", "other")
    ordering = ("-id",)
    search_fields = ("member__email",)
    search_help_text = _("A member's exact address or the beginning of the handle")


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
