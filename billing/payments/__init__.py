"""Who collects money: `stripe`, `manual`, or nobody. The rest of billing knows the protocol of `base` alone."""

from django.conf import settings

from .base import Gateway, GatewayAway, GatewayRefused, Payment, Provider, Stage
from .manual import Manual
from .stripe import Stripe

__all__ = ["Gateway", "GatewayAway", "GatewayRefused", "Payment", "Provider", "Stage", "gateway", "provider"]


def provider() -> Provider | None:
    """The one that PAYMENT_PROVIDER names; None = packs are hidden and plans asked for."""
    if settings.PAYMENT_PROVIDER == "manual":
        return Manual()
    return gateway()


def gateway() -> Gateway | None:
    """The provider that is reached over the network, if it is the one configured."""
    return Stripe() if settings.PAYMENT_PROVIDER == "stripe" else None
