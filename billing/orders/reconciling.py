"""Hourly: what the gateway holds against what we granted. What was missed is made up; what differs is written down."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from accounts.templatetags.postern import money
from billing.models import BillCredit, Difference, Order, ReconciliationRun
from billing.payments import Gateway, GatewayRefused, gateway

from . import events, following, paying

# Longer than Stripe repeats an event.
LOOK_BACK = timedelta(days=4)
RULE = "R10"


def reconcile(*, at: datetime) -> ReconciliationRun:
    """One run with its differences; unfinished if the gateway went away in the midst of it (GatewayAway)."""
    run = ReconciliationRun.objects.create(kind=ReconciliationRun.Kind.PAYMENTS, started_at=at)
    asked = gateway()
    seen = events.handle_waiting(at=at, also_old=True) + following.look_at_open(at=at)
    unknown: list[str] = []
    if asked is not None:
        looked_at, unknown = _make_up(asked, at=at)
        seen += looked_at
    sentences = [*_found(), *((None, sentence) for sentence in unknown)]
    found = [Difference(run=run, rule=RULE, wallet_id=wallet, sentence=sentence) for wallet, sentence in sentences]
    Difference.objects.bulk_create(found)
    run.finished_at, run.seen = at, seen
    run.save(update_fields=["finished_at", "seen"])
    return run


def _make_up(asked: Gateway, *, at: datetime) -> tuple[int, list[str]]:
    """Everything that moved money lately is looked at again, as if its event came now. Answers how much that was, and
    a sentence for each payment whose order is not here.
    """
    looks = {
        "checkout.session": following.checkout,
        "invoice": following.invoice,
        "refund": following.refund,
        "dispute": following.dispute,
    }
    waiting = [order for order in _waiting_at(asked) if order.checkout_reference]
    for order in waiting:
        following.advance(order=order, at=at)
    moved, unknown = list(asked.recent(since=at - LOOK_BACK)), []
    for kind, reference in moved:
        with suppress(GatewayRefused):
            if looks[kind](reference, at=at) == following.NOT_OURS and kind == "checkout.session":
                unknown += _lost_order(asked, reference)
    return len(waiting) + len(moved), unknown


def _lost_order(asked: Gateway, reference: str) -> list[str]:
    """A backup that was put back does not know what was ordered after it."""
    named = asked.payment_of(Order(checkout_reference=reference)).order
    is_here = Order.objects.filter(public_id=named).exists()
    return [f"{reference} pays order {named}, which is not here"] if named and not is_here else []


def _waiting_at(asked: Gateway) -> QuerySet[Order]:
    return paying.open_orders().filter(provider=asked.name).order_by("pk")[:1000]


def _found() -> Iterator[tuple[int | None, str]]:
    """Wallet and sentence of each order that a person has to look at."""
    unsure = Order.objects.exclude(mismatch="").order_by("pk")
    for order in unsure.prefetch_related("lines"):
        yield _wallet(order), f"Order {order.public_id}: {order.mismatch}"
    paid = Order.objects.filter(kind=Order.Kind.PACK, state__in=paying.PAID, lines__lot=None)
    for order in paid.prefetch_related("lines"):
        yield _wallet(order), f"Order {order.public_id} is paid, and its credits were not granted"
    # Also one that failed after it was done, with the credits taken back: a bank may send the money back days later.
    refused = Order.objects.filter(repayments__failure__gt="").distinct()
    for order in refused.prefetch_related("lines"):
        yield _wallet(order), f"Order {order.public_id}: a repayment was refused"
    yield from _overdrawn()


def _overdrawn() -> Iterator[tuple[int, str]]:
    """Credit that was used before the money it was made of went back."""
    sums = BillCredit.objects.values("wallet", "currency").annotate(total=Sum("amount")).filter(total__lt=0)
    for one in sums.order_by("wallet", "currency"):
        yield one["wallet"], f"{money(-one['total'], one['currency'])} of bill credit was used that is no longer owed"


def _wallet(order: Order) -> int | None:
    return next((line.wallet_id for line in order.lines.all()), None)
