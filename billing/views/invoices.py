"""What one has ordered, newest first, and invoices that print."""

from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.views import MemberRequest
from billing import orders
from billing.models import Order
from billing.order_forms import OlderForm
from billing.orders import portal
from billing.orders.words import what, words

ROWS = 50
LARGEST_NUMBER = 2**31 - 1


@require_safe
def invoices(request: MemberRequest) -> HttpResponse:
    """Orders for oneself and for the team one looks after; paid ones are their own receipts."""
    form = OlderForm(request.GET)
    if not form.is_valid():
        raise BadRequest("no such page")
    found = _seen_by(request).order_by("-pk")
    if before := form.cleaned_data["before"]:
        found = found.filter(pk__lt=get_object_or_404(_seen_by(request), public_id=before).pk)
    rows = list(found[: ROWS + 1])
    context = {
        "rows": [_row(order) for order in rows[:ROWS]],
        "older": rows[ROWS - 1].public_id if len(rows) > ROWS else "",
        "has_portal": portal.wallet_at_gateway(request.user) is not None,
    }
    return render(request, "billing/invoices.html", context)


@require_safe
def invoice(request: MemberRequest, number: int) -> HttpResponse:
    """One numbered invoice, made to be printed: who sends it, what for, how much, by when, to which account."""
    order = get_object_or_404(_seen_by(request), invoice_number=min(number, LARGEST_NUMBER))
    context = {
        **_row(order),
        "line": order.lines.all()[0],
        "seller": settings.INVOICE_SELLER,
        "bank_details": settings.INVOICE_BANK_DETAILS,
        "is_open": order.state in orders.OPEN,
        "set_against": order.lines.all()[0].price - order.amount,
    }
    return render(request, "billing/invoice.html", context)


def _seen_by(request: MemberRequest) -> QuerySet[Order]:
    related = ("lines__pack", "lines__plan_version__plan", "disputes")
    return orders.visible_to(request.user).select_related("buyer", "team").prefetch_related(*related)


def _row(order: Order) -> dict[str, Any]:
    return {"order": order, "what": what(order), "words": words(order)}
