"""Promotions, which staff make; what came of them; who brought whom."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.clock import now
from accounts.console import ConsoleModelAdmin, MemberSearch, RecordAdmin
from accounts.text import clean_line
from billing import promotions
from billing.admin.search import BY_MEMBER
from billing.models import Promotion, PromotionUse, Referral

# Typed figures stay far below what a column holds.
CREDITS_MOST, DAYS_MOST = 10_000, 3_660


class PromotionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Every fault beside its field, in words."""

    class Meta:
        model = Promotion
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
        )
        help_texts = {
            "code": _("What members type, in any case. For campaigns and surveys: your own short name."),
            "life_days": _("Empty: as long as the site’s policy says."),
            "total_limit": _("Empty: no limit."),
        }

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"])

    def clean_code(self) -> str:
        code = promotions.fold(clean_line(self.cleaned_data["code"]))
        if Promotion.objects.filter(code=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another promotion has this code."))
        return code

    def clean_credits(self) -> int:
        credits: int = self.cleaned_data["credits"]
        if not 0 < credits <= CREDITS_MOST:
            raise forms.ValidationError(_("From 1 to %(most)s.") % {"most": f"{CREDITS_MOST:,}"})
        return credits

    def clean_life_days(self) -> int | None:
        days: int | None = self.cleaned_data["life_days"]
        if days is not None and not 0 < days <= DAYS_MOST:
            raise forms.ValidationError(_("From 1 to %(most)s.") % {"most": f"{DAYS_MOST:,}"})
        return days

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        starts_at, ends_at = facts.get("starts_at", self.instance.starts_at), facts.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("It has to end after it begins."))
        limit = facts.get("total_limit")
        if limit is not None and limit < self.instance.taken:
            self.add_error("total_limit", _("%(n)s have taken it already.") % {"n": self.instance.taken})
        return facts


@admin.register(Promotion)
class PromotionAdmin(ConsoleModelAdmin):
    """What somebody has taken is not changed afterwards: only its end and its limit."""

    form = PromotionForm
    list_display = (
        "name",
        "kind",
        "code",
        "credits",
        "audience",
        "starts_at",
        "ends_at",
        "taken",
        "limit",
        "state",
        "act",
    )
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

    @admin.display(description="")
    def act(self, promotion: Promotion) -> str:
        if promotion.kind != Promotion.Kind.SURVEY:
            return ""
        url = reverse("admin:survey_give", args=[promotion.pk])
        return format_html('<a href="{}">{}</a>', url, _("Give to addresses"))

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
