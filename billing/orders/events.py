"""What a gateway tells us: stored once and answered at once, worked off by the worker from the object it names."""

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from accounts.hints import hint
from billing.models import PaymentEvent
from billing.payments import GatewayRefused

from . import following

logger = logging.getLogger(__name__)

# The first tries are a minute apart; later ones come with the hourly reconciliation.
TRIES_EACH_MINUTE = 5
HINT_HEAD_START = timedelta(seconds=30)

HANDLERS = {
    "checkout.session.completed": following.checkout,
    "checkout.session.expired": following.checkout,
    "checkout.session.async_payment_succeeded": following.checkout,
    "checkout.session.async_payment_failed": following.checkout,
    "invoice.paid": following.invoice,
    "invoice.payment_failed": following.invoice,
    "invoice.payment_action_required": following.invoice,
    "customer.subscription.updated": following.subscription,
    "customer.subscription.deleted": following.subscription,
    "charge.refunded": following.refunds_of_charge,
    "refund.created": following.refund,
    "refund.updated": following.refund,
    "refund.failed": following.refund,
    "charge.dispute.created": following.dispute,
    "charge.dispute.updated": following.dispute,
    "charge.dispute.closed": following.dispute,
}


def receive(
    *, provider: str, event_id: str, kind: str, object_id: str, is_live: bool, at: datetime
) -> PaymentEvent | None:
    """Store an event, once; None if it was stored before. The worker is asked to look at it after the commit."""
    try:
        with transaction.atomic():
            event = PaymentEvent.objects.create(
                provider=provider,
                event_id=event_id,
                kind=kind,
                object_id=object_id,
                is_live=is_live,
                received_at=at,
            )
    except IntegrityError:
        return None
    hint("billing.tasks.gateway_handle_event", event.pk)
    return event


def handle(*, event: PaymentEvent, at: datetime) -> str:
    """Work an event off; twice is once, as only the object's own state counts. Raises GatewayAway."""
    if event.handled_at is not None:
        return event.outcome
    PaymentEvent.objects.filter(pk=event.pk).update(attempts=F("attempts") + 1)
    handler = HANDLERS.get(event.kind)
    try:
        outcome = handler(event.object_id, at=at) if handler else "of no concern"
    except GatewayRefused as refusal:
        # It knows no such object, or not any more: nothing that a later try would change.
        outcome = f"refused: {refusal}"[:200]
    if handler is None:
        logger.info("payment event %s of kind %s is of no concern", event.event_id, event.kind)
    PaymentEvent.objects.filter(pk=event.pk).update(handled_at=at, outcome=outcome)
    return outcome


def replay(*, event: PaymentEvent) -> None:
    """Staff want it worked off again."""
    PaymentEvent.objects.filter(pk=event.pk).update(handled_at=None, attempts=0)
    hint("billing.tasks.gateway_handle_event", event.pk)


def handle_waiting(*, at: datetime, also_old: bool = False, limit: int = 200) -> int:
    """Work off what no hint has, oldest first; counts them. Raises GatewayAway."""
    found = list(waiting(at=at, also_old=also_old)[:limit])
    for event in found:
        handle(event=event, at=at)
    return len(found)


def waiting(*, at: datetime, also_old: bool = False) -> QuerySet[PaymentEvent]:
    """Not worked off half a minute after they came; those tried in vain only with `also_old`."""
    events = PaymentEvent.objects.filter(handled_at=None, received_at__lte=at - HINT_HEAD_START)
    return (events if also_old else events.filter(attempts__lt=TRIES_EACH_MINUTE)).order_by("received_at")
