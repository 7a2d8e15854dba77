"""Whatever members do and wherever worker runs fall, the journal is that of a plain list of lots (R17)."""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.billing.twin import ANCHORS, TERMS, Twin
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

    @initialize(anchor=st.sampled_from(ANCHORS), terms=st.sampled_from(TERMS))
    def begin(self, anchor, terms):
        self.twin = Twin(moment(anchor))
        self.twin.take_a_plan(terms, None)

    def teardown(self):
        if hasattr(self, "twin"):
            self.twin.compare()

    has_sent = precondition(lambda self: self.twin.references)

    def reference(self, data):
        return data.draw(st.sampled_from(self.twin.references))

    @rule(step=STEPS)
    def time_passes(self, step):
        self.twin.at += step

    @rule(data=st.data())
    def time_passes_until_something_is_due(self, data):
        if moments := self.twin.next_moments():
            off = data.draw(st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND]))
            self.twin.at = max(self.twin.at, data.draw(st.sampled_from(moments)) + off)

    @rule(terms=st.sampled_from(TERMS), paid_days=st.sampled_from([None, 30, 65]))
    def take_a_plan(self, terms, paid_days):
        self.twin.take_a_plan(terms, paid_days)

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
