"""One member's wallet twice: the real ledger, with a worker that runs now and then, and the plain one, without."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from billing import audit, ledger, refunds, sweeps
from billing.models import Entry, Subscription, Wallet
from billing.standing import standing
from tests.billing import world
from tests.billing.plain_ledger import NEVER, PlainLedger, Terms
from tests.billing.world import DAY

TERMS = [
    Terms(allotment=5, renewal="reset", credit_life_days=None),
    Terms(allotment=5, credit_life_days=90, cap=12),
    Terms(allotment=3, credit_life_days=20, cap=3, allotment_clock="calendar_month"),
    Terms(allotment=4, credit_life_days=None, cap=9),
    Terms(allotment=0),
]
ANCHORS = ["2026-01-31 09:30", "2028-02-29 00:00", "2026-04-01 00:00", "2026-12-15 23:59"]


class Twin:
    """Every act is done to both; what they answer is compared at once, their journals at the end."""

    def __init__(self, at: datetime) -> None:
        self.at, self.plain = at, PlainLedger()
        self.member, self.policy = world.make_payer(), world.make_policy()
        self.subscription: Subscription | None = None
        self.references: list[str] = []
        self.settle()

    def settle(self) -> None:
        world.settle(self.member, at=self.at)
        self.plain.settle(self.at)

    def next_moments(self) -> list[datetime]:
        """When something falls due, as things stand."""
        self.plain.settle(self.at)
        return sorted({moment for moment, _, _ in self.plain.waiting() if moment < NEVER})

    def take_a_plan(self, terms: Terms, paid_days: int | None) -> None:
        self.settle()
        assert (self.plain.plan is None) == (not self.member.wallet.subscriptions.running().exists())
        if self.plain.plan is None:
            paid = NEVER if paid_days is None else self.at + paid_days * DAY
            anchor = self.plain.now(self.at)
            self.plain.subscribe(terms, paid, self.at)
            made = world.make_terms(**asdict(terms))
            self.subscription = world.subscribe(self.member, made, at=anchor, paid_through=paid)

    def cancel(self, days: int) -> None:
        self._change(cancel_at=self.at + days * DAY)

    def take_the_cancellation_back(self) -> None:
        self._change(cancel_at=None)

    def pay(self, days: int) -> None:
        self.plain.settle(self.at)
        if self.plain.plan and self.plain.plan.paid != NEVER:
            self._change(paid_through=max(self.plain.plan.paid, self.at) + days * DAY)

    def receive_a_gift(self, amount: int, days: int) -> None:
        world.give(self.member, amount, at=self.at, life=days * DAY)
        self.plain.give(amount, days * DAY, self.at)

    def send(self, cost: int) -> None:
        reference = f"{self.member.pk}-{len(self.references)}"
        try:
            world.charge(self.member, at=self.at, policy=self.policy, cost=cost, reference=reference)
            is_sent = True
        except ledger.NotEnoughCredits:
            is_sent = False
        assert self.plain.charge(reference, cost, self.at) is is_sent
        if is_sent:
            self.references.append(reference)

    def be_answered(self, reference: str, delay: timedelta) -> None:
        with transaction.atomic():
            refunds.mark_answered(
                references=[reference],
                answer="reply",
                answered_at=self.at,
                due_at=self.at + delay,
                policy=self.policy,
            )
        self.plain.answer(reference, self.at, self.at + delay)

    def have_the_answer_taken_back(self, reference: str) -> None:
        self.settle()
        with transaction.atomic():
            refunds.take_back(references=[reference])
        self.plain.take_back(reference)

    def undo(self, reference: str) -> None:
        with transaction.atomic():
            ledger.reverse(reference=reference, reason="undone", at=self.at)
        self.plain.reverse(reference, self.at)

    def let_the_worker_run(self) -> None:
        refunds.return_due(at=self.at)
        sweeps.renew(at=self.at)
        sweeps.expire(at=self.at)

    def look(self) -> None:
        """The standing before anything is posted is the balance after."""
        entries = Entry.objects.count()
        seen = standing(self.member, at=self.at).balance
        assert Entry.objects.count() == entries
        world.settle(self.member, at=self.at)
        assert seen == self.plain.balance(self.at) == world.balance(self.member)

    def compare(self) -> None:
        self.settle()
        assert world.journal(self.member) == self.plain.lines
        assert audit.verify(at=self.at, after=Wallet.objects.get(member=self.member).pk - 1).breaches == []

    def _change(self, **dates: datetime | None) -> None:
        """The same change to both, if the plan still runs."""
        self.settle()
        if self.plain.plan is None or self.subscription is None:
            return
        world.change(self.subscription, at=self.at, **dates)
        names = {"cancel_at": "cancelled", "paid_through": "paid"}
        for name, value in dates.items():
            setattr(self.plain.plan, names[name], value)
        self.plain.settle(self.at)
