"""How long credits last at the member's pace: said from ten sends on, honest about returns, ends and what arrives."""

from datetime import timedelta

import pytest

from billing import forecast as forecasting
from billing.lot_line import lot_line
from billing.models import Subscription
from billing.standing import standing
from billing.views.credits import expiring
from tests.billing import world
from tests.billing.world import AT, DAY, HOUR

pytestmark = pytest.mark.django_db


def send(member, number, *, over, policy):
    return [world.charge(member, at=AT + over * index / number, policy=policy) for index in range(number)]


def forecast(member, *, at):
    return forecasting.forecast(member, standing(member, at=at), at=at)


@pytest.fixture
def policy(db):
    return world.make_policy()


def test_under_ten_sends_nothing_is_said(policy):
    member = world.make_payer()
    world.give(member, 30, at=AT)
    send(member, 9, over=20 * DAY, policy=policy)
    assert forecast(member, at=AT + 20 * DAY) is None
    send_last = world.charge(member, at=AT + 20 * DAY, policy=policy)
    assert forecast(member, at=AT + 20 * DAY).sent == 10
    assert send_last.cost == 1


def test_without_more_to_come_it_names_the_day(policy):
    """20 in 20 days: the 10 that are left go in 10 more."""
    member = world.make_payer()
    world.give(member, 30, at=AT)
    send(member, 20, over=20 * DAY, policy=policy)
    told = forecast(member, at=AT + 20 * DAY - HOUR)
    assert (told.sent, told.days, told.used, told.has_next) == (20, 20, 20, False)
    assert told.runs_out_at == AT + 30 * DAY - HOUR


def test_what_arrives_before_they_are_used_up_is_the_day_that_counts(policy):
    member = world.make_payer()
    world.subscribe(member, world.make_terms(allotment=50, cap=None), at=AT)
    send(member, 20, over=20 * DAY, policy=policy)
    told = forecast(member, at=AT + 20 * DAY)
    assert (told.runs_out_at, told.until, told.has_next) == (None, AT + 31 * DAY, True)


def test_answers_make_credits_last_longer(policy):
    member = world.make_payer()
    world.give(member, 20, at=AT, life=500 * DAY)
    charges = send(member, 16, over=16 * DAY, policy=policy)
    world.answer(charges, at=AT + 16 * DAY, policy=policy)
    world.settle(member, at=AT + 16 * DAY)
    told = forecast(member, at=AT + 16 * DAY)
    assert (told.used, told.runs_out_at) == (0, None)


def test_credits_that_end_are_not_counted_on(policy):
    member = world.make_payer()
    world.give(member, 12, at=AT, life=25 * DAY)
    send(member, 10, over=20 * DAY, policy=policy)
    world.give(member, 40, at=AT + 20 * DAY, life=3 * DAY)
    assert forecast(member, at=AT + 20 * DAY).runs_out_at == AT + 25 * DAY


def test_the_line_of_time_ends_with_the_last_lot_or_the_cancelled_plan(policy):
    member = world.make_payer()
    subscription = world.subscribe(member, world.make_terms(credit_life_days=90), at=AT)
    world.give(member, 2, at=AT, life=45 * DAY)
    line = lot_line(standing(member, at=AT), subscription, at=AT)
    assert [(bar.credits, bar.width, bar.is_plans) for bar in line.bars] == [(15, 100, True), (2, 50, False)]

    world.change(subscription, at=AT, cancel_at=AT + 9 * DAY)
    held = Subscription.objects.get()
    line = lot_line(standing(member, at=AT), held, at=AT)
    assert [(bar.width, bar.with_plan) for bar in line.bars] == [(20, True), (100, False)]
    assert line.until == AT + 45 * DAY


@pytest.mark.parametrize("on_cancel", ["keep", "forfeit"])
def test_bought_credits_end_with_a_cancelled_plan_where_the_policy_says_so(db, on_cancel):
    world.make_policy(purchased_on_cancel=on_cancel)
    member = world.make_payer()
    subscription = world.subscribe(member, world.make_terms(credit_life_days=90), at=AT)
    world.buy(member, 4, at=AT)
    world.change(subscription, at=AT, cancel_at=AT + 5 * DAY)
    held, now_held = Subscription.objects.get(), standing(member, at=AT)
    ends_too = on_cancel == "forfeit"
    assert [bar.with_plan for bar in lot_line(now_held, held, at=AT).bars] == [True, ends_too]
    assert expiring(now_held, held, at=AT) == {"credits": 19 if ends_too else 15, "by": AT + 5 * DAY}


def test_a_short_life_does_not_fill_the_line_and_an_endless_one_does(policy):
    member = world.make_payer()
    world.give(member, 1, at=AT, life=timedelta(days=3))
    world.give(member, 1, at=AT, life=forecasting.HORIZON * 8)
    short = world.make_payer()
    world.give(short, 1, at=AT, life=timedelta(days=3))
    assert lot_line(standing(short, at=AT), None, at=AT).bars[0].width == 10
    assert lot_line(standing(member, at=AT), None, at=AT).bars[0].width == 1
