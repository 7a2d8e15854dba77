"""One wallet twice: the real ledger, with a worker that runs now and then, and the plain one, without.

The wallet is a member's own, or the pool of a team whose seats come and go.
"""

from copy import deepcopy
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Seat, Team
from billing import adjusting, audit, ledger, plan_changes, purchases, refunds, subscriptions, sweeps
from billing.models import Dispute, Entry, Order, OrderLine, Repayment, Shortfall, Subscription
from billing.standing import standing
from billing.subscriptions import SubscriptionRefused
from tests.billing import world
from tests.billing.plain_ledger import PlainLedger, Rules
from tests.billing.plain_money import Purchase
from tests.billing.plain_plan import NEVER, Terms
from tests.billing.world import DAY

TERMS = [
    Terms(allotment=5, renewal="reset", credit_life_days=None),
    Terms(allotment=5, credit_life_days=90, cap=12),
    Terms(allotment=3, credit_life_days=20, cap=3, allotment_clock="calendar_month"),
    Terms(allotment=4, credit_life_days=None, cap=9),
    Terms(allotment=0),
    Terms(allotment=2, annual_bonus_credits=3, cap=4, interval="year"),
]
RULES = [
    Rules(),
    Rules(on_upgrade="keep", purchased_on_cancel="forfeit", pack_life_days=90, payment_grace_days=3),
    Rules(pack_life_days=20, return_grace_hours=24),
]
ANCHORS = ["2026-01-31 09:30", "2028-02-29 00:00", "2026-04-01 00:00", "2026-12-15 23:59"]
SEATS = 3


