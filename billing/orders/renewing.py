"""Further terms: the gateway collects them, or an invoice asks for them; and what the gateway is told of our plans."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse

from accounts import notices
from accounts.busy import short_wait
from accounts.models import Member
from billing import grace
from billing.models import Order, OrderLine, PlanVersion, Subscription
from billing.payments import Gateway, GatewayRefused, Payment, Stage, provider
from billing.payments.base import Collected
from billing.prices import term_price

from . import paying

# An invoice for the next term goes out this long before the paid one ends.
INVOICE_AHEAD = timedelta(days=7)


def collected(*, subscription: Subscription, money: Collected, at: datetime) -> Order:
    """The gateway took the money for one more term: an order of its own, paid at once if the sum is ours."""
    order = _order_of_term(subscription, form_key=_key(money), reference=money.invoice, is_live=money.is_live, at=at)
    said = Payment(
        stage=Stage.PAID,
        order=order.public_id,
        customer=paying.customer_of(order),
        mode="subscription",
        amount=money.amount,
        currency=money.currency,
        is_live=money.is_live,
        reference=money.reference,
        subscription=money.subscription,
    )
    return paying.paid(order=order, payment=said, at=at)


def not_paid(*, subscription: Subscription, money: Collected, at: datetime) -> Order | None:
    """The card was refused, or its bank wants the cardholder: the term's order waits for its money while the plan lives
    in its grace, and its buyer learns once where to pay. None where there is nothing to pay (any more, or yet).
    """
    is_going_on = subscription.ended_at is None and subscription.cancel_at is None
    is_due = is_going_on and money.is_tried and not money.is_given_up
    known = Order.objects.filter(form_key=_key(money)).first()
    if known is None and not is_due:
        return None
    with short_wait():
        order = known or _order_of_term(
            subscription, form_key=_key(money), reference=money.invoice, is_live=money.is_live, at=at
        )
        if is_due:
            _ask_to_pay(order, subscription, money, at=at)
    return order


def _ask_to_pay(order: Order, subscription: Subscription, money: Collected, *, at: datetime) -> None:
    Order.objects.filter(pk=order.pk, state=Order.State.PENDING).update(checkout_url=money.url)
    notices.queue(
        address=order.buyer.email,
        kind="payment_failed",
        context={
            "plan": str(subscription.plan_version.plan),
            "path": reverse("billing:order", args=[order.public_id]),
        },
        key=f"payment_failed:{money.invoice}",
        due_at=at,
        not_after=max(order.lapses_at, at),
    )


def _key(money: Collected) -> str:
    """One order for each invoice of the gateway's."""
    return f"renewal:{money.invoice}"[:40]


def invoice_next_terms(*, at: datetime, limit: int = 500) -> int:
    """Invoices for the terms that begin within a week, once each; staff mark them as paid. Counts the new ones."""
    collector = provider()
    if collector is None or collector.collects_terms:
        return 0
    _give_up_outdated(at)
    made = 0
    for subscription in _to_invoice(at)[:limit]:
        made += _invoice(subscription, at=at)
    return made


def _give_up_outdated(at: datetime) -> None:
    """Invoices for terms that will not begin so: of another plan, of other licences, or of none, if it was cancelled.

    The sweep of open orders lapses them, which their buyers are told.
    """
    as_it_goes_on = _going_on().annotate(
        version_then=Coalesce("next_version", "plan_version"),
        interval_then=Coalesce(NullIf("next_interval", Value("")), "interval"),
        seats_then=Coalesce("next_seats", "seats"),
    )
    asked_for = as_it_goes_on.filter(
        wallet=OuterRef("lines__wallet"),
        version_then=OuterRef("lines__plan_version"),
        interval_then=OuterRef("lines__interval"),
        seats_then=OuterRef("lines__seats"),
    )
    _open_invoices(at).exclude(Exists(asked_for)).update(lapses_at=at)


def _open_invoices(at: datetime) -> QuerySet[Order]:
    return paying.open_orders().filter(kind=Order.Kind.RENEWAL, provider="manual", lapses_at__gt=at)


def _going_on() -> QuerySet[Subscription]:
    return Subscription.objects.running().filter(provider="manual", cancel_at=None)


def _to_invoice(at: datetime) -> QuerySet[Subscription]:
    """Paid by invoice, going on or in its grace, with no open invoice for the term that begins within a week."""
    asked = _open_invoices(at).filter(lines__wallet=OuterRef("wallet"))
    due = _going_on().filter(grace.running(at), paid_through__lte=at + INVOICE_AHEAD)
    return due.exclude(Exists(asked)).select_related("plan_version__plan", "next_version__plan", "wallet")


