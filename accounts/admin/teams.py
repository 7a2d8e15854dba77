"""Teams, their seats and what happened to them: read-only, team admins act on the site's own pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.console import MemberSearch, RecordAdmin
from accounts.models import Seat, SeatInvitation, SeatMove, Team, TeamAdmin

BY_MEMBER = _("The member's exact address or the beginning of the handle")


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AdminInline(ReadOnlyInline):
    model = TeamAdmin
    fields = readonly_fields = ("member", "since", "until")


class SeatInline(ReadOnlyInline):
    model = Seat
    fields = readonly_fields = ("member", "assigned_at", "parked_at", "left_at", "allowance", "is_unlimited")


@admin.register(Team)
class TeamConsole(RecordAdmin):
    change_list_template = "admin/team_list.html"
    list_display = ("name", "public_id", "founded_at", "plan", "pool")
    ordering = ("-id",)
    search_fields = ("name__istartswith",)
    search_help_text = _("The beginning of the name")
    inlines = (AdminInline, SeatInline)

    @admin.display(description=_("plan"))
    def plan(self, team: Team) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:team_subscription", args=[team.pk]), _("Plan"))

    @admin.display(description=_("pool"))
    def pool(self, team: Team) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:pool_adjust", args=[team.pk]), _("Adjust"))


@admin.register(SeatMove)
class SeatMoveConsole(MemberSearch, RecordAdmin):
    member_path = "seat__member"
    list_display = ("team", "seat", "kind", "moved_by", "moved_at")
    list_filter = ("kind",)
    list_select_related = ("team", "seat__team", "seat__member", "moved_by")
    ordering = ("-id",)
    search_fields = ("seat__member__email",)
    search_help_text = BY_MEMBER


@admin.register(SeatInvitation)
class SeatInvitationConsole(RecordAdmin):
    list_display = ("team", "address", "invited_by", "invited_at", "expires_at", "taken_at", "withdrawn_at")
    list_select_related = ("team", "invited_by")
    ordering = ("-id",)
    exclude = ("public_id",)
    search_fields = ("=address",)
    search_help_text = _("The exact address")
