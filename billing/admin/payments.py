"""Orders, what providers said about them, money that went back. The acts have pages of their own in `config`."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.console import MemberSearch, RecordAdmin
from accounts.templatetags.postern import money
from billing.admin.search import BY_MEMBER, OfWallet
from billing.models import (
    BillCredit,
    Dispute,
    Order,
    OrderLine,
    Pack,
    PaymentEvent,
    Repayment,
    Shortfall,
)
from billing.orders import events
from billing.orders.paying import AWAY, CONFIRM

# What `failure` says of an order that goes on waiting.
WHY_IT_WAITS = {AWAY: _("The payment service does not answer"), CONFIRM: _("The bank wants the cardholder")}


@admin.register(Pack)
class PackAdmin(RecordAdmin):
    list_display = ("credits", "costs", "each", "is_offered")
    list_filter = ("is_offered",)
    ordering = ("credits", "-id")

    @admin.display(description=_("price"), ordering="price")
    def costs(self, pack: Pack) -> str:
        return money(pack.price, pack.currency)

    @admin.display(description=_("each"))
    def each(self, pack: Pack) -> str:
        return money(round(pack.price / pack.credits), pack.currency)


class LineInline(admin.TabularInline):
    model = OrderLine
    extra = 0
    can_delete = False
    fields = ("wallet", "pack", "plan_version", "interval", "seats", "credits", "price")
    readonly_fields = fields

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Order)
class OrderAdmin(MemberSearch, RecordAdmin):
    member_path = "buyer"
    list_display = ("public_id", "buyer", "kind", "costs", "provider", "state", "created_at", "paid_at", "look", "act")
    list_filter = ("state", "kind", "provider", ("mismatch", admin.EmptyFieldListFilter))
    list_select_related = ("buyer",)
    ordering = ("-id",)
    search_fields = ("buyer__email",)
    search_help_text = BY_MEMBER
    exclude = ("form_key", "checkout_url")
    inlines = (LineInline,)

    @admin.display(description=_("amount"), ordering="amount")
    def costs(self, order: Order) -> str:
        return money(order.amount, order.currency)

    @admin.display(description=_("look at"))
    def look(self, order: Order) -> str:
        return order.mismatch or str(WHY_IT_WAITS.get(order.failure, order.failure))

    @admin.display(description="")
    def act(self, order: Order) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:order_page", args=[order.pk]), _("Open"))


@admin.register(PaymentEvent)
class PaymentEventAdmin(RecordAdmin):
    list_display = ("event_id", "provider", "kind", "object_id", "received_at", "handled_at", "attempts", "outcome")
    list_filter = ("provider", ("handled_at", admin.EmptyFieldListFilter), "kind")
    ordering = ("-id",)
    search_fields = ("=event_id", "=object_id")
    search_help_text = _("The exact name of the event or of its object")
    actions = ("replay",)

    @admin.action(description=_("Work off again: the provider’s state is fetched anew"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[PaymentEvent]) -> None:
        for event in queryset:
            events.replay(event=event)
            self.log_change(request, event, "Asked for again")
        self.message_user(request, _("The worker does it now."))

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.change_paymentevent")


class OfOrder(MemberSearch):
    member_path = "order__buyer"
    search_fields = ("order__buyer__email",)
    search_help_text = BY_MEMBER
    list_select_related = ("order__buyer",)
    ordering = ("-id",)


@admin.register(Repayment)
class RepaymentAdmin(OfOrder, RecordAdmin):
    list_display = ("order", "costs", "reason", "asked_by", "asked_at", "repaid_at", "failure")

    @admin.display(description=_("amount"), ordering="amount")
    def costs(self, repayment: Repayment) -> str:
        return money(repayment.amount, repayment.order.currency)


@admin.register(Dispute)
class DisputeAdmin(OfOrder, RecordAdmin):
    list_display = ("order", "costs", "state", "opened_at", "closed_at")
    list_filter = ("state",)

    @admin.display(description=_("amount"), ordering="amount")
    def costs(self, dispute: Dispute) -> str:
        return money(dispute.amount, dispute.order.currency)


@admin.register(Shortfall)
class ShortfallAdmin(OfWallet, RecordAdmin):
    list_display = ("wallet", "amount", "remaining", "cause", "opened_at", "closed_at", "act")
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    list_select_related = ("wallet__member", "wallet__team")
    ordering = ("-id",)

    @admin.display(description="")
    def act(self, shortfall: Shortfall) -> str:
        if shortfall.closed_at:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("admin:write_off", args=[shortfall.pk]), _("Write off"))


@admin.register(BillCredit)
class BillCreditAdmin(OfWallet, RecordAdmin):
    list_display = ("wallet", "costs", "reason", "posted_at")
    list_select_related = ("wallet__member", "wallet__team")
    ordering = ("-id",)

    @admin.display(description=_("amount"), ordering="amount")
    def costs(self, credit: BillCredit) -> str:
        return money(credit.amount, credit.currency)
