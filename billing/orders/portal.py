"""The gateway's own page for cards and receipts. The worker opens it; the member's page waits for its address.

The address is good for minutes and for one member: it is kept in the cache, where losing it costs one more try.
"""

from django.core.cache import cache

from accounts import live
from accounts.hints import hint
from accounts.models import Member
from billing.models import Customer, Wallet
from billing.payments import GatewayAway, GatewayRefused, gateway

SECONDS = 120
AWAY = "away"


def wallet_at_gateway(member: Member) -> Wallet | None:
    """The member's own wallet, if the gateway knows it as a customer."""
    asked = gateway()
    if asked is None:
        return None
    known = Customer.objects.filter(wallet__member=member, provider=asked.name, is_live=asked.is_live)
    customer = known.select_related("wallet").first()
    return customer.wallet if customer else None


def ask(*, wallet: Wallet) -> None:
    """Have a page opened."""
    cache.delete(_key(wallet))
    hint("billing.tasks.gateway_portal", wallet.pk)


def prepare(*, wallet: Wallet) -> None:
    """In the worker: open the page and tell the member's."""
    asked = gateway()
    if asked is None:
        return
    try:
        address = asked.portal(wallet)
    except (GatewayAway, GatewayRefused, Customer.DoesNotExist):
        address = AWAY
    cache.set(_key(wallet), address, SECONDS)
    if wallet.member_id is not None:
        live.tell(wallet.member_id, changed="order", id="portal")


def address_of(wallet: Wallet) -> str:
    """The page's address; "" while it is being opened; AWAY when the gateway does not answer."""
    return cache.get(_key(wallet), "")


def _key(wallet: Wallet) -> str:
    return f"payment-portal:{wallet.pk}"
