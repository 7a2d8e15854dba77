"""What Stripe has to know before it can collect: who pays, what a seat costs, what is set against the price."""

from typing import Any

from django.conf import settings

from billing.models import Customer, Order, OrderLine, ProviderPrice, Wallet
from billing.prices import seat_price

from .stripe_client import NAME, asking, is_live, named


def customer(wallet: Wallet, order: Order) -> str:
    """The wallet's name at Stripe, made on its first order."""
    known = Customer.objects.filter(wallet=wallet, provider=NAME, is_live=is_live()).first()
    if known is not None:
        return known.reference
    with asking() as client:
        made = client.v1.customers.create(
            {"email": order.buyer.email, "metadata": {"wallet": str(wallet.pk)}}, named("customer", wallet.pk)
        )
    facts = {"wallet": wallet, "provider": NAME, "is_live": is_live()}
    return Customer.objects.get_or_create(**facts, defaults={"reference": made.id})[0].reference


def price_of(line: OrderLine, currency: str) -> str:
    """Stripe's price of one seat for one term, made once for each amount."""
    assert line.plan_version is not None
    plan, amount = line.plan_version.plan, seat_price(line.plan_version, line.interval)
    facts: dict[str, Any] = {"plan": plan, "interval": line.interval, "amount": amount, "currency": currency}
    known = ProviderPrice.objects.filter(**facts, provider=NAME, is_live=is_live()).first()
    if known is not None:
        return known.reference
    with asking() as client:
        made = client.v1.prices.create(
            {
                "currency": currency.lower(),
                "unit_amount": amount,
                "recurring": {"interval": line.interval},  # type: ignore[typeddict-item]
                "product_data": {"name": f"{settings.SITE_NAME}: {plan.name}"},
            },
            named("price", plan.pk, line.interval, amount, currency),
        )
    about: dict[str, Any] = {"provider": NAME, "is_live": is_live(), "defaults": {"reference": made.id}}
    return ProviderPrice.objects.get_or_create(**facts, **about)[0].reference


def discount(order: Order, line: OrderLine) -> dict[str, Any]:
    """What is set against the first term (bill credit, the unused share of an old plan) as a coupon of this order.

    Not as the customer's balance: that would be a second ledger, which a renewal could spend first.
    """
    off = line.price - order.amount
    if off <= 0:
        return {}
    name = f"order-{order.public_id}"
    with asking() as client:
        client.v1.coupons.create(
            {
                "id": name,
                "amount_off": off,
                "currency": order.currency.lower(),
                "duration": "once",
                # The change that a card refused may count as the first.
                "max_redemptions": 2,
            },
            named("coupon", order.public_id),
        )
    return {"discounts": [{"coupon": name}]}
