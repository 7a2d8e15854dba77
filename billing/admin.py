"""Billing in the console. The journal, lots and charges are read-only for everyone."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.clock import now
from accounts.console import MemberSearch, RecordAdmin
from billing import subscriptions
from billing.models import Adjustment, Charge, Entry, Lot, Period, Plan, PlanRequest, PlanVersion, Subscription, Wallet

BY_MEMBER = _("The member's exact address or the beginning of the handle")


@admin.register(Wallet)
class WalletAdmin(MemberSearch, RecordAdmin):
    list_display = ("member", "balance", "last_entry_at", "frozen_at")
    list_filter = (("frozen_at", admin.EmptyFieldListFilter),)
    list_select_related = ("member",)
    ordering = ("-id",)
    search_fields = ("member__email",)
    search_help_text = BY_MEMBER
    actions = ("release",)

    @admin.action(description=_("Release from hold, after the difference is explained"), permissions=["release"])
    def release(self, request: HttpRequest, queryset: QuerySet[Wallet]) -> None:
        count = queryset.exclude(frozen_at=None).update(frozen_at=None)
        for wallet in queryset:
            self.log_change(request, wallet, "Released from hold")
        self.message_user(request, ngettext("%(n)s released.", "%(n)s released.", count) % {"n": count})

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.add_adjustment")


class OfWallet(MemberSearch):
    """Lists of what belongs to a wallet."""

    member_path = "wallet__member"
    search_fields = ("wallet__member__email",)
    search_help_text = BY_MEMBER


@admin.register(Lot)
class LotAdmin(OfWallet, RecordAdmin):
    list_display = ("wallet", "source", "granted", "remaining", "effective_at", "expires_on", "closed_at")
    list_filter = ("source",)
    list_select_related = ("wallet__member",)
    ordering = ("-id",)

    @admin.display(description=_("expires"))
    def expires_on(self, lot: Lot) -> Any:
        return _("no limit") if lot.expires_at.year == 9999 else lot.expires_at


@admin.register(Entry)
class EntryAdmin(OfWallet, RecordAdmin):
    list_display = ("wallet", "seq", "kind", "delta", "balance_after", "occurred_at", "reason", "actor")
    list_filter = ("kind",)
    list_select_related = ("wallet__member", "actor")
    ordering = ("-recorded_at", "-id")


@admin.register(Charge)
class ChargeAdmin(OfWallet, RecordAdmin):
    list_display = ("reference", "wallet", "cost", "charged_at", "refundable_until", "answered_at", "return_due_at")
    list_filter = (("return_due_at", admin.EmptyFieldListFilter),)
    list_select_related = ("wallet__member",)
    ordering = ("-charged_at", "-id")


@admin.register(Adjustment)
class AdjustmentAdmin(OfWallet, RecordAdmin):
    """Made on a member's overview; listed here."""

    list_display = ("wallet", "amount", "life_days", "reason", "posted_by", "posted_at")
    list_select_related = ("wallet__member", "posted_by")
    ordering = ("-id",)


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
    list_select_related = ("wallet__member", "plan_version__plan")
    ordering = ("-id",)

    @admin.display(description=_("paid through"))
    def paid(self, subscription: Subscription) -> Any:
        return _("without end") if subscription.paid_through.year == 9999 else subscription.paid_through

    @admin.display(description="")
    def act(self, subscription: Subscription) -> str:
        if subscription.ended_at:
            return ""
        url = reverse("admin:member_subscription", args=[subscription.wallet.member_id])
        return format_html('<a href="{}">{}</a>', url, _("Change"))


@admin.register(Period)
class PeriodAdmin(MemberSearch, RecordAdmin):
    list_display = ("subscription", "n", "starts_at", "ends_at")
    list_select_related = ("subscription__wallet__member", "subscription__plan_version__plan")
    ordering = ("-id",)
    member_path = "subscription__wallet__member"
    search_fields = ("subscription__wallet__member__email",)
    search_help_text = BY_MEMBER


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
            self._decide(request, plan_request, subscriptions.confirm_request)

    @admin.action(description=_("Decline"), permissions=["decide"])
    def decline(self, request: HttpRequest, queryset: QuerySet[PlanRequest]) -> None:
        for plan_request in queryset:
            self._decide(request, plan_request, subscriptions.decline_request)

    def _decide(self, request: HttpRequest, plan_request: PlanRequest, verb: Any) -> None:
        try:
            verb(request=plan_request, actor=request.user, at=now())
        except subscriptions.SubscriptionRefused as refusal:
            self.message_user(request, f"{plan_request}: {refusal}", messages.ERROR)
        else:
            self.log_change(request, plan_request, verb.__name__)
            self.message_user(request, _("%(request)s: done.") % {"request": plan_request})
