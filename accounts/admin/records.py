"""Accounts in the console: members and how they stand to one another; no message text anywhere."""

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from allauth.usersessions.admin import UserSession
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.console import ConsoleModelAdmin, MemberSearch, RecordAdmin
from accounts.models import (
    Block,
    Connection,
    FailedJob,
    Invitation,
    JobRun,
    Member,
    Notice,
    PolicyVersion,
    Reach,
    Restriction,
    StopRequest,
)
from accounts.text import fold

# The last two hold secrets; the first is the member's own to change, on allauth's pages.
admin.site.unregister([Group, EmailAddress, Authenticator, UserSession])


@admin.register(Member)
class MemberAdmin(ConsoleModelAdmin):
    """Facts of a member. Address, name and profile are the member's own to change."""

    list_display = ("name", "email", "overview", "is_active", "is_staff", "joined_at")
    list_filter = ("is_active", "is_staff")
    ordering = ("-id",)
    search_fields = ("email__startswith", "name_folded__startswith", "handle__startswith")
    search_help_text = _("The beginning of a name, an address or a handle")
    fieldsets = (
        (
            None,
            {"fields": ("name", "email", "handle", "time_zone", "language", "joined_at", "last_login", "is_active")},
        ),
        (_("Staff"), {"fields": ("is_staff", "groups", "is_superuser")}),
    )
    own_fields = ("name", "email", "handle", "time_zone", "language", "joined_at", "last_login", "is_active")
    filter_horizontal = ("groups",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        return super().get_search_results(request, queryset, fold(search_term.replace("\x00", "")))

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> tuple[str, ...]:
        """Only an administrator appoints staff, and only a superuser makes another one."""
        if request.user.is_superuser:
            return self.own_fields
        if request.user.has_perm("auth.change_group"):
            return (*self.own_fields, "is_superuser")
        return (*self.own_fields, "is_staff", "groups", "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        """Nobody but a superuser changes a superuser, or their own rights."""
        if obj and not request.user.is_superuser and (obj.is_superuser or obj.pk == request.user.pk):
            return False
        return super().has_change_permission(request, obj)

    @admin.display(description=_("overview"))
    def overview(self, member: Member) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:member_overview", args=[member.pk]), _("Open"))


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """The staff roles; their rights are set at every migration from config.roles."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False


@admin.register(Reach)
class ReachAdmin(MemberSearch, RecordAdmin):
    list_display = ("member", "who", "first_contacts_land", "wants_open_profile", "wants_message_mail")
    list_filter = ("who",)
    list_select_related = ("member",)
    ordering = ("-pk",)
    search_fields = ("member__email",)
    search_help_text = _("The member's exact address or the beginning of the handle")


@admin.register(Connection)
class ConnectionAdmin(RecordAdmin):
    list_display = ("low", "high", "connected_at")
    list_select_related = ("low", "high")
    ordering = ("-id",)
    search_fields = ("low__email", "high__email")
    search_help_text = _("The exact address of a member")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Connection], search_term: str
    ) -> tuple[QuerySet[Connection], bool]:
        if not search_term:
            return queryset, False
        ids = Member.objects.filter(email=search_term.strip().lower().replace("\x00", "")).values("pk")
        return queryset.filter(low__in=ids) | queryset.filter(high__in=ids), False


@admin.register(Invitation)
class InvitationAdmin(MemberSearch, RecordAdmin):
    list_display = ("sender", "recipient", "state", "sent_at")
    list_filter = ("state",)
    list_select_related = ("sender", "recipient")
    ordering = ("-id",)
    # The note is a message between members: not for the console.
    exclude = ("note",)
    search_fields = ("sender__email",)
    search_help_text = _("The sender's exact address or the beginning of the handle")
    member_path = "sender"


@admin.register(Block)
class BlockAdmin(MemberSearch, RecordAdmin):
    list_display = ("blocker", "blocked", "blocked_at")
    list_select_related = ("blocker", "blocked")
    ordering = ("-id",)
    search_fields = ("blocked__email",)
    search_help_text = _("The blocked member's exact address or the beginning of the handle")
    member_path = "blocked"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Block]:
        """Nobody looks up here who blocked them."""
        return super().get_queryset(request).exclude(blocked=request.user.pk)


@admin.register(StopRequest)
class StopRequestAdmin(MemberSearch, RecordAdmin):
    list_display = ("recipient", "sender", "asked_at", "lifted_at")
    list_select_related = ("recipient", "sender")
    ordering = ("-id",)
    search_fields = ("sender__email",)
    search_help_text = _("The sender's exact address or the beginning of the handle")
    member_path = "sender"


@admin.register(Restriction)
class RestrictionAdmin(MemberSearch, RecordAdmin):
    list_display = ("member", "step", "rule", "found_by", "starts_at", "ends_at", "reversed_at")
    list_filter = ("step", "rule", "found_by")
    list_select_related = ("member",)
    ordering = ("-id",)
    search_fields = ("member__email",)
    search_help_text = _("The member's exact address or the beginning of the handle")


@admin.register(PolicyVersion)
class PolicyVersionAdmin(RecordAdmin):
    list_display = ("__str__", "catalog", "in_force_from", "settings")
    ordering = ("-in_force_from",)


@admin.register(Notice)
class NoticeAdmin(MemberSearch, RecordAdmin):
    """The outbox of mails. What a mail says is not shown: it may hold a sign-in code."""

    list_display = ("kind", "member", "due_at", "attempts", "sent_at", "failed_at", "failure")
    list_filter = (("failed_at", admin.EmptyFieldListFilter), ("sent_at", admin.EmptyFieldListFilter))
    list_select_related = ("member",)
    ordering = ("-id",)
    exclude = ("context", "address", "key")
    search_fields = ("member__email",)
    search_help_text = _("The member's exact address or the beginning of the handle")


@admin.register(JobRun)
class JobRunAdmin(RecordAdmin):
    list_display = ("job", "started_at", "finished_at", "succeeded", "outcome")
    list_filter = ("succeeded",)
    search_fields = ("job__startswith",)
    search_help_text = _("The beginning of a job's name")
    ordering = ("-id",)


@admin.register(FailedJob)
class FailedJobAdmin(RecordAdmin):
    list_display = ("task", "arguments", "error", "failed_at")
    ordering = ("-id",)
