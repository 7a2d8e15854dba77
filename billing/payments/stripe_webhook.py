"""Whether a call says truly that it comes from Stripe, and what little of it we keep: names, never amounts."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import stripe
from django.conf import settings

from .stripe_client import is_live

# Stripe's library lets signatures from the future pass: we bound both sides.
MOST_SKEW = timedelta(minutes=5)
NAME_MAX = 100


class Forged(Exception):
    """Nothing of it is believed or stored."""


@dataclass(frozen=True, kw_only=True)
class Told:
    event_id: str
    kind: str
    object_id: str
    is_live: bool


def read(body: bytes, signature: str, *, at: datetime) -> Told:
    """The event in a signed body. Raises Forged for a wrong, stale or future signature, another mode, or no event."""
    _verify(body, signature)
    _check_time(signature, at)
    told = _parse(body)
    if told.is_live != is_live():
        raise Forged("an event of the other mode")
    return told


def _verify(body: bytes, signature: str) -> None:
    secrets = [secret for secret in settings.STRIPE_WEBHOOK_SECRETS if secret.strip()]
    if not signature.isascii() or not any(_is_signed(body, signature, secret) for secret in secrets):
        raise Forged("no signature of ours")


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def _check_time(signature: str, at: datetime) -> None:
    # The library has read this very header: it holds a whole number.
    signed_at = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
    if abs(at.timestamp() - signed_at) > MOST_SKEW.total_seconds():
        raise Forged("signed at another time")


def _parse(body: bytes) -> Told:
    try:
        event = json.loads(body)
        named = event["data"]["object"]
        told = Told(
            event_id=event["id"], kind=event["type"], object_id=named.get("id") or "", is_live=event["livemode"]
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Forged("no event") from error
    words = (told.event_id, told.kind, told.object_id)
    if not all(isinstance(word, str) and len(word) <= NAME_MAX and word.isprintable() for word in words):
        raise Forged("no event")
    return told
