"""What a plan allows, for one member or many."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from accounts.clock import FOREVER
from accounts.models import Member, PolicyVersion, Seat, Team
from billing import subscriptions, sweeps
from billing.catalog import version_in_force
from billing.entitlements import Entitlements, entitlements, entitlements_of, holders_of_open_profile
from billing.models import Subscription, Wallet
from billing.standing import standing
from tests.conftest import MakeMember


def test_without_a_plan_the_free_terms_count(recipient: Member, at: datetime) -> None:
    assert entitlements(recipient, at=at) == Entitlements(
        is_premium=False,
        has_plan=False,
        plan_name="Free",
        allows_open_profile=False,
        allows_packs=True,
        inmail_daily_cap=5,
    )


def test_a_running_plan_makes_premium(sender: Member, at: datetime) -> None:
    assert entitlements(sender, at=at) == Entitlements(
        is_premium=True,
        has_plan=True,
        plan_name="Business",
        allows_open_profile=True,
        allows_packs=True,
        inmail_daily_cap=15,
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


def test_many_members_need_four_queries(
    make_member: MakeMember, at: datetime, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    members = [make_member(f"Member {number}", plan="premium-career" if number % 2 else None) for number in range(8)]
    with django_assert_num_queries(4):
        allowed = entitlements_of([one.pk for one in members], at=at)
    assert [allowed[one.pk].is_premium for one in members] == [False, True] * 4
    assert subscriptions.running(members[1], at=at).paid_through == FOREVER  # type: ignore[union-attr]


def test_a_seat_brings_what_the_teams_plan_allows_beside_ones_own(
    make_member: MakeMember, outsider: Member, at: datetime
) -> None:
    """Until it is parked or taken back; of plan and seat the better counts."""
    team = Team.objects.create(name="Nordlicht", founded_at=at)
    terms = version_in_force("sales-navigator-team", at=at)
    facts = {"interval": "year", "paid_through": FOREVER, "renews_at": None, "seats": 3}
    wallet = Wallet.objects.create(team=team, opened_at=at)
    Subscription.objects.create(wallet=wallet, plan_version=terms, anchor_at=at, **facts)
    career, seated = make_member("Ida Berg", plan="premium-career"), make_member("Jo Lund")
    seats = [Seat.objects.create(team=team, member=one, assigned_at=at) for one in (career, seated)]
    allowed = entitlements_of([career.pk, seated.pk, outsider.pk], at=at)
    names = [allowed[one.pk].plan_name for one in (career, seated, outsider)]
    assert names == ["Career", "Sales Team", "Free"]
    assert [allowed[one.pk].inmail_daily_cap for one in (career, seated, outsider)] == [25, 25, 5]
    assert set(Member.objects.filter(pk__in=holders_of_open_profile(at=at))) == {career, seated}
    Seat.objects.filter(pk=seats[0].pk).update(left_at=at)
    Seat.objects.filter(pk=seats[1].pk).update(parked_at=at)
    allowed = entitlements_of([career.pk, seated.pk], at=at)
    assert (allowed[career.pk].inmail_daily_cap, allowed[seated.pk].is_premium) == (10, False)


def test_the_grace_is_that_of_the_day_on_which_the_payment_was_missing(
    make_member: MakeMember, recipient: Member, outsider: Member, at: datetime
) -> None:
    """Also of a change of the policy that came in between, for one of two members only."""
    terms, week = version_in_force("premium-career", at=at), timedelta(days=7)
    for member, days in ((recipient, 3), (outsider, 10)):
        subscriptions.subscribe(
            member=member,
            plan_version=terms,
            interval="month",
            paid_through=at + timedelta(days=days),
            started_by=None,
            at=at,
        )
    PolicyVersion.objects.create(
        catalog="standard", settings={"payment_grace_days": 1}, in_force_from=at + week, approved_at=at
    )
    just = timedelta(microseconds=1)
    for member, ends_at in ((recipient, at + timedelta(days=10)), (outsider, at + timedelta(days=11))):
        assert entitlements(member, at=ends_at - just).is_premium
        assert not entitlements(member, at=ends_at).is_premium
        assert standing(member, at=ends_at - just).balance == 5
        assert standing(member, at=ends_at).balance == 0
        assert member.pk in {one.wallet.member_id for one in sweeps.subscriptions_due(ends_at)}
        assert member.pk not in {one.wallet.member_id for one in sweeps.subscriptions_due(ends_at - just)}
