"""A plan is taken, cancelled, resumed and paid on; credits and plan change together."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.clock import FOREVER
from accounts.models import Member
from billing import ledger, plan_changes, plan_requests, subscriptions
from billing.catalog import version_in_force
from billing.models import Entry, Lot, Period, PlanRequest, Subscription, Wallet
from billing.plan_requests import AlreadyAsked, RequestDecided
from billing.standing import standing
from billing.starts import Start, subscribe_many
from billing.subscriptions import (
    AlreadySubscribed,
    NotOffered,
    NotRunning,
    SubscriptionRefused,
)
from tests.conftest import MakeMember

START = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)


@pytest.fixture
def member(make_member: MakeMember) -> Member:
    return make_member("Ada Okafor")


@pytest.fixture
def staff(make_member: MakeMember) -> Member:
    return make_member("Stefan Berg")


def take(member: Member, code: str = "premium-business", **other: object) -> Subscription:
    terms = {"interval": "month", "paid_through": FOREVER, "started_by": None, "at": START, **other}
    return subscriptions.subscribe(member=member, plan_version=version_in_force(code, at=START), **terms)  # type: ignore[arg-type]


def settled(member: Member, *, at: datetime) -> int:
    wallet = ledger.lock_wallet(member, at=at)
    ledger.settle(wallet, at=at)
    return wallet.balance


# --- Taking a plan ------------------------------------------------------------------------------


def test_the_first_allotment_is_there_at_once(member: Member) -> None:
    subscription = take(member)
    assert (subscription.next_n, subscription.renews_at) == (1, datetime(2026, 2, 15, 8, 0, tzinfo=UTC))
    assert standing(member, at=START).balance == 15
    assert Lot.objects.get().expires_at == START + timedelta(days=90)


def test_a_member_holds_one_plan_at_a_time(member: Member) -> None:
    take(member)
    with pytest.raises(AlreadySubscribed, match="Ada Okafor already holds Business"):
        take(member, "premium-career", at=START + timedelta(days=1))
    assert Subscription.objects.count() == 1
    assert standing(member, at=START + timedelta(days=1)).balance == 15


def test_a_plan_that_has_ended_unswept_makes_room_for_another(member: Member) -> None:
    take(member, paid_through=START + timedelta(days=31))
    later = START + timedelta(days=40)
    take(member, "premium-career", at=later)
    assert settled(member, at=later) == 5
    assert Subscription.objects.running().count() == 1


def test_free_is_nobodys_to_take(member: Member) -> None:
    with pytest.raises(NotOffered, match="Free is what every member has"):
        take(member, "free")
    assert not Wallet.objects.exists()


def test_a_plan_paid_through_a_past_day_is_refused(member: Member) -> None:
    with pytest.raises(SubscriptionRefused):
        take(member, paid_through=START)
    assert not Subscription.objects.exists()


def test_the_contract_clock_counts_months_from_the_day_it_was_entered(member: Member) -> None:
    subscription = take(member, "recruiter-corporate", at=datetime(2026, 1, 31, 9, 30, tzinfo=UTC))
    assert subscription.renews_at == datetime(2026, 2, 28, 9, 30, tzinfo=UTC)
    assert standing(member, at=subscription.anchor_at).balance == 150


def test_calendar_plans_renew_on_the_first(member: Member) -> None:
    take(member, "sales-navigator-core", at=datetime(2026, 4, 20, 10, 0, tzinfo=UTC))
    assert settled(member, at=datetime(2026, 4, 30, 23, 59, tzinfo=UTC)) == 50
    assert settled(member, at=datetime(2026, 5, 1, tzinfo=UTC)) == 100


# --- Many at once -------------------------------------------------------------------------------


def starts(members: list[Member]) -> list[Start]:
    terms = version_in_force("premium-business", at=START)
    return [
        Start(member_id=one.pk, plan_version=terms, interval="year", paid_through=FOREVER, anchor_at=START)
        for one in members
    ]


def test_many_plans_start_as_one_does(make_member: MakeMember) -> None:
    alone, *others = [make_member(f"Member {number}") for number in range(4)]
    now = START + timedelta(days=35)
    take(alone)
    settled(alone, at=now)
    assert subscribe_many(starts(others), at=now) == 3
    facts = ("kind", "delta", "balance_after", "occurred_at", "lot__expires_at", "seq")
    expected = list(Entry.objects.filter(wallet__member=alone).order_by("seq").values_list(*facts))
    assert [row[1] for row in expected] == [15, 15]
    for one in others:
        assert list(Entry.objects.filter(wallet__member=one).order_by("seq").values_list(*facts)) == expected


def test_starting_many_leaves_out_who_holds_a_plan(make_member: MakeMember) -> None:
    members = [make_member(f"Member {number}") for number in range(3)]
    take(members[0], "premium-career")
    assert subscribe_many(starts(members), at=START) == 2
    assert subscribe_many(starts(members), at=START) == 0
    assert [standing(one, at=START).balance for one in members] == [5, 15, 15]


def test_many_plans_need_as_many_queries_as_few(
    make_member: MakeMember, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    members = [make_member(f"Member {number}") for number in range(60)]
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        subscribe_many(starts(members), at=START)


# --- Cancelling ---------------------------------------------------------------------------------


def test_cancelling_ends_the_plan_with_the_paid_term(member: Member) -> None:
    """Domain 5.7: cancelled 3 Jun, paid through 12 Jun 10:00; plan credits go then, given ones stay."""
    start, paid_through = datetime(2026, 5, 12, 10, 0, tzinfo=UTC), datetime(2026, 6, 12, 10, 0, tzinfo=UTC)
    subscription = take(member, at=start, paid_through=paid_through)
    wallet = ledger.lock_wallet(member, at=start)
    ledger.grant(
        wallet=wallet,
        amount=10,
        source=Lot.Source.ADMIN,
        priority=Lot.Priority.GIFT,
        expires_at=FOREVER,
        key="k",
        at=start,
    )
    third = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
    preview = plan_changes.preview_of_cancelling(subscription=subscription, at=third)
    assert (preview.takes_effect_at, preview.is_at_once) == (paid_through, False)
    assert (preview.lost_total, preview.kept_total) == (15, 10)
    assert subscriptions.cancel(subscription=subscription, at=third) == preview.takes_effect_at
    assert settled(member, at=paid_through - timedelta(microseconds=1)) == 25
    assert settled(member, at=paid_through) == preview.kept_total
    assert Subscription.objects.get().ended_at == paid_through
    assert Entry.objects.filter(kind="forfeit").values_list("delta", flat=True).get() == -preview.lost_total


def test_a_plan_without_end_is_cancelled_to_the_running_months_end(member: Member) -> None:
    subscription = take(member)
    ends_at = subscriptions.cancel(subscription=subscription, at=START + timedelta(days=40))
    assert ends_at == datetime(2026, 3, 15, 8, 0, tzinfo=UTC)
    assert settled(member, at=ends_at) == 0
    assert Period.objects.count() == 2


def test_a_yearly_plan_is_cancelled_to_the_years_end_with_allotments_until_then(member: Member) -> None:
    subscription = take(member, interval="year")
    ends_at = subscriptions.cancel(subscription=subscription, at=START + timedelta(days=40))
    assert ends_at == datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
    settled(member, at=ends_at + timedelta(days=100))
    assert Period.objects.count() == 12


def test_cancelling_twice_is_cancelling_once(member: Member) -> None:
    subscription = take(member)
    first = subscriptions.cancel(subscription=subscription, at=START + timedelta(days=1))
    assert subscriptions.cancel(subscription=subscription, at=START + timedelta(days=2)) == first


def test_in_the_grace_of_a_missed_payment_cancelling_ends_at_once(member: Member) -> None:
    paid_through = datetime(2026, 2, 15, 8, 0, tzinfo=UTC)
    subscription = take(member, paid_through=paid_through)
    third_day = paid_through + timedelta(days=3)
    assert plan_changes.preview_of_cancelling(subscription=subscription, at=third_day).is_at_once
    assert subscriptions.cancel(subscription=subscription, at=third_day) == third_day
    assert standing(member, at=third_day).balance == 0
    assert subscriptions.running(member, at=third_day) is None


def test_a_cancellation_is_taken_back(member: Member) -> None:
    subscription = take(member)
    subscriptions.cancel(subscription=subscription, at=START + timedelta(days=1))
    assert Subscription.objects.get().renews_at is None
    subscriptions.resume(subscription=subscription, at=START + timedelta(days=2))
    assert Subscription.objects.get().renews_at == datetime(2026, 2, 15, 8, 0, tzinfo=UTC)
    assert settled(member, at=START + timedelta(days=40)) == 30


def test_what_has_ended_is_neither_cancelled_nor_resumed_nor_paid(member: Member, staff: Member) -> None:
    subscription = take(member)
    ends_at = subscriptions.cancel(subscription=subscription, at=START)
    for verb in (subscriptions.cancel, subscriptions.resume):
        with pytest.raises(NotRunning, match="This plan has ended"):
            verb(subscription=subscription, at=ends_at)
    with pytest.raises(NotRunning):
        subscriptions.pay_through(subscription=subscription, until=FOREVER, actor=staff, at=ends_at)


# --- Paying on ----------------------------------------------------------------------------------


def test_a_payment_within_the_grace_grants_the_missed_period_with_its_true_date(member: Member, staff: Member) -> None:
    paid_through = datetime(2026, 2, 15, 8, 0, tzinfo=UTC)
    subscription = take(member, paid_through=paid_through)
    fifth_day = paid_through + timedelta(days=5)
    assert settled(member, at=fifth_day) == 15
    until = datetime(2026, 3, 15, 8, 0, tzinfo=UTC)
    subscriptions.pay_through(subscription=subscription, until=until, actor=staff, at=fifth_day)
    assert settled(member, at=fifth_day) == 30
    assert Period.objects.get(n=1).starts_at == paid_through
    assert Lot.objects.get(period__n=1).effective_at == paid_through


def test_an_unpaid_plan_ends_after_seven_days(member: Member) -> None:
    paid_through = datetime(2026, 2, 15, 8, 0, tzinfo=UTC)
    take(member, paid_through=paid_through)
    grace_end = paid_through + timedelta(days=7)
    assert subscriptions.running(member, at=grace_end - timedelta(microseconds=1)) is not None
    assert subscriptions.running(member, at=grace_end) is None
    assert settled(member, at=grace_end) == 0


def test_a_past_day_or_a_cancelled_plan_takes_no_payment(member: Member, staff: Member) -> None:
    subscription = take(member)
    with pytest.raises(SubscriptionRefused, match="That day is past"):
        subscriptions.pay_through(subscription=subscription, until=START, actor=staff, at=START)
    subscriptions.cancel(subscription=subscription, at=START)
    with pytest.raises(SubscriptionRefused, match="Take the cancellation back first"):
        subscriptions.pay_through(subscription=subscription, until=FOREVER, actor=staff, at=START)


# --- Asking -------------------------------------------------------------------------------------


def ask(member: Member, code: str = "premium-career", interval: str = "year") -> PlanRequest:
    plan = version_in_force(code, at=START).plan
    return plan_requests.ask_for_plan(member=member, plan=plan, interval=interval, at=START)


def test_asking_twice_is_asking_once(member: Member) -> None:
    assert ask(member) == ask(member)
    with pytest.raises(AlreadyAsked):
        ask(member, "premium-business")
    assert PlanRequest.objects.count() == 1


def test_free_a_withdrawn_plan_and_a_second_plan_cannot_be_asked_for(member: Member) -> None:
    with pytest.raises(NotOffered):
        ask(member, "free")
    plan = version_in_force("recruiter-lite", at=START).plan
    plan.is_offered = False
    plan.save(update_fields=["is_offered"])
    with pytest.raises(NotOffered):
        ask(member, "recruiter-lite")
    take(member)
    with pytest.raises(AlreadySubscribed, match="You already hold Business"):
        ask(member)
    assert not PlanRequest.objects.exists()


def test_a_confirmed_request_starts_the_plan_on_the_terms_that_were_shown(member: Member, staff: Member) -> None:
    request = ask(member)
    old = version_in_force("premium-career", at=START)
    old.plan.versions.create(
        number=2,
        in_force_from=START + timedelta(hours=1),
        approved_at=START,
        allotment=3,
        is_paid=True,
        inmail_daily_cap=1,
        digest="dearer",
    )
    later = START + timedelta(days=1)
    subscription = plan_requests.confirm_request(request=request, actor=staff, at=later)
    assert (subscription.plan_version, subscription.interval, subscription.started_by) == (old, "year", staff)
    assert standing(member, at=later).balance == 5
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.decided_at) == ("confirmed", staff, later)


@pytest.mark.parametrize("first", ["withdraw", "decline", "confirm"])
def test_the_first_decision_wins(member: Member, staff: Member, first: str) -> None:
    request = ask(member)
    decide = {
        "withdraw": lambda: plan_requests.withdraw_request(request=request, at=START),
        "decline": lambda: plan_requests.decline_request(request=request, actor=staff, at=START),
        "confirm": lambda: plan_requests.confirm_request(request=request, actor=staff, at=START),
    }
    decide[first]()
    for verb in decide.values():
        with pytest.raises(RequestDecided):
            verb()
    assert Subscription.objects.count() == (first == "confirm")


def test_a_request_that_cannot_be_confirmed_goes_on_waiting(member: Member, staff: Member) -> None:
    request = ask(member)
    Wallet.objects.create(member=member, opened_at=START)
    terms = version_in_force("premium-business", at=START)
    Subscription.objects.create(wallet=member.wallet, plan_version=terms, anchor_at=START, paid_through=FOREVER)
    with pytest.raises(AlreadySubscribed):
        plan_requests.confirm_request(request=request, actor=staff, at=START)
    assert PlanRequest.objects.get().state == "waiting"


def test_a_plan_given_by_staff_answers_what_the_member_asked(member: Member, staff: Member) -> None:
    ask(member)
    take(member, "premium-business", started_by=staff)
    request = PlanRequest.objects.get()
    assert (request.state, request.decided_by) == ("declined", staff)
