"""Payment by numbered invoice: staff mark it as paid when the money has come."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from accounts import notices
from billing.models import Order


class Manual:
    """No network: an order is its invoice, numbered when it is made."""

    name = "manual"
    is_live = True
    collects_terms = False
    least_amount = 1

    def open_for(self) -> timedelta:
        return timedelta(days=settings.INVOICE_DUE_DAYS)

    def begin(self, order: Order, *, at: datetime) -> None:
        """Draw the number, in the transaction of the order."""
        draw_number(order)
        Order.objects.filter(pk=order.pk).update(state=Order.State.PENDING)
        order.state = Order.State.PENDING

    def announce(self, order: Order, *, at: datetime) -> None:
        path = reverse("billing:invoice", args=[order.invoice_number])
        tell(order, "invoice", {"number": order.invoice_number or 0, "path": path}, at=at)


def draw_number(order: Order) -> None:
    """The next number of the series, which has no gaps: it is drawn under a lock and falls back with its order.

    Invoice 1 is the lock; while there is none the UNIQUE column decides, and the loser draws again.
    """
    for _try in range(5):
        list(Order.objects.select_for_update(no_key=True).filter(invoice_number=1).values_list("pk"))
        last = Order.objects.aggregate(last=Max("invoice_number"))["last"] or 0
        try:
            with transaction.atomic():
                Order.objects.filter(pk=order.pk).update(invoice_number=last + 1)
        except IntegrityError:
            continue
        order.invoice_number = last + 1
        return
    raise IntegrityError("no invoice number could be drawn")


def tell(order: Order, kind: str, context: dict[str, str | int], *, at: datetime) -> None:
    """A mail about money goes to the buyer's address whatever mails they take."""
    notices.queue(
        address=order.buyer.email,
        kind=kind,
        context=context,
        key=f"{kind}:{order.pk}",
        due_at=at,
        not_after=order.lapses_at + timedelta(days=7),
    )
