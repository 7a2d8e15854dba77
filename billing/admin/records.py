"""The journal and what it stands on: read-only for everyone."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.console import RecordAdmin
from billing.admin.search import OfWallet, WalletSearch
from billing.models import Adjustment, Charge, Entry, Lot, Wallet


@admin.register(Wallet)
class WalletAdmin(WalletSearch, RecordAdmin):
    list_display = ("__str__", "balance", "last_entry_at", "frozen_at")
    list_filter = (("frozen_at", admin.EmptyFieldListFilter),)
    list_select_related = ("member", "team")
    ordering = ("-id",)
    search_fields = ("member__email",)
    actions = ("release",)

    @admin.action(description=_("Release from hold, after the difference is explained"), permissions=["release"])
    def release(self, request: HttpRequest, queryset: QuerySet[Wallet]) -> None:
        count = queryset.exclude(frozen_at=None).update(frozen_at=None)
        for wallet in queryset:
            self.log_change(request, wallet, "Released from hold")
        self.message_user(request, ngettext("%(n)s released.", "%(n)s released.", count) % {"n": count})

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.add_adjustment")


@admin.register(Lot)
class LotAdmin(OfWallet, RecordAdmin):
    list_display = ("wallet", "source", "granted", "remaining", "effective_at", "expires_on", "closed_at")
    list_filter = ("source",)
    list_select_related = ("wallet__member", "wallet__team")
    ordering = ("-id",)

    @admin.display(description=_("expires"))
    def expires_on(self, lot: Lot) -> Any:
        return _("no limit") if lot.expires_at.year == 9999 else lot.expires_at


@admin.register(Entry)
class EntryAdmin(OfWallet, RecordAdmin):
    list_display = ("wallet", "seq", "kind", "delta", "balance_after", "occurred_at", "reason", "actor")
    list_filter = ("kind",)
    list_select_related = ("wallet__member", "wallet__team", "actor")
    ordering = ("-recorded_at", "-id")


@admin.register(Charge)
class ChargeAdmin(OfWallet, RecordAdmin):
    list_display = ("reference", "wallet", "cost", "charged_at", "refundable_until", "answered_at", "return_due_at")
    list_filter = (("return_due_at", admin.EmptyFieldListFilter),)
    list_select_related = ("wallet__member", "wallet__team")
    ordering = ("-charged_at", "-id")


@admin.register(Adjustment)
class AdjustmentAdmin(OfWallet, RecordAdmin):
    """Proposed on a member's overview; decided, if it needs a second person, on a page of its own."""

    list_display = ("wallet", "amount", "reason", "posted_by", "state", "proposed_at", "decided_by", "act")
    list_filter = ("state",)
    list_select_related = ("wallet__member", "wallet__team", "posted_by", "decided_by")
    ordering = ("-id",)

    @admin.display(description="")
    def act(self, adjustment: Adjustment) -> str:
        url = reverse("admin:adjustment_decide", args=[adjustment.pk])
        return format_html('<a href="{}">{}</a>', url, _("Open"))
