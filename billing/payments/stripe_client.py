"""The wire to Stripe: one client a key, short timeouts, two errors instead of a dozen, plain dictionaries."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
import stripe
from django.conf import settings

from .base import CardRefused, GatewayAway, GatewayRefused

logger = logging.getLogger(__name__)

NAME = "stripe"
CONNECT_SECONDS, READ_SECONDS = 5, 10
# 3-D Secure and its like: the bank takes the payment from its cardholder alone.
ASKS_FOR_HOLDER = {"authentication_required", "subscription_payment_intent_requires_action"}


def new_http_client() -> stripe.HTTPClient:
    """The network's edge, and the one thing that tests replace. What we tell Stripe follows no redirect elsewhere."""
    session = requests.Session()
    session.max_redirects = 0
    return stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS), session=session)


@cache
def client_with(key: str) -> stripe.StripeClient:
    # Retries are ours: a task's, with the same idempotency keys.
    return stripe.StripeClient(key, http_client=new_http_client(), max_network_retries=0)


def client() -> stripe.StripeClient:
    stripe.enable_telemetry = False
    return client_with(settings.STRIPE_SECRET_KEY)


def is_live() -> bool:
    """Whether our key moves real money."""
    return "_live_" in settings.STRIPE_SECRET_KEY


@contextmanager
def asking() -> Iterator[stripe.StripeClient]:
    """The client, with its errors translated: GatewayRefused for what stays refused (CardRefused for what another card
    or its holder may mend), GatewayAway for all the rest.

    A wrong key or a missing right is the operator's to mend: the order waits, and is not lost.
    """
    try:
        yield client()
    except stripe.CardError as refusal:
        sentence = refusal.user_message or str(refusal)
        raise CardRefused(sentence, asks_for_holder=refusal.code in ASKS_FOR_HOLDER) from refusal
    except (stripe.InvalidRequestError, stripe.IdempotencyError) as refusal:
        raise GatewayRefused(refusal.user_message or str(refusal)) from refusal
    except stripe.StripeError as error:
        logger.warning("stripe does not answer: %s %s", type(error).__name__, error.http_status)
        raise GatewayAway from error


def named(*words: object) -> stripe.RequestOptions:
    """The idempotency key of a call, ours alone: two sites may share an account's test mode."""
    return {"idempotency_key": ":".join(map(str, (urlsplit(settings.SITE_URL).netloc, *words)))}


def plain(answer: stripe.StripeObject) -> dict[str, Any]:
    """A StripeObject is no dictionary since 15.0; missing fields are read with `get` here."""
    return answer.to_dict()


def plain_list(answers: Any) -> list[dict[str, Any]]:
    return [plain(answer) for answer in answers.data]
