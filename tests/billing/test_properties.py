"""Whatever members do and wherever worker runs fall, the journal is that of a plain list of lots (R17)."""

import os
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from billing import audit, ledger, refunds, sweeps
from billing.models import Entry, Wallet
from billing.standing import standing
from tests.billing import world
from tests.billing.plain_ledger import NEVER, PlainLedger, Terms
from tests.billing.world import DAY, MICROSECOND

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

IS_DEEP = os.environ.get("POSTERN_DEEP") == "1"

TERMS = [
    Terms(allotment=5, renewal="reset", credit_life_days=None),
    Terms(allotment=5, credit_life_days=90, cap=12),
    Terms(allotment=3, credit_life_days=20, cap=3, allotment_clock="calendar_month"),
    Terms(allotment=4, credit_life_days=None, cap=9),
    Terms(allotment=0),
]
# Short steps, months, the exact lengths at which something ends, and those a microsecond off.
STEPS = st.one_of(
    st.sampled_from(
        [timedelta(0), MICROSECOND, timedelta(seconds=10), 7 * DAY, 20 * DAY, 30 * DAY, 31 * DAY, 90 * DAY]
    ),
    st.integers(1, 40).map(lambda days: days * DAY),
    st.integers(1, 10**9).map(lambda number: number * MICROSECOND),
)
ANCHORS = ["2026-01-31 09:30", "2028-02-29 00:00", "2026-04-01 00:00", "2026-12-15 23:59"]


class LedgerMachine(RuleBasedStateMachine):
    """The real ledger, with a worker that runs now and then, beside the plain one, which has none."""

    @initialize(anchor=st.sampled_from(ANCHORS))
    def begin(self, anchor):
        self.plain, self.at = PlainLedger(), world.moment(anchor)
        self.member, self.policy = world.make_payer(), world.make_policy()
        self.subscription, self.references = None, []
        world.settle(self.member, at=self.at)

    @rule(step=STEPS)
    def time_passes(self, step):
        self.at += step

    @rule(terms=st.sampled_from(TERMS), paid=st.sampled_from([None, 30, 65]))
    def take_a_plan(self, terms, paid):
        world.settle(self.member, at=self.at)
        self.plain.settle(self.at)
        assert (self.plain.plan is None) == (self._running() is None)
        if self.plain.plan is None:
            paid_through = NEVER if paid is None else self.at + paid * DAY
            facts = asdict(terms)
            self.plain.subscribe(terms, paid_through, self.at)
            at = self.plain.plan.anchor if self.plain.plan else self.at
            self.subscription = world.subscribe(
                self.member, world.make_terms(**facts), at=at, paid_through=paid_through
            )

    @precondition(lambda self: self.subscription)
    @rule(days=st.integers(0, 45))
    def cancel(self, days):
        self._change(cancelled=self.at + days * DAY)

    @precondition(lambda self: self.subscription)
    @rule()
    def take_the_cancellation_back(self):
        self._change(cancelled=None)

    @precondition(lambda self: self.subscription)
    @rule(days=st.integers(1, 70))
    def pay(self, days):
        self.plain.settle(self.at)
        if self.plain.plan and self.plain.plan.paid != NEVER:
            self._change(paid=max(self.plain.plan.paid, self.at) + days * DAY)

    @rule(amount=st.integers(1, 4), life=st.integers(1, 60))
    def receive_a_gift(self, amount, life):
        world.give(self.member, amount, at=self.at, life=life * DAY)
        self.plain.give(amount, life * DAY, self.at)

    @rule(cost=st.integers(1, 4))
    def send(self, cost):
        reference = f"{self.member.pk}-{len(self.references)}"
        try:
            world.charge(self.member, at=self.at, policy=self.policy, cost=cost, reference=reference)
            is_sent = True
        except ledger.NotEnoughCredits:
            is_sent = False
        assert self.plain.charge(reference, cost, self.at) is is_sent
        if is_sent:
            self.references.append(reference)

    @precondition(lambda self: self.references)
    @rule(data=st.data(), delay=st.sampled_from([timedelta(0), timedelta(seconds=10), 40 * DAY, None]))
    def be_answered(self, data, delay):
        """A return is due at once, after a tap's ten seconds, late, or (None) just when something else is."""
        reference = data.draw(st.sampled_from(self.references))
        if delay is None:
            self.plain.settle(self.at)
            delay = data.draw(st.sampled_from(sorted({moment for moment, _, _ in self.plain.waiting()}))) - self.at
        with transaction.atomic():
            refunds.mark_answered(
                references=[reference],
                answer="reply",
                answered_at=self.at,
                due_at=self.at + delay,
                policy=self.policy,
            )
        self.plain.answer(reference, self.at, self.at + delay)

    @precondition(lambda self: self.references)
    @rule(data=st.data())
    def have_the_answer_taken_back(self, data):
        reference = data.draw(st.sampled_from(self.references))
        world.settle(self.member, at=self.at)
        self.plain.settle(self.at)
        with transaction.atomic():
            refunds.take_back(references=[reference])
        self.plain.take_back(reference)

    @precondition(lambda self: self.references)
    @rule(data=st.data())
    def undo(self, data):
        reference = data.draw(st.sampled_from(self.references))
        with transaction.atomic():
            ledger.reverse(reference=reference, reason="undone", at=self.at)
        self.plain.reverse(reference, self.at)

    @rule()
    def the_worker_runs(self):
        refunds.return_due(at=self.at)
        sweeps.renew(at=self.at)
        sweeps.expire(at=self.at)

    @rule()
    def the_member_looks(self):
        entries = Entry.objects.count()
        seen = standing(self.member, at=self.at).balance
        assert Entry.objects.count() == entries
        world.settle(self.member, at=self.at)
        assert seen == self.plain.balance(self.at) == world.balance(self.member)

    def teardown(self):
        if not hasattr(self, "member"):
            return
        world.settle(self.member, at=self.at)
        self.plain.settle(self.at)
        assert world.journal(self.member) == self.plain.lines
        assert audit.verify(at=self.at, after=Wallet.objects.get(member=self.member).pk - 1).breaches == []

    def _running(self):
        return self.member.wallet.subscriptions.running().first()

    def _change(self, **facts):
        """The same change to both, if the plan still runs."""
        world.settle(self.member, at=self.at)
        self.plain.settle(self.at)
        if self.plain.plan is None:
            return
        names = {"cancelled": "cancel_at", "paid": "paid_through"}
        world.change(self.subscription, at=self.at, **{names[name]: value for name, value in facts.items()})
        for name, value in facts.items():
            setattr(self.plain.plan, name, value)
        self.plain.settle(self.at)


def test_the_ledger_agrees_with_a_plain_list_of_lots():
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=400 if IS_DEEP else 25,
            stateful_step_count=60 if IS_DEEP else 30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
