"""Real threads on PostgreSQL: changes of plan beside renewals, cancellations, charges and returns."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.busy import try_whole
from billing import audit, plan_changes, refunds, subscriptions, sweeps
from billing.models import Entry, Subscription
from tests.billing import world
from tests.billing.test_races import errors, together
from tests.billing.world import AT, DAY, moment

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in after the other"),
]

DUE = moment("2026-02-15 08:00")


def plans() -> tuple[Any, Any, Any]:
    """A payer of fifteen a month; a dearer and a cheaper plan."""
    terms = world.make_terms(price_billed_monthly=5_000, price_billed_yearly=5_000)
    dearer = world.make_terms(price_billed_monthly=9_000, price_billed_yearly=9_000, allotment=40)
    cheaper = world.make_terms(price_billed_monthly=1_000, price_billed_yearly=1_000, allotment=5, cap=15)
    return world.subscribe(world.make_payer(), terms, at=AT), dearer, cheaper


def upgrade(held: Subscription, version: Any, *, at: Any) -> Any:
    facts = {"interval": "month", "paid_through": world.FOREVER, "at": at}
    return partial(try_whole, partial(subscriptions.upgrade, subscription=held, version=version, **facts))


def assert_sound() -> None:
    assert audit.verify(at=AT + 60 * DAY).breaches == []


def test_upgrades_beside_renewals_change_the_plan_once_and_grant_each_period_once():
    held, dearer, _cheaper = plans()
    works = [upgrade(held, dearer, at=DUE) for _ in range(4)] + [partial(sweeps.renew, at=DUE) for _ in range(4)]
    assert Counter(errors(together(works))) == {"NotRunning": 3}
    kinds = Counter(Entry.objects.order_by("pk").values_list("kind", "delta"))
    assert kinds == {("grant", 15): 2, ("forfeit", -15): 2, ("grant", 40): 1}
    assert Subscription.objects.running().get().plan_version == dearer
    assert_sound()


def test_an_upgrade_beside_a_cancellation_leaves_the_new_plan_uncancelled():
    held, dearer, _cheaper = plans()
    cancel = partial(subscriptions.cancel, subscription=held, at=AT + DAY)
    found = errors(together([upgrade(held, dearer, at=AT + DAY), cancel, cancel]))
    assert set(found) <= {"NotRunning"}
    assert Subscription.objects.running().values_list("plan_version", "cancel_at").get() == (dearer.pk, None)
    assert_sound()


def test_changes_beside_charges_and_returns_lose_no_credit():
    held, dearer, cheaper = plans()
    member, policy, at = held.wallet.member, world.make_policy(), AT + DAY
    charges = [world.charge(member, at=at, policy=policy) for _ in range(3)]
    world.answer(charges, at=at, policy=policy)
    wanted = {"subscription": held, "version": cheaper, "interval": "month", "at": at}
    shown = plan_changes.preview(**wanted).digest
    works = [
        partial(try_whole, partial(plan_changes.confirm, shown=shown, **wanted)),
        partial(try_whole, partial(plan_changes.confirm, shown=shown, **wanted)),
        *(partial(world.charge, member, at=at, policy=policy) for _ in range(3)),
        partial(refunds.return_due, at=at),
        upgrade(held, dearer, at=at),
    ]
    assert set(errors(together(works))) <= {"FiguresChanged", "NotRunning", "NotOffered"}
    world.settle(member, at=at)
    sums = Counter(Entry.objects.values_list("kind", flat=True))
    assert (sums["charge"], sums["refund"]) == (6, 3)
    assert Subscription.objects.running().get().plan_version == dearer
    assert_sound()
