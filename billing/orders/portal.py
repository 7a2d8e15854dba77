"""The gateway's own page for cards and receipts. The worker opens it; the member's page waits for its address.

The address is good for minutes, and for who looks after the wallet: it is kept in the cache, where losing it costs one
more try.
"""

from django.core.cache import cache

from accounts import live, teams
from accounts.hints import hint
from accounts.models import Member, Team
from billing.models import Customer, Wallet
from billing.payments import GatewayAway, GatewayRefused, gateway

SECONDS = 120
AWAY = "away"


def wallet_at_gateway(holder: Member | Team) -> Wallet | None:
    """The wallet of a member or a team, if the gateway knows it as a customer."""
    asked = gateway()
    if asked is None:
        return None
    whose = {"wallet__team" if isinstance(holder, Team) else "wallet__member": holder}
    known = Customer.objects.filter(**whose, provider=asked.name, is_live=asked.is_live)
    customer = known.select_related("wallet").first()
    return customer.wallet if customer else None


def ask(*, wallet: Wallet) -> None:
    """Have a page opened."""
    cache.delete(_key(wallet))
    hint("billing.tasks.gateway_portal", wallet.pk)


def prepare(*, wallet: Wallet) -> None:
    """In the worker: open the page and tell those that wait for it."""
    asked = gateway()
    if asked is None:
        return
    try:
        address = asked.portal(wallet)
    except (GatewayAway, GatewayRefused, Customer.DoesNotExist):
        address = AWAY
    cache.set(_key(wallet), address, SECONDS)
    for member_id in _who_looks_after(wallet):
        live.tell(member_id, changed="order", id="portal")


def _who_looks_after(wallet: Wallet) -> list[int]:
    if wallet.team is None:
        return [wallet.member_id or 0]
    return list(teams.admins_of(wallet.team).values_list("member_id", flat=True))


def address_of(wallet: Wallet) -> str:
    """The page's address; "" while it is being opened; AWAY when the gateway does not answer."""
    return cache.get(_key(wallet), "")


def _key(wallet: Wallet) -> str:
    return f"payment-portal:{wallet.pk}"
