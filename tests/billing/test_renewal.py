"""What a plan gives each month, what it trims, and what is made up after a pause."""

from datetime import timedelta

import pytest

from accounts.clock import FOREVER
from billing import sweeps
from billing.models import Lot, Period, Subscription
from billing.standing import standing
from tests.billing import world
from tests.billing.world import DAY, MICROSECOND, moment

pytestmark = pytest.mark.django_db

RESET = {"renewal": "reset", "credit_life_days": None, "cap": None}


def alive(member, at):
    lots = Lot.objects.filter(wallet__member=member).alive(at).filter(remaining__gt=0).order_by("expires_at")
    return [(lot.remaining, f"{lot.expires_at:%d %b %H:%M}") for lot in lots]


def grants(member):
    return [(delta, f"{at:%d %b %H:%M}") for kind, delta, at, _ in world.journal(member) if kind == "grant"]


@pytest.mark.parametrize("by", ["worker", "member"])
def test_three_missed_months_are_made_up_with_their_true_dates(by):
    """Business from 15 January 08:00, the worker dead from 20 January to 20 April (domain 5.6)."""
    member = world.make_payer()
    world.subscribe(member, world.make_terms(allotment=15, credit_life_days=90, cap=45), at=moment("2026-01-15 08:00"))
    back = moment("2026-04-20 08:00")
    if by == "worker":
        sweeps.renew(at=back)
    else:
        world.settle(member, at=back)
    assert grants(member) == [(15, "15 Jan 08:00"), (15, "15 Feb 08:00"), (15, "15 Mar 08:00"), (15, "15 Apr 08:00")]
    assert ("expire", -15, moment("2026-04-15 08:00"), 30) in world.journal(member)
    assert alive(member, back) == [(15, "16 May 08:00"), (15, "13 Jun 08:00"), (15, "14 Jul 08:00")]
    assert list(Period.objects.order_by("n").values_list("n", flat=True)) == [0, 1, 2, 3]


def test_the_same_pause_under_reset_leaves_one_allotment():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(**RESET), at=moment("2026-01-15 08:00"))
    sweeps.renew(at=moment("2026-04-20 08:00"))
    assert [kind for kind, *_ in world.journal(member)] == ["grant"] + ["expire", "grant"] * 3
    assert alive(member, moment("2026-04-20 08:00")) == [(15, "15 May 08:00")]


def test_a_second_run_does_nothing():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=moment("2026-01-15 08:00"))
    at = moment("2026-04-20 08:00")
    assert sweeps.renew(at=at)
    before = world.journal(member)
    assert not sweeps.renew(at=at)
    assert not sweeps.expire(at=at)
    assert world.journal(member) == before


def test_reset_keeps_gifts_and_starts_the_plan_credits_anew():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(**RESET), at=moment("2026-01-15 08:00"))
    world.give(member, 3, at=moment("2026-01-16 08:00"))
    for day in range(10):
        world.charge(member, at=moment("2026-01-17 08:00") + day * DAY)
    world.settle(member, at=moment("2026-02-15 08:00"))
    assert world.journal(member)[-2:] == [
        ("expire", -5, moment("2026-02-15 08:00"), 3),
        ("grant", 15, moment("2026-02-15 08:00"), 18),
    ]


@pytest.mark.parametrize(("late", "balance"), [(-MICROSECOND, 15), (timedelta(0), 30)])
def test_a_period_starts_at_its_instant_not_before(late, balance):
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=moment("2026-01-31 09:30"))
    world.settle(member, at=moment("2026-02-28 09:30") + late)
    assert world.balance(member) == balance


def test_a_return_may_pass_the_cap_and_the_next_renewal_trims_what_ends_first():
    """Recruiter Lite at 112, 10 returned: 122; renewal 30 = 152, trim 32 = 120 (domain 5.6)."""
    member, policy = world.make_payer(), world.make_policy()
    terms = world.make_terms(allotment=30, credit_life_days=None, cap=120)
    world.subscribe(member, terms, at=moment("2026-01-10 00:00"))
    answered = [world.charge(member, at=moment("2026-04-11 00:00"), policy=policy) for _ in range(10)]
    world.settle(member, at=moment("2026-05-10 00:00"))
    assert world.balance(member) == 120
    world.charge(member, at=moment("2026-05-11 00:00"), cost=8)
    world.answer(answered, at=moment("2026-05-12 00:00"), policy=policy)
    world.settle(member, at=moment("2026-05-12 00:00"))
    assert world.balance(member) == 122
    world.settle(member, at=moment("2026-06-10 00:00"))
    at_renewal = [delta for kind, delta, at, _ in world.journal(member) if at == moment("2026-06-10 00:00")]
    assert (at_renewal[0], sum(at_renewal[1:])) == (30, -32)
    assert world.balance(member) == 120


