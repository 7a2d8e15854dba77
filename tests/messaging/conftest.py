"""Verbs of messaging with the words of a test filled in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Connection, Member, PolicyVersion
from accounts.pairs import low_and_high
from billing.standing import standing
from messaging import sending
from messaging.drafts import new_send_key
from messaging.quotes import Quote
from messaging.sending import Sent
from messaging.verdicts import verdict_for

Send = Callable[..., Sent]


@pytest.fixture
def send() -> Send:
    """Send as a member would: with the price that the composer shows at that moment, unless `shown` says another."""

    def deliver(sender: Member, recipient: Member, *, at: datetime, **letter: Any) -> Sent:
        words = {"subject": "Platform lead", "body": "Would you talk to us?", "purpose": "job_offer"} | letter
        words.setdefault("shown", Quote.of(verdict_for(sender, recipient, purpose=words["purpose"], at=at)))
        words.setdefault("send_key", new_send_key())
        return sending.send(sender=sender, recipient=recipient, at=at, **words)

    return deliver


@pytest.fixture
def rule(at: datetime) -> Callable[..., None]:
    """Put these settings in force, from a microsecond before the test's instant or before `since`."""

    def set_to(*, since: datetime = at, **settings: Any) -> None:
        begins = since - timedelta(microseconds=1)
        PolicyVersion.objects.create(catalog="test", settings=settings, in_force_from=begins, approved_at=begins)

    return set_to


@pytest.fixture
def connect() -> Callable[..., None]:
    def join(one: Member, other: Member, *, at: datetime) -> None:
        Connection.objects.create(**low_and_high(one.pk, other.pk), connected_at=at)

    return join


@pytest.fixture
def balance(at: datetime) -> Callable[..., int]:
    def credits_of(member: Member, *, at: datetime = at) -> int:
        return standing(member, at=at).balance

    return credits_of
