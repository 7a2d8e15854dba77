"""One order in the console: what was bought, what the provider said, what went back; and what staff do about it."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.busy import try_whole
from accounts.clock import now
from accounts.models import Member
from accounts.public_ids import new_public_id
from accounts.templatetags.postern import CURRENCIES_WITHOUT_MINOR_UNITS
from billing.models import Order, PaymentEvent
from billing.orders import paying, repaying
from billing.orders.refusals import OrderRefused
from billing.orders.words import what, words
from config.console_forms import MarkPaidForm, RepayForm
from config.console_pages import need, page

EVENTS_SHOWN = 50


def order_page(request: HttpRequest, order_id: int) -> HttpResponse:
    """The order's facts; a repayment, and for an invoice the mark that its money has arrived."""
    need(request, "billing.view_order")
    order = _order(order_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    repay = RepayForm(request.POST if act == "repay" else None, initial={"form_key": new_public_id()})
    mark = MarkPaidForm(request.POST if act == "paid" else None)
    done = {"repay": partial(_repaid, request, order, repay), "paid": partial(_marked, request, order, mark)}
    if act in done and done[act]():
        return redirect("admin:order_page", order.pk)
    return page(request, "order_page", {**_facts(order), "repay": repay, "mark": mark})


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "order_page": ("billing/order/<int:order_id>/page/", order_page),
}


def _order(order_id: int) -> Order:
    orders = Order.objects.select_related("buyer", "team", "confirmed_by")
    return get_object_or_404(
        orders.prefetch_related("lines__pack", "lines__plan_version__plan", "disputes"), pk=order_id
    )


def _facts(order: Order) -> dict[str, Any]:
    references = [name for name in (order.checkout_reference, order.payment_reference) if name]
    return {
        "title": _("Order %(id)s") % {"id": order.public_id},
        "order": order,
        "what": what(order),
        "words": words(order),
        "repayable": repaying.repayable(order),
        "is_open_invoice": order.provider == "manual" and order.state in {Order.State.CREATED, Order.State.PENDING},
        "repayments": order.repayments.select_related("asked_by").order_by("pk"),
        "events": PaymentEvent.objects.filter(object_id__in=references).order_by("-pk")[:EVENTS_SHOWN],
    }


def minor_units(amount: Decimal, currency: str) -> int:
    """What a person typed, as the whole number we keep; a yen has no smaller part."""
    return int(amount if currency in CURRENCIES_WITHOUT_MINOR_UNITS else amount * 100)


def _repaid(request: HttpRequest, order: Order, form: RepayForm) -> bool:
    need(request, "billing.add_repayment")
    if not form.is_valid():
        return False
    facts = {"reason": form.cleaned_data["reason"], "form_key": form.cleaned_data["form_key"]}
    amount = minor_units(form.cleaned_data["amount"], order.currency)
    asked = partial(repaying.ask_repayment, order=order, amount=amount, actor=cast("Member", request.user), at=now())
    try:
        made = try_whole(partial(asked, **facts))
    except OrderRefused as refusal:
        form.add_error("amount", str(refusal))
        return False
    said = _("Paid back.") if made.repaid_at else _("The provider is asked. This page shows when it is done.")
    messages.success(request, said)
    return True


def _marked(request: HttpRequest, order: Order, form: MarkPaidForm) -> bool:
    need(request, "billing.change_order")
    if not form.is_valid():
        return False
    reference = form.cleaned_data["reference"]
    try:
        marked = try_whole(
            partial(paying.mark_paid, order=order, reference=reference, actor=cast("Member", request.user), at=now())
        )
    except OrderRefused as refusal:
        form.add_error("reference", str(refusal))
        return False
    if marked.mismatch:
        messages.warning(request, _("Marked as paid, and nothing is granted: what was ordered can no longer be had."))
    else:
        messages.success(request, _("Marked as paid. What was ordered is granted."))
    return True