def test_four_lots_of_ninety_days_are_trimmed_to_the_cap_from_the_oldest():
    """Three months can be shorter than 90 days: 1 December to 1 March is 90, 1 January to 1 April is 90 and later."""
    member = world.make_payer()
    world.subscribe(member, world.make_terms(allotment=15, credit_life_days=95, cap=45), at=moment("2026-02-01 00:00"))
    world.settle(member, at=moment("2026-05-01 00:00"))
    assert world.journal(member)[-1] == ("trim", -15, moment("2026-05-01 00:00"), 45)
    assert Lot.objects.order_by("id").first().closed_at == moment("2026-05-01 00:00")


def test_by_calendar_month_the_first_allotment_is_full_at_once():
    member = world.make_payer()
    world.subscribe(
        member, world.make_terms(allotment=50, cap=150, allotment_clock="calendar_month"), at=moment("2026-04-20 10:00")
    )
    world.settle(member, at=moment("2026-05-01 00:00"))
    assert grants(member) == [(50, "20 Apr 10:00"), (50, "01 May 00:00")]


def test_prorated_it_gives_the_days_that_are_left():
    member = world.make_payer()
    terms = world.make_terms(allotment=50, cap=150, allotment_clock="calendar_month", first_partial_month="prorated")
    world.subscribe(member, terms, at=moment("2026-04-20 10:00"))
    assert grants(member) == [(19, "20 Apr 10:00")]


def test_an_allotment_of_nothing_makes_a_period_without_a_lot():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(allotment=0, cap=None), at=moment("2026-01-01 00:00"))
    world.settle(member, at=moment("2026-02-01 00:00"))
    assert list(Period.objects.values_list("n", "lot").order_by("n")) == [(0, None), (1, None)]
    assert world.journal(member) == []


def test_at_one_instant_lots_expire_then_periods_start_then_returns_come():
    member, policy = world.make_payer(), world.make_policy()
    world.subscribe(member, world.make_terms(**RESET), at=moment("2026-01-15 08:00"))
    charge = world.charge(member, at=moment("2026-01-16 08:00"), policy=policy)
    at = moment("2026-02-15 08:00")
    world.answer([charge], at=at, policy=policy)
    world.settle(member, at=at)
    assert world.journal(member)[2:] == [("expire", -14, at, 0), ("grant", 15, at, 15), ("refund", 1, at, 16)]


def test_a_plan_that_ends_when_a_return_is_due_takes_the_return_with_it():
    member, policy = world.make_payer(), world.make_policy()
    held = world.subscribe(member, world.make_terms(), at=moment("2026-01-15 08:00"))
    charge = world.charge(member, at=moment("2026-01-16 08:00"), policy=policy)
    at = moment("2026-02-15 08:00")
    world.change(held, at=moment("2026-01-17 08:00"), cancel_at=at)
    world.answer([charge], at=at, policy=policy)
    world.settle(member, at=at)
    assert world.journal(member)[2:] == [("forfeit", -14, at, 0), ("refund", 1, at, 1), ("forfeit", -1, at, 0)]


# --- Paid, unpaid, cancelled --------------------------------------------------------------------


def test_no_period_starts_at_or_after_what_is_paid():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=moment("2026-01-15 08:00"), paid_through=moment("2026-02-15 08:00"))
    world.settle(member, at=moment("2026-02-20 08:00"))
    assert grants(member) == [(15, "15 Jan 08:00")]
    assert Subscription.objects.running().exists()


def test_paid_within_the_grace_the_missed_period_has_its_true_dates():
    member = world.make_payer()
    held = world.subscribe(
        member, world.make_terms(), at=moment("2026-01-15 08:00"), paid_through=moment("2026-02-15 08:00")
    )
    world.change(held, at=moment("2026-02-20 08:00"), paid_through=moment("2026-03-15 08:00"))
    lot = Lot.objects.latest("id")
    assert (lot.effective_at, lot.expires_at) == (moment("2026-02-15 08:00"), moment("2026-05-16 08:00"))
    assert Period.objects.get(n=1).starts_at == moment("2026-02-15 08:00")


