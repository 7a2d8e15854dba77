"""A clock that is not likely stops the sweeps, never the members."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts import clock
from accounts.models import JobRun
from billing import clock_guard, tasks
from billing.models import Entry
from tests.billing import world
from tests.billing.world import AT, DAY, MICROSECOND

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def payer():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=AT)
    return member


def sweep(at) -> None:
    with clock.set_to(at):
        tasks.renew_due_allotments()


def stopped(at) -> bool:
    try:
        sweep(at)
    except clock_guard.ClockGap:
        return True
    return False


@pytest.mark.parametrize(
    ("gap", "is_stopped"),
    [
        (timedelta(minutes=-5), False),
        (timedelta(minutes=-5) - MICROSECOND, True),
        (45 * DAY, False),
        (45 * DAY + MICROSECOND, True),
    ],
)
def test_five_minutes_back_and_forty_five_days_ahead_are_the_limits(gap, is_stopped):
    sweep(AT + DAY)
    assert stopped(AT + DAY + gap) is is_stopped


def test_the_first_run_ever_has_nothing_to_compare():
    assert not stopped(AT + 500 * DAY)


def test_a_stopped_sweep_writes_nothing_and_says_what_to_do(payer):
    sweep(AT)
    assert stopped(AT + 60 * DAY)
    assert Entry.objects.count() == 1
    run = JobRun.objects.latest("id")
    assert run.succeeded is False
    assert "manage.py confirm_clock_gap" in run.outcome


def test_after_three_months_without_a_worker_one_command_lets_it_go_on(payer):
    sweep(AT)
    back = AT + 92 * DAY
    assert stopped(back)
    with clock.set_to(back):
        call_command("confirm_clock_gap", verbosity=0)
    sweep(back)
    assert [kind for kind, *_ in world.journal(payer)].count("grant") == 4
    before = world.journal(payer)
    sweep(back)
    assert world.journal(payer) == before


def test_a_correction_backwards_is_confirmed_likewise(payer):
    sweep(AT + 30 * DAY)
    assert stopped(AT + DAY)
    with clock.set_to(AT + DAY):
        call_command("confirm_clock_gap", verbosity=0)
    assert not stopped(AT + DAY)
    assert not stopped(AT + 2 * DAY)
    assert stopped(AT + 60 * DAY), "counted from the last run since the confirmation"


def test_members_own_operations_go_on(payer):
    sweep(AT)
    assert stopped(AT + 60 * DAY)
    assert world.charge(payer, at=AT + 60 * DAY).cost == 1
    assert world.balance(payer) == 44


def test_every_sweep_is_guarded():
    for task in [tasks.renew_due_allotments, tasks.refund_answered_charges, tasks.expire_lots]:
        with clock.set_to(AT):
            task()
        with clock.set_to(AT + 60 * DAY), pytest.raises(clock_guard.ClockGap):
            task()