class Twin:
    """Every act is done to both; what they answer is compared at once, their journals at the end."""

    def __init__(self, at: datetime, *, rules: Rules | None = None, is_team: bool = False) -> None:
        self.at, self.rules = at, rules or Rules()
        self.plain = PlainLedger(rules=self.rules, seats=SEATS if is_team else 1)
        months = 12 if self.rules.pack_life_days is None else None
        self.member, self.policy = world.make_payer(), world.make_policy(**asdict(self.rules), pack_life_months=months)
        self.staff, self.second = world.make_payer("Olu"), world.make_payer("Ann")
        self.team = Team.objects.create(name="Harbour", founded_at=at) if is_team else None
        self.holder = self.team or self.member
        self.seats = [self._seat(number) for number in range(SEATS)] if self.team else []
        self.references: list[str] = []
        # What was bought, with its twin; the dispute that is open.
        self.bought: list[tuple[OrderLine, Purchase]] = []
        self.disputes: dict[int, Dispute] = {}
        self.causes: dict[str, str] = {}
        self.numbers = count(1)
        self.price = 1_000
        self.settle()

    def _seat(self, number: int) -> Seat:
        member = self.member if number == 0 else world.make_payer()
        return Seat.objects.create(team=self.team, member=member, assigned_at=self.at)

    def settle(self) -> None:
        world.settle(self.holder, at=self.at)
        self.plain.settle(self.at)

    def next_moments(self) -> list[datetime]:
        """When something falls due, as things stand. On a copy: nobody settles because somebody asks."""
        plain = deepcopy(self.plain)
        plain.settle(self.at)
        return sorted({moment for moment, _, _ in plain.waiting() if moment < NEVER})

    def go_back(self, step: timedelta) -> None:
        """The clock is set back; the ledger does not go with it: what a worker posted by then stays posted."""
        self.settle()
        last = self.plain.lines[-1][2] if self.plain.lines else self.at
        self.at = max(self.at - step, min(self.at, last - 12 * world.HOUR))

    # --- Plans ----------------------------------------------------------------------------------

    def take_a_plan(self, terms: Terms, paid_days: int | None) -> None:
        self.settle()
        assert (self.plain.plan is None) == (self._running() is None)
        if self.plain.plan is None:
            paid = NEVER if paid_days is None else self.plain.now(self.at) + paid_days * DAY
            anchor = self.plain.now(self.at)
            self.plain.subscribe(terms, paid, self.at)
            made, interval = self._made(terms)
            world.subscribe(
                self.holder, made, at=anchor, paid_through=paid, interval=interval, seats=len(self.seats) or 1
            )

    def change_to(self, terms: Terms, *, dearer: bool) -> None:
        """Up at once, or down at the term's end, as it was shown."""
        self.settle()
        held = self._running()
        if held is None or (not dearer and held.cancel_at is not None):
            return
        if held.anchor_at > self.plain.now(self.at):
            # The clock was set back to before the plan, which gave no credits yet: it does not run, and says so.
            with pytest.raises(subscriptions.NotRunning):
                subscriptions.cancel(subscription=held, at=self.at)
            return
        self.price = held.plan_version.price_billed_monthly + (1 if dearer else -1)
        version, interval = self._made(terms)
        facts = {"version": version, "interval": interval, "at": self.plain.now(self.at)}
        if not dearer and (why := self._why_not_down(facts["at"])):
            with pytest.raises(SubscriptionRefused, match=why):
                plan_changes.preview(subscription=held, **facts)
            return
        shown = plan_changes.preview(subscription=held, **facts)
        assert shown.is_at_once is dearer
        plan_changes.confirm(subscription=held, shown=shown.digest, **facts)
        if dearer:
            self.plain.upgrade(terms, self.at)
        else:
            self.plain.downgrade(terms, self.at)

    def _why_not_down(self, at: datetime) -> str:
        plan = self.plain.plan
        if plan.paid <= at:
            return "payment for this plan is missing"
        is_next_paid = plan.waiting is not None and plan.changes < plan.paid != NEVER
        return "next term is paid already" if is_next_paid else ""

    def _made(self, terms: Terms) -> tuple[Any, str]:
        facts = asdict(terms)
        prices = {"price_billed_yearly": self.price, "price_billed_monthly": self.price}
        interval = facts.pop("interval")
        return world.make_terms(**facts, **prices, is_per_seat=self.team is not None), interval

    def cancel(self, days: int) -> None:
        self._change(cancel_at=self.at + days * DAY)

    def take_the_cancellation_back(self) -> None:
        self._change(cancel_at=None)

    def pay(self, days: int) -> None:
        self.settle()
        if self.plain.plan and self.plain.plan.paid != NEVER:
            self._change(paid_through=max(self.plain.plan.paid, self.at) + days * DAY)

    def _running(self) -> Subscription | None:
        running = Subscription.objects.running().filter(wallet=world.wallet_of(self.holder))
        return running.select_related("plan_version", "wallet__member", "wallet__team").first()

    def _change(self, **dates: datetime | None) -> None:
        """The same change to both, if a plan still runs."""
        self.settle()
        held = self._running()
        if self.plain.plan is None or held is None:
            return
        world.change(held, at=self.at, **dates)
        names = {"cancel_at": "cancelled", "paid_through": "paid"}
        for name, value in dates.items():
            setattr(self.plain.plan, names[name], value)
        self.plain.settle(self.at)

    def park_or_unpark_a_seat(self, number: int) -> None:
        """What is due by now is posted for the seats of before."""
        self.settle()
        if self.team:
            seat = self.seats[number % SEATS]
            seat.parked_at = None if seat.parked_at else self.at
            seat.save(update_fields=["parked_at"])
            self.plain.seats = Seat.objects.active().filter(team=self.team).count()

    # --- Messages -------------------------------------------------------------------------------

    def send(self, cost: int) -> None:
        reference = f"{self.member.pk}-{len(self.references)}"
        seat = self.seats[len(self.references) % SEATS] if self.seats else None
        whose = {"payer": seat.member, "seat": seat} if seat else {}
        facts = {"policy": self.policy, "cost": cost, "reference": reference, **whose}
        try:
            world.charge(self.holder, at=self.at, **facts)
            sent = "sent"
        except ledger.NotEnoughCredits:
            sent = "poor"
        except ledger.WalletHeld:
            sent = "held"
        assert self.plain.charge(reference, cost, self.at) == sent
        if sent == "sent":
            self.references.append(reference)
        else:
            # What was settled for the refused one was rolled back with it.
            self.settle()

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

    # --- Gifts, staff, money --------------------------------------------------------------------

    def receive_a_gift(self, amount: int, days: int) -> None:
        world.give(self.holder, amount, at=self.at, life=days * DAY)
        self.plain.give(amount, days * DAY, self.at)

    def be_adjusted(self, amount: int, days: int) -> None:
        facts = {"amount": amount, "life_days": days, "reason": "ours", "actor": self.staff, "at": self.at}
        try:
            with transaction.atomic():
                made = adjusting.propose(wallet=world.wallet_of(self.holder), **facts)
                if made.state == made.State.WAITING:
                    adjusting.approve(adjustment=made, actor=self.second, at=self.at)
            is_posted = True
        except ledger.NotEnoughCredits:
            is_posted = False
        assert self.plain.adjust(amount, days * DAY, self.at) is is_posted
        if not is_posted:
            self.settle()

    def buy(self, credits: int) -> None:
        line = world.buy(self.member, credits, at=self.at, team=self.team)
        with transaction.atomic():
            purchases.grant_purchase(line=line, at=self.at)
        self.bought.append((line, self.plain.buy(credits, self.at)))

    def be_paid_back(self, index: int, credits: int) -> None:
        """Wholly or in part; the provider tells it twice."""
        line, plain = self.bought[index]
        credits = min(credits, line.credits - plain.gone)
        if credits:
            taken = world.give_back(line, credits, at=self.at)
            self._taken_twice(line, plain, credits, taken, f"repayment-{Repayment.objects.latest('pk').pk}")

    def dispute(self, index: int, credits: int) -> None:
        line, plain = self.bought[index]
        credits = min(credits, line.credits - plain.gone)
        if index not in self.disputes and credits:
            self.disputes[index] = world.dispute(line, at=self.at, amount=credits)
            with transaction.atomic():
                purchases.freeze(line=line, at=self.at)
            self.plain.freeze(plain, self.at)

    def decide_the_dispute(self, index: int, *, is_won: bool) -> None:
        opened = self.disputes.pop(index, None)
        if opened is None:
            return
        line, plain = self.bought[index]
        # Money that was paid back meanwhile cannot be lost once more.
        credits = min(opened.amount // 100, line.credits - plain.gone)
        if is_won or not credits:
            world.win(line, opened, at=self.at)
        else:
            Dispute.objects.filter(pk=opened.pk).update(amount=credits * 100)
            opened.refresh_from_db()
            taken = world.lose(line, opened, at=self.at)
            self._taken_twice(line, plain, credits, taken, f"dispute-{opened.pk}")
        self.plain.thaw(plain, self.at)

    def _taken_twice(self, line: OrderLine, plain: Purchase, credits: int, taken: Any, cause: str) -> None:
        number = str(next(self.numbers))
        assert self.plain.take_money_back(plain, credits, number, self.at) == taken
        self.causes[cause] = number
        if sum(taken):
            with transaction.atomic():
                assert purchases.claw_back(lot=line.lot, amount=credits, cause=cause, at=self.at) == taken

    def have_a_debt_written_off(self) -> None:
        self.settle()
        owed = Shortfall.objects.filter(wallet=world.wallet_of(self.holder), closed_at=None).first()
        if owed is None:
            return
        facts = {"amount": 0, "life_days": None, "reason": "ours", "actor": self.staff, "at": self.at}
        with transaction.atomic():
            made = adjusting.propose(wallet=world.wallet_of(self.holder), writes_off=owed, **facts)
            adjusting.approve(adjustment=made, actor=self.second, at=self.at)
        for _, plain in self.bought:
            if self.causes[owed.cause] in plain.owed:
                plain.owed[self.causes[owed.cause]] = 0

    # --- Both -----------------------------------------------------------------------------------

    def let_the_worker_run(self) -> None:
        refunds.return_due(at=self.at)
        sweeps.renew(at=self.at)
        sweeps.expire(at=self.at)

    def look(self) -> None:
        """The standing before anything is posted is the balance after."""
        entries = Entry.objects.count()
        seen = standing(self.holder, at=self.at)
        assert Entry.objects.count() == entries
        world.settle(self.holder, at=self.at)
        assert seen.balance == self.plain.spendable(self.at)
        assert self.plain.balance(self.at) == world.balance(self.holder)
        # What is due by now may pay a debt: the standing does not foresee that it is paid.
        assert seen.shortfall >= self.plain.owed() == standing(self.holder, at=self.at).shortfall

    def compare(self) -> None:
        self.settle()
        assert world.journal(self.holder) == self.plain.lines
        wallet = world.wallet_of(self.holder)
        assert audit.verify(at=self.at, after=wallet.pk - 1).breaches == []
        assert Order.objects.filter(lines__wallet=wallet).count() == len(self.bought)