def _invoice(subscription: Subscription, *, at: datetime) -> bool:
    """One for each term; a further one only if those before were given up, as the term begins otherwise after all."""
    term = f"renewal:{subscription.pk}:{subscription.paid_through:%Y%m%d%H%M}"
    of_this_term = Order.objects.filter(form_key__startswith=term)
    if of_this_term.filter(lapses_at__gt=at).exists():
        return False
    _order_of_term(subscription, form_key=f"{term}:{of_this_term.count()}", reference="", is_live=True, at=at)
    return True


def _order_of_term(subscription: Subscription, *, form_key: str, reference: str, is_live: bool, at: datetime) -> Order:
    version, interval, seats = _next_terms(subscription)
    price = term_price(version, interval, seats=seats)
    collector = provider()
    assert collector is not None
    with short_wait():
        order, is_new = Order.objects.get_or_create(
            form_key=form_key,
            defaults={
                "buyer": _buyer(subscription),
                "team": subscription.wallet.team,
                "kind": Order.Kind.RENEWAL,
                "state": Order.State.PENDING,
                "provider": collector.name,
                "checkout_reference": reference,
                "amount": price,
                "currency": version.currency,
                "is_live": is_live,
                "created_at": at,
                "lapses_at": max(grace.ends_at(subscription.paid_through), at),
            },
        )
        if is_new:
            line = {"plan_version": version, "interval": interval, "seats": seats, "price": price}
            OrderLine.objects.create(order=order, wallet=subscription.wallet, **line)
            if not reference:
                collector.begin(order, at=at)
                collector.announce(order, at=at)
    return order


def _next_terms(subscription: Subscription) -> tuple[PlanVersion, str, int]:
    """A downgrade that waits begins with the next term."""
    seats = subscription.next_seats or subscription.seats
    if subscription.next_version is not None:
        return subscription.next_version, subscription.next_interval, seats
    return subscription.plan_version, subscription.interval, seats


def _buyer(subscription: Subscription) -> Member:
    """Who paid for it last."""
    orders = Order.objects.filter(lines__wallet=subscription.wallet).exclude(kind=Order.Kind.PACK)
    latest = orders.select_related("buyer").order_by("pk").last()
    buyer = latest.buyer if latest else subscription.wallet.member or subscription.started_by
    assert buyer is not None
    return buyer


# --- What the gateway is told ---------------------------------------------------------------------


def wish(subscription: Subscription) -> str:
    """What it is to do next; "" = go on as it is."""
    if subscription.ended_at is not None:
        return "end"
    if subscription.cancel_at is not None:
        return "cancel"
    if subscription.next_version_id is not None:
        seats = f" x {subscription.next_seats}" if subscription.next_seats else ""
        return f"then {subscription.next_version_id} {subscription.next_interval}{seats}"
    return ""


def has_told(subscription: Subscription) -> bool:
    return subscription.provider_told == wish(subscription)


def note_told(subscription: Subscription) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(provider_told=wish(subscription))


def tell_again(order: Order) -> None:
    """Before a change of plan that did not come about, the gateway let go of what was to follow."""
    if order.kind == Order.Kind.UPGRADE:
        lines = order.lines.values("wallet")
        Subscription.objects.running().filter(wallet__in=lines).update(provider_told="")


def to_tell(name: str) -> QuerySet[Subscription]:
    """Those for which something was wished or told since they began; few, whatever the number of plans."""
    collected_there = Subscription.objects.filter(provider=name).exclude(provider_reference="")
    running = Q(ended_at=None) & (Q(cancel_at__isnull=False) | Q(next_version__isnull=False) | ~Q(provider_told=""))
    return collected_there.filter(running | (Q(ended_at__isnull=False) & ~Q(provider_told="end")))


def tell(asked: Gateway, *, limit: int = 200) -> int:
    """Make the gateway's subscriptions do what ours are to do; counts those told. Raises GatewayAway."""
    told = 0
    candidates = to_tell(asked.name).select_related("plan_version", "next_version__plan").order_by("pk")
    for subscription in candidates[:limit]:
        if has_told(subscription):
            continue
        # What the gateway no longer knows needs no telling.
        with suppress(GatewayRefused):
            _tell(asked, subscription)
        told += Subscription.objects.filter(pk=subscription.pk).update(provider_told=wish(subscription))
    return told


def _tell(asked: Gateway, subscription: Subscription) -> None:
    if subscription.ended_at is None:
        asked.follow(subscription)
    elif not _goes_on(subscription):
        asked.end(subscription.provider_reference)


def _goes_on(ended: Subscription) -> bool:
    """An upgrade or a downgrade made a successor that the same subscription of the gateway pays for."""
    heirs = Subscription.objects.running().filter(provider=ended.provider)
    return heirs.filter(provider_reference=ended.provider_reference).exists()
