"""Promotions, which staff make; what came of them; who brought whom."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.clock import now
from accounts.console import ConsoleModelAdmin, MemberSearch, RecordAdmin
from billing.admin.search import BY_MEMBER
from billing.models import Promotion, PromotionUse, Referral


@admin.register(Promotion)
class PromotionAdmin(ConsoleModelAdmin):
    """What somebody has taken is not changed afterwards: only its end and its limit."""

    list_display = ("name", "kind", "code", "credits", "audience", "starts_at", "ends_at", "taken", "limit", "state")
    list_filter = ("kind", "audience")
    ordering = ("-id",)
    search_fields = ("code", "name")
    fields = (
        "kind",
        "name",
        "code",
        "credits",
        "life_days",
        "audience",
        "starts_at",
        "ends_at",
        "total_limit",
        "taken",
        "stopped_at",
    )
    actions = ("stop",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.add_promotion")

    def get_readonly_fields(self, request: HttpRequest, obj: Promotion | None = None) -> Any:
        always = ("taken", "stopped_at")
        return (*always, "kind", "code", "credits", "life_days", "audience", "starts_at") if obj else always

    def save_model(self, request: HttpRequest, obj: Promotion, form: Any, change: bool) -> None:
        if not change:
            obj.made_by_id = request.user.pk
            obj.code = obj.code.upper()
        obj.save(update_fields=["name", "ends_at", "total_limit"] if change else None)

    @admin.display(description=_("in all"))
    def limit(self, promotion: Promotion) -> Any:
        return promotion.total_limit or _("no limit")

    @admin.display(description=_("state"))
    def state(self, promotion: Promotion) -> Any:
        if promotion.stopped_at:
            return _("Stopped")
        at = now()
        if at < promotion.starts_at:
            return _("Not yet")
        return _("Over") if at >= promotion.ends_at else _("Running")

    @admin.action(description=_("Stop: nobody can take it any more"), permissions=["change"])
    def stop(self, request: HttpRequest, queryset: Any) -> None:
        queryset.filter(stopped_at=None).update(stopped_at=now())
        for promotion in queryset:
            self.log_change(request, promotion, "Stopped")


@admin.register(PromotionUse)
class PromotionUseAdmin(MemberSearch, RecordAdmin):
    list_display = ("promotion", "member", "used_at")
    list_filter = ("promotion",)
    list_select_related = ("promotion", "member")
    ordering = ("-id",)
    exclude = ("person",)
    search_fields = ("member__email",)
    search_help_text = BY_MEMBER


@admin.register(Referral)
class ReferralAdmin(MemberSearch, RecordAdmin):
    member_path = "referrer"
    list_display = ("referrer", "referred", "joined_at", "earned_at", "clawed_back_at")
    list_select_related = ("referrer", "referred")
    ordering = ("-id",)
    search_fields = ("referrer__email",)
    search_help_text = BY_MEMBER
