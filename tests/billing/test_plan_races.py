"""Real threads on real connections: a plan starts once, a request is decided once."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, connections

from accounts.clock import FOREVER
from accounts.models import Member
from billing import plan_requests, subscriptions
from billing.catalog import version_in_force
from billing.models import Entry, PlanRequest, Subscription, Wallet
from billing.plan_requests import RequestDecided
from billing.subscriptions import AlreadySubscribed, SubscriptionRefused
from tests.conftest import MakeMember

pytestmark = pytest.mark.django_db(transaction=True)


def together(work: Callable[[], Any], *, threads: int) -> list[Any]:
    """The same work in many threads at once; a refusal is its answer."""
    barrier, answers = threading.Barrier(threads), []

    def run() -> None:
        connection.ensure_connection()
        barrier.wait()
        try:
            answers.append(work())
        except SubscriptionRefused as refusal:
            answers.append(refusal)
        finally:
            connections.close_all()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert len(answers) == threads
    return answers


def test_sixteen_starts_at_once_make_one_plan_and_one_allotment(recipient: Member, at: datetime) -> None:
    terms = version_in_force("premium-career", at=at)
    # Making the wallet would already let one thread after the other in.
    Wallet.objects.create(member=recipient, opened_at=at)

    def start() -> Subscription:
        return subscriptions.subscribe(
            member=recipient, plan_version=terms, interval="month", paid_through=FOREVER, started_by=None, at=at
        )

    answers = together(start, threads=16)
    assert sum(isinstance(answer, AlreadySubscribed) for answer in answers) == 15
    assert Subscription.objects.count() == 1
    assert Entry.objects.values_list("kind", "delta").get() == ("grant", 5)


def test_sixteen_confirmations_at_once_are_one(make_member: MakeMember, recipient: Member, at: datetime) -> None:
    staff, plan = make_member("Stefan Berg"), version_in_force("premium-career", at=at).plan
    request = plan_requests.ask_for_plan(member=recipient, plan=plan, interval="year", at=at)

    def confirm() -> Subscription:
        waiting = PlanRequest.objects.select_related("member", "plan").get(pk=request.pk)
        return plan_requests.confirm_request(request=waiting, actor=staff, at=at)

    answers = together(confirm, threads=16)
    assert sum(isinstance(answer, RequestDecided) for answer in answers) == 15
    assert Entry.objects.values_list("kind", "delta").get() == ("grant", 5)


def test_sixteen_askings_at_once_are_one_request(recipient: Member, at: datetime) -> None:
    plan = version_in_force("premium-career", at=at).plan

    def ask() -> PlanRequest:
        return plan_requests.ask_for_plan(member=recipient, plan=plan, interval="year", at=at)

    assert len({request.pk for request in together(ask, threads=16)}) == 1
    assert PlanRequest.objects.count() == 1