@pytest.mark.parametrize(("late", "is_running"), [(-MICROSECOND, True), (timedelta(0), False), (MICROSECOND, False)])
def test_unpaid_it_ends_after_seven_days_and_its_credits_are_lost(late, is_running):
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=moment("2026-01-15 08:00"), paid_through=moment("2026-02-15 08:00"))
    world.give(member, 2, at=moment("2026-01-15 08:00"))
    sweeps.renew(at=moment("2026-02-22 08:00") + late)
    assert Subscription.objects.running().exists() is is_running
    assert world.balance(member) == (17 if is_running else 2)
    if not is_running:
        assert Subscription.objects.get().ended_at == moment("2026-02-22 08:00")
        assert world.journal(member)[-1] == ("forfeit", -15, moment("2026-02-22 08:00"), 2)


def test_a_plan_without_a_credit_left_ends_as_well():
    member = world.make_payer()
    held = world.subscribe(member, world.make_terms(allotment=0, cap=None), at=moment("2026-01-15 08:00"))
    world.change(held, at=moment("2026-01-20 08:00"), cancel_at=moment("2026-02-01 08:00"))
    sweeps.renew(at=moment("2026-02-01 08:00"))
    held.refresh_from_db()
    assert (held.ended_at, held.renews_at) == (moment("2026-02-01 08:00"), None)


def test_cancelled_to_the_terms_end_it_gives_until_then_and_forfeits_there():
    """Cancelled 3 June, paid through 12 June 10:00, 22 plan credits and 10 others (domain 5.7)."""
    member = world.make_payer()
    paid = moment("2026-06-12 10:00")
    held = world.subscribe(member, world.make_terms(allotment=11), at=moment("2026-04-12 10:00"), paid_through=paid)
    world.give(member, 10, at=moment("2026-04-12 10:00"))
    world.change(held, at=moment("2026-06-03 00:00"), cancel_at=paid)
    assert world.balance(member) == 32
    world.settle(member, at=paid)
    assert world.balance(member) == 10
    held.refresh_from_db()
    assert (held.ended_at, held.renews_at) == (paid, None)


def test_a_cancellation_taken_back_leaves_no_trace_in_the_journal():
    member = world.make_payer()
    held = world.subscribe(member, world.make_terms(), at=moment("2026-01-15 08:00"))
    world.change(held, at=moment("2026-01-20 08:00"), cancel_at=moment("2026-02-15 08:00"))
    world.change(held, at=moment("2026-02-01 08:00"), cancel_at=None)
    world.settle(member, at=moment("2026-02-15 08:00"))
    assert grants(member) == [(15, "15 Jan 08:00"), (15, "15 Feb 08:00")]


def test_a_new_subscription_does_not_bring_back_what_the_old_one_lost():
    member = world.make_payer()
    terms = world.make_terms()
    held = world.subscribe(member, terms, at=moment("2026-01-15 08:00"))
    world.change(held, at=moment("2026-01-20 08:00"), cancel_at=moment("2026-02-15 08:00"))
    world.subscribe(member, terms, at=moment("2026-02-20 08:00"))
    assert world.balance(member) == 15


def test_a_yearly_plan_cancelled_in_its_fourth_month_gives_all_twelve():
    member = world.make_payer()
    start, end = moment("2026-01-15 08:00"), moment("2027-01-15 08:00")
    held = world.subscribe(member, world.make_terms(), at=start, interval="year", paid_through=end)
    world.change(held, at=moment("2026-05-01 00:00"), cancel_at=end)
    world.settle(member, at=end)
    assert Period.objects.count() == 12
    assert world.balance(member) == 0


# --- Looking ------------------------------------------------------------------------------------


def test_standing_tells_what_is_due_without_writing_it(django_assert_max_num_queries):
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=moment("2026-01-15 08:00"))
    before = world.journal(member)
    with django_assert_max_num_queries(6):
        now = standing(member, at=moment("2026-02-16 08:00"))
    assert (now.balance, now.next_amount, now.next_at) == (30, 15, moment("2026-03-15 08:00"))
    assert world.journal(member) == before


def test_standing_of_a_member_without_a_wallet_is_empty():
    assert standing(world.make_payer(), at=world.AT).balance == 0


def test_a_lot_without_end_is_never_added_to():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(credit_life_days=None), at=moment("2026-01-15 08:00"))
    assert Lot.objects.get().expires_at == FOREVER
