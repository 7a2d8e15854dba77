"""Plans, their terms, who holds them and who asks for them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.clock import now
from accounts.console import MemberSearch, RecordAdmin
from billing import plan_requests, subscriptions
from billing.admin.search import BY_MEMBER, OfWallet, WalletSearch
from billing.models import Period, Plan, PlanRequest, PlanVersion, Subscription


@admin.register(Plan)
class PlanAdmin(RecordAdmin):
    list_display = ("name", "code", "position", "is_offered")
    ordering = ("position",)


@admin.register(PlanVersion)
class PlanVersionAdmin(RecordAdmin):
    list_display = (
        "plan",
        "number",
        "allotment",
        "renewal",
        "credit_life_days",
        "cap",
        "inmail_daily_cap",
        "in_force_from",
    )
    list_filter = ("plan",)
    list_select_related = ("plan",)
    ordering = ("plan__position", "-number")


@admin.register(Subscription)
class SubscriptionAdmin(OfWallet, RecordAdmin):
    list_display = (
        "wallet",
        "plan_version",
        "interval",
        "anchor_at",
        "paid",
        "renews_at",
        "cancel_at",
        "ended_at",
        "act",
    )
    list_filter = (("ended_at", admin.EmptyFieldListFilter), ("cancel_at", admin.EmptyFieldListFilter))
    list_select_related = ("wallet__member", "wallet__team", "plan_version__plan")
    ordering = ("-id",)

    @admin.display(description=_("paid through"))
    def paid(self, subscription: Subscription) -> Any:
        return _("without end") if subscription.paid_through.year == 9999 else subscription.paid_through

    @admin.display(description="")
    def act(self, subscription: Subscription) -> str:
        if subscription.ended_at or subscription.wallet.member_id is None:
            return ""
        url = reverse("admin:member_subscription", args=[subscription.wallet.member_id])
        return format_html('<a href="{}">{}</a>', url, _("Change"))


@admin.register(Period)
class PeriodAdmin(WalletSearch, RecordAdmin):
    list_display = ("subscription", "n", "starts_at", "ends_at")
    list_select_related = (
        "subscription__wallet__member",
        "subscription__wallet__team",
        "subscription__plan_version__plan",
    )
    ordering = ("-id",)
    wallet_path = "subscription__wallet"
    search_fields = ("subscription__wallet__member__email",)


@admin.register(PlanRequest)
class PlanRequestAdmin(MemberSearch, RecordAdmin):
    list_display = ("member", "plan", "interval", "state", "asked_at", "decided_by")
    list_filter = ("state",)
    list_select_related = ("member", "plan", "decided_by")
    ordering = ("-id",)
    search_fields = ("member__email",)
    search_help_text = BY_MEMBER
    actions = ("confirm", "decline")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.add_subscription")

    @admin.action(description=_("Confirm: the plan starts now"), permissions=["decide"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[PlanRequest]) -> None:
        for plan_request in queryset:
            self._decide(request, plan_request, plan_requests.confirm_request)

    @admin.action(description=_("Decline"), permissions=["decide"])
    def decline(self, request: HttpRequest, queryset: QuerySet[PlanRequest]) -> None:
        for plan_request in queryset:
            self._decide(request, plan_request, plan_requests.decline_request)

    def _decide(self, request: HttpRequest, plan_request: PlanRequest, verb: Any) -> None:
        try:
            verb(request=plan_request, actor=request.user, at=now())
        except subscriptions.SubscriptionRefused as refusal:
            self.message_user(request, f"{plan_request}: {refusal}", messages.ERROR)
        else:
            self.log_change(request, plan_request, verb.__name__)
            self.message_user(request, _("%(request)s: done.") % {"request": plan_request})
