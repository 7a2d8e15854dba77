"""Whatever members do and wherever worker runs fall, the journal is that of a plain list of lots (R17)."""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.billing.twin import ANCHORS, RULES, TERMS, Twin
from tests.billing.world import DAY, MICROSECOND, moment

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

IS_DEEP = os.environ.get("POSTERN_DEEP") == "1"

# Short steps, months, the exact lengths at which something ends, and those a microsecond off.
STEPS = st.one_of(
    st.sampled_from([timedelta(0), MICROSECOND, timedelta(seconds=10), 7 * DAY, 20 * DAY, 31 * DAY, 90 * DAY]),
    st.integers(1, 40).map(lambda days: days * DAY),
    st.integers(1, 10**9).map(lambda number: number * MICROSECOND),
)


class LedgerMachine(RuleBasedStateMachine):
    """Hypothesis chooses what happens, and shortens what fails."""

    @initialize(
        anchor=st.sampled_from(ANCHORS),
        terms=st.sampled_from(TERMS),
        rules=st.sampled_from(RULES),
        is_team=st.booleans(),
    )
    def begin(self, anchor, terms, rules, is_team):
        self.twin = Twin(moment(anchor), rules=rules, is_team=is_team)
        self.twin.take_a_plan(terms, None)

    def teardown(self):
        if hasattr(self, "twin"):
            self.twin.compare()

    has_sent = precondition(lambda self: self.twin.references)
    has_bought = precondition(lambda self: self.twin.bought)

    def reference(self, data):
        return data.draw(st.sampled_from(self.twin.references))

    def purchase(self, data):
        return data.draw(st.integers(0, len(self.twin.bought) - 1))

    @rule(step=STEPS)
    def time_passes(self, step):
        self.twin.at += step

    @rule(step=st.sampled_from([MICROSECOND, timedelta(minutes=5), timedelta(hours=9)]))
    def the_clock_is_set_back(self, step):
        self.twin.go_back(step)

    @rule(data=st.data())
    def time_passes_until_something_is_due(self, data):
        if moments := self.twin.next_moments():
            off = data.draw(st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND]))
            self.twin.at = max(self.twin.at, data.draw(st.sampled_from(moments)) + off)

    @rule(terms=st.sampled_from(TERMS), paid_days=st.sampled_from([None, 30, 65]))
    def take_a_plan(self, terms, paid_days):
        self.twin.take_a_plan(terms, paid_days)

    @rule(terms=st.sampled_from(TERMS), dearer=st.booleans())
    def change_plans(self, terms, dearer):
        self.twin.change_to(terms, dearer=dearer)

    @precondition(lambda self: self.twin.team)
    @rule(number=st.integers(0, 2))
    def park_or_unpark_a_seat(self, number):
        self.twin.park_or_unpark_a_seat(number)

    @rule(days=st.integers(0, 45))
    def cancel(self, days):
        self.twin.cancel(days)

    @rule()
    def take_the_cancellation_back(self):
        self.twin.take_the_cancellation_back()

    @rule(days=st.integers(1, 70))
    def pay(self, days):
        self.twin.pay(days)

    @rule(amount=st.integers(1, 4), days=st.integers(1, 60))
    def receive_a_gift(self, amount, days):
        self.twin.receive_a_gift(amount, days)

    @rule(amount=st.integers(-4, 7).filter(bool), days=st.integers(1, 60))
    def be_adjusted(self, amount, days):
        self.twin.be_adjusted(amount, days)

    @rule(credits=st.integers(1, 6))
    def buy(self, credits):
        self.twin.buy(credits)

    @has_bought
    @rule(data=st.data(), credits=st.integers(1, 6))
    def be_paid_back(self, data, credits):
        self.twin.be_paid_back(self.purchase(data), credits)

    @has_bought
    @rule(data=st.data(), credits=st.integers(1, 6))
    def a_bank_asks_money_back(self, data, credits):
        self.twin.dispute(self.purchase(data), credits)

    @precondition(lambda self: self.twin.disputes)
    @rule(data=st.data(), is_won=st.booleans())
    def the_dispute_is_decided(self, data, is_won):
        self.twin.decide_the_dispute(data.draw(st.sampled_from(sorted(self.twin.disputes))), is_won=is_won)

    @has_bought
    @rule()
    def have_a_debt_written_off(self):
        self.twin.have_a_debt_written_off()

    @rule(cost=st.integers(1, 4))
    def send(self, cost):
        self.twin.send(cost)

    @has_sent
    @rule(data=st.data(), delay=st.sampled_from([timedelta(0), timedelta(seconds=10), 40 * DAY]))
    def be_answered(self, data, delay):
        self.twin.be_answered(self.reference(data), delay)

    @has_sent
    @rule(data=st.data())
    def be_answered_so_that_the_return_meets_something_else(self, data):
        if moments := self.twin.next_moments():
            self.twin.be_answered(self.reference(data), data.draw(st.sampled_from(moments)) - self.twin.at)

    @has_sent
    @rule(data=st.data())
    def have_the_answer_taken_back(self, data):
        self.twin.have_the_answer_taken_back(self.reference(data))

    @has_sent
    @rule(data=st.data())
    def undo(self, data):
        self.twin.undo(self.reference(data))

    @rule()
    def the_worker_runs(self):
        self.twin.let_the_worker_run()

    @rule()
    def the_member_looks(self):
        self.twin.look()


def test_the_ledger_agrees_with_a_plain_list_of_lots():
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=300 if IS_DEEP else 15,
            stateful_step_count=60 if IS_DEEP else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
