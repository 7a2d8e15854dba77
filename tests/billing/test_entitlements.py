"""What a plan allows, for one member or many."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from accounts.clock import FOREVER
from accounts.models import Member
from billing import subscriptions
from billing.catalog import version_in_force
from billing.entitlements import Entitlements, entitlements, entitlements_of
from billing.models import Subscription
from tests.conftest import MakeMember


def test_without_a_plan_the_free_terms_count(recipient: Member, at: datetime) -> None:
    assert entitlements(recipient, at=at) == Entitlements(
        is_premium=False, has_plan=False, plan_name="Free", allows_open_profile=False, inmail_daily_cap=5
    )


def test_a_running_plan_makes_premium(sender: Member, at: datetime) -> None:
    assert entitlements(sender, at=at) == Entitlements(
        is_premium=True, has_plan=True, plan_name="Business", allows_open_profile=True, inmail_daily_cap=15
    )


def test_a_cancelled_plan_counts_until_its_end_swept_or_not(sender: Member, at: datetime) -> None:
    ends_at = subscriptions.cancel(subscription=Subscription.objects.get(), at=at)
    assert entitlements(sender, at=ends_at - timedelta(microseconds=1)).is_premium
    assert not entitlements(sender, at=ends_at).is_premium
    assert Subscription.objects.get().ended_at is None


def test_payment_grace_is_premium(recipient: Member, at: datetime) -> None:
    paid_through = at + timedelta(days=3)
    terms = version_in_force("premium-career", at=at)
    subscriptions.subscribe(
        member=recipient, plan_version=terms, interval="month", paid_through=paid_through, started_by=None, at=at
    )
    assert entitlements(recipient, at=paid_through + timedelta(days=7, microseconds=-1)).is_premium
    assert not entitlements(recipient, at=paid_through + timedelta(days=7)).is_premium


def test_a_plan_keeps_its_terms_when_the_catalog_changes(sender: Member, at: datetime) -> None:
    plan = version_in_force("premium-business", at=at).plan
    plan.versions.create(
        number=2, in_force_from=at, approved_at=at, allotment=1, is_paid=True, inmail_daily_cap=1, digest="new"
    )
    assert entitlements(sender, at=at).inmail_daily_cap == 15


def test_many_members_need_three_queries(
    make_member: MakeMember, at: datetime, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    members = [make_member(f"Member {number}", plan="premium-career" if number % 2 else None) for number in range(8)]
    with django_assert_num_queries(3):
        allowed = entitlements_of([one.pk for one in members], at=at)
    assert [allowed[one.pk].is_premium for one in members] == [False, True] * 4
    assert subscriptions.running(members[1], at=at).paid_through == FOREVER  # type: ignore[union-attr]
