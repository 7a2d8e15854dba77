"""Subscriptions that Stripe collects: changing their price, ending them with the term or at once.

Our own rows say what is wanted; every method here makes Stripe's say the same, and may run again.
"""

from typing import Any

from billing.models import Order, OrderLine, Subscription

from .base import Checkout, Standing
from .stripe_client import NAME, asking, named, plain
from .stripe_prices import discount, price_of

OVER = {"canceled", "incomplete_expired", "unpaid"}


def reference_to_change(order: Order, line: OrderLine) -> str:
    """Stripe's name of the subscription that an upgrade changes; "" where a pay page has to begin one."""
    if order.kind != Order.Kind.UPGRADE:
        return ""
    held = Subscription.objects.running().filter(wallet=line.wallet, provider=NAME).first()
    return held.provider_reference if held else ""


def change(reference: str, *, order: Order, line: OrderLine) -> Checkout:
    """New price, new anchor and the invoice for it in one call, charged to the card on file.

    If the card is refused (CardRefused) Stripe changes nothing; only a schedule was let go, which `follow` makes anew.
    """
    _release(reference)
    with asking() as client:
        held = plain(client.v1.subscriptions.retrieve(reference))
        item = {"id": held["items"]["data"][0]["id"], "price": price_of(line, order.currency), "quantity": line.seats}
        wanted: Any = {
            "items": [item],
            "billing_cycle_anchor": "now",
            # The unused share is reckoned by us, to the day and shown before: theirs would be a second one.
            "proration_behavior": "none",
            "payment_behavior": "error_if_incomplete",
            "cancel_at_period_end": False,
            "metadata": {"order": order.public_id},
            **discount(order, line),
        }
        changed = client.v1.subscriptions.update(reference, wanted, named("upgrade", order.public_id))
    return Checkout(reference=str(plain(changed)["latest_invoice"]))


def standing(reference: str) -> Standing:
    with asking() as client:
        held = plain(client.v1.subscriptions.retrieve(reference))
    return Standing(is_cancelling=bool(held["cancel_at_period_end"]), is_over=held["status"] in OVER)


def follow(subscription: Subscription) -> None:
    """Cancelling, going on, or going down with the next term, as our row says."""
    reference = subscription.provider_reference
    _release(reference)
    with asking() as client:
        client.v1.subscriptions.update(reference, {"cancel_at_period_end": subscription.cancel_at is not None})
    if subscription.next_version is not None and subscription.cancel_at is None:
        _schedule(subscription)


def end(reference: str) -> None:
    """At once; what was over is over."""
    with asking() as client:
        if plain(client.v1.subscriptions.retrieve(reference))["status"] in OVER:
            return
    _release(reference)
    with asking() as client:
        client.v1.subscriptions.cancel(reference)


def _release(reference: str) -> None:
    """A schedule holds the subscription fast: let go of it first."""
    with asking() as client:
        schedule = plain(client.v1.subscriptions.retrieve(reference)).get("schedule")
        if schedule:
            client.v1.subscription_schedules.release(str(schedule))


def _schedule(subscription: Subscription) -> None:
    """The next price begins where the paid term ends, with no invoice before."""
    seats = subscription.next_seats or subscription.seats
    line = OrderLine(plan_version=subscription.next_version, interval=subscription.next_interval, seats=seats)
    currency = subscription.plan_version.currency
    item = {"price": price_of(line, currency), "quantity": line.seats}
    with asking() as client:
        made = plain(client.v1.subscription_schedules.create({"from_subscription": subscription.provider_reference}))
        running = made["phases"][0]
        kept = [{"price": one["price"], "quantity": one["quantity"]} for one in running["items"]]
        following = {"items": [item], "duration": {"interval": subscription.next_interval, "interval_count": 1}}
        wanted: Any = {
            "end_behavior": "release",
            "proration_behavior": "none",
            "phases": [
                {"items": kept, "start_date": running["start_date"], "end_date": running["end_date"]},
                following,
            ],
        }
        client.v1.subscription_schedules.update(made["id"], wanted)
