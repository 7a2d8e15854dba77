"""Only Stripe is believed, only now, only in our mode; and what it says is stored once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe
from django.test import Client

from billing.models import PaymentEvent
from tests.payments.gateway import SECRET, FakeStripe, signed

pytestmark = pytest.mark.django_db

EVENT = {"id": "evt_1", "type": "checkout.session.completed", "livemode": False, "data": {"object": {"id": "cs_1"}}}


def _post(body: str, signature: str) -> int:
    return (
        Client(enforce_csrf_checks=True)
        .post("/payments/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature})
        .status_code
    )


def test_a_true_event_is_stored_once_and_answered_at_once(gateway: FakeStripe, clock: datetime) -> None:
    for skew in (0, 299, -299):
        assert _post(*signed(EVENT, at=clock + timedelta(seconds=skew))) == 200
    event = PaymentEvent.objects.get()
    assert (event.event_id, event.object_id, event.is_live, event.handled_at) == ("evt_1", "cs_1", False, None)
    assert gateway.calls == []


def test_a_second_secret_counts_while_one_is_replaced(gateway: FakeStripe, settings: Any, clock: datetime) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_the_new_one", SECRET]
    assert _post(*signed(EVENT, at=clock)) == 200


def test_nothing_is_taken_in_the_clear_nor_sent_on(gateway: FakeStripe, settings: Any, clock: datetime) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert _post(*signed(EVENT, at=clock)) == 400
    assert not PaymentEvent.objects.exists()


def test_nothing_else_is_believed(gateway: FakeStripe, clock: datetime) -> None:
    body, signature = signed(EVENT, at=clock)
    stamp = int(clock.timestamp())
    forged = {
        "no signature": (body, ""),
        "wrong secret": signed(EVENT, at=clock, secret="whsec_of_somebody_else"),
        "empty secret": signed(EVENT, at=clock, secret=""),
        "other body": (body.replace("cs_1", "cs_2"), signature),
        "no stamp": (body, signature.split(",")[1]),
        "no number": (body, f"t=x,{signature.split(',')[1]}"),
        "another stamp": (body, signature.replace(str(stamp), str(stamp + 1))),
        "not ascii": (body, f"{signature}é"),
        "stale": signed(EVENT, at=clock - timedelta(seconds=301)),
        "future": signed(EVENT, at=clock + timedelta(seconds=301)),
        "other mode": signed({**EVENT, "livemode": True}, at=clock),
        "no mode": signed({**EVENT, "livemode": None}, at=clock),
        "a list": signed([EVENT], at=clock),  # type: ignore[arg-type]
        "no object": signed({**EVENT, "data": None}, at=clock),
        "no name": signed({**EVENT, "id": 7}, at=clock),
        "long name": signed({**EVENT, "id": "e" * 101}, at=clock),
        "control": signed({**EVENT, "id": "evt\x00"}, at=clock),
    }
    answers = {what: _post(*sent) for what, sent in forged.items()}
    assert answers == dict.fromkeys(forged, 400)
    deep = "[" * 100_000
    assert _post(deep, signed_raw(deep, clock)) == 400
    assert _post("x" * 300_000, signature) == 413
    assert PaymentEvent.objects.count() == 0


def test_without_a_secret_nobody_is_believed(gateway: FakeStripe, settings: Any, clock: datetime) -> None:
    for secrets in ([], [""], ["  "]):
        settings.STRIPE_WEBHOOK_SECRETS = secrets
        assert _post(*signed(EVENT, at=clock, secret="".join(secrets))) == 400


def test_a_live_key_takes_no_test_event(gateway: FakeStripe, settings: Any, clock: datetime) -> None:
    settings.STRIPE_SECRET_KEY = "rk_live_0123456789"
    assert _post(*signed(EVENT, at=clock)) == 400
    assert _post(*signed({**EVENT, "livemode": True}, at=clock)) == 200


def test_without_a_gateway_there_is_no_such_page(settings: Any, clock: datetime) -> None:
    settings.PAYMENT_PROVIDER = "manual"
    assert _post(*signed(EVENT, at=clock)) == 404


def signed_raw(body: str, at: datetime) -> str:

    return stripe.WebhookSignature.generate_signature_header(body, SECRET, timestamp=int(at.timestamp()))
