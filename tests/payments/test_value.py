"""In whatever order plans and packs are taken, changed, paid, sent back and contested: no value comes from nowhere.

Value is what is owed to the buyer, what the paid days left have cost, and packs; it never exceeds the money that came
and stayed.
"""

import os
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from accounts import teams
from accounts.models import Member, Team
from billing import audit, ledger, plan_changes, subscriptions
from billing.catalog import version_in_force
from billing.models import BillCredit, Dispute, Order, Pack, Subscription, Wallet
from billing.orders import (
    OrderRefused,
    ask_repayment,
    mark_paid,
    order_pack,
    order_plan,
    order_upgrade,
    repaying,
)
from billing.orders.renewing import invoice_next_terms
from billing.orders.working_off import work_off
from billing.payments.base import Contested
from billing.plan_money import unused_share
from billing.subscriptions import SubscriptionRefused
from tests.conftest import MakeMember

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("clock", "invoicing")]

SEEDS = range(60) if os.environ.get("POSTERN_DEEP") == "1" else (1, 30, 207)
STEPS = 60
PLANS = ["premium-career", "premium-business", "sales-navigator-core", "recruiter-lite", "recruiter-corporate"]
PLANS_OF_TEAMS = ["sales-navigator-team", "recruiter-corporate"]
# How often each thing happens.
ACTS = {
    "take": 1,
    "change": 4,
    "stay": 1,
    "cancel": 1,
    "resume": 1,
    "buy": 1,
    "pay": 5,
    "invoice": 1,
    "sweep": 1,
    "repay": 1,
    "contest": 1,
    "wait": 3,
    "reach_the_end": 1,
}
# Parts are rounded down, each to a minor unit.
ROUNDING = 5


class Market:
    """One buyer, for themselves or a team, staff who mark invoices as paid, and dice."""

    def __init__(self, member: Member, chief: Member, *, team: Team | None, seed: int, at: datetime) -> None:
        self.member, self.chief, self.team, self.at = member, chief, team, at
        self.dice, self.number = random.Random(seed), 0

    def act(self) -> str:
        name = self.dice.choices(list(ACTS), list(ACTS.values()))[0]
        try:
            with transaction.atomic():
                getattr(self, name)()
        except (SubscriptionRefused, OrderRefused, ledger.NotEnoughCredits) as refusal:
            return f"{name}: {refusal}"
        return name

    # --- The buyer ------------------------------------------------------------------------------

    def take(self) -> None:
        order_plan(buyer=self.member, team=self.team, form_key=self._key(), at=self.at, **self._terms())

    def change(self) -> None:
        if (held := self.held) is None:
            return
        terms = self._terms()
        shown = plan_changes.preview(subscription=held, at=self.at, **terms)
        if shown.kind == "downgrade":
            plan_changes.confirm(subscription=held, shown=shown.digest, at=self.at, **terms)
            return
        order = order_upgrade(buyer=self.member, subscription=held, form_key=self._key(), at=self.at, **terms)
        assert shown.bill is not None and order.amount == shown.bill.due

    def stay(self) -> None:
        if self.held:
            plan_changes.withdraw(subscription=self.held, at=self.at)

    def cancel(self) -> None:
        if self.held and self.dice.random() < 0.3:
            subscriptions.cancel(subscription=self.held, at=self.at)

    def resume(self) -> None:
        if self.held:
            subscriptions.resume(subscription=self.held, at=self.at)

    def buy(self) -> None:
        pack = self.dice.choice(Pack.objects.filter(is_offered=True).order_by("pk"))
        order_pack(buyer=self.member, team=self.team, pack=pack, form_key=self._key(), at=self.at)

    def pay(self) -> None:
        for order in self._some(Order.objects.filter(state__in=["created", "pending"])):
            mark_paid(order=order, reference=f"bank {order.pk}", actor=self.chief, at=self.at)

    # --- Staff, the bank, time ------------------------------------------------------------------

    def invoice(self) -> None:
        invoice_next_terms(at=self.at)

    def sweep(self) -> None:
        work_off(at=self.at)

    def repay(self) -> None:
        for order in self._some(self._repayable()):
            left = repaying.repayable(order)
            amount = self.dice.choice([left, left, max(left // 2, 1), max(left // 7, 1)])
            ask_repayment(order=order, amount=amount, reason="Sorry", actor=self.chief, at=self.at)

    def contest(self) -> None:
        for order in self._some(self._repayable()):
            facts = {"reference": f"dp{self._key()}", "payment": "pi", "amount": repaying.repayable(order)}
            is_lost = self.dice.random() < 0.7
            said = Contested(is_open=True, is_lost=False, is_won=False, **facts)
            repaying.contested(order=order, said=said, at=self.at)
            self.at += timedelta(days=self.dice.choice([0, 1, 9]))
            said = Contested(is_open=False, is_lost=is_lost, is_won=not is_lost, **facts)
            repaying.contested(order=order, said=said, at=self.at)

    def wait(self) -> None:
        hours = self.dice.choice([0.02, 1, 10, 24, 72, 240, 576, 720])
        self.at += timedelta(hours=hours)

    def reach_the_end(self) -> None:
        if self.held:
            self.at = max(self.at, self.held.paid_through - timedelta(days=self.dice.choice([-3, 0, 1, 5, 6])))

    # --- What it comes to -----------------------------------------------------------------------

    def check(self) -> None:
        if self.wallet is None:
            return
        with transaction.atomic():
            ledger.settle(ledger.lock_by_id(self.wallet.pk), at=self.at)
        credit = BillCredit.objects.filter(wallet=self.wallet).aggregate(sum=Sum("amount"))["sum"] or 0
        held = self.held
        share = unused_share(held, at=self.at) if held and held.paid_at else 0
        orders = list(Order.objects.filter(lines__wallet=self.wallet))
        value = credit + share + sum(_value(order) for order in orders)
        money = sum(order.amount - _gone(order) for order in orders if order.paid_at)
        assert value <= money + ROUNDING, (credit, share, [(order.pk, _value(order)) for order in orders], money)

    @property
    def held(self) -> Subscription | None:
        return subscriptions.running(self.team or self.member, at=self.at)

    @property
    def wallet(self) -> Wallet | None:
        return Wallet.objects.filter(**({"team": self.team} if self.team else {"member": self.member})).first()

    def _terms(self) -> dict[str, Any]:
        code = self.dice.choice(PLANS_OF_TEAMS if self.team else PLANS)
        seats = {"seats": self.dice.choice([1, 2, 3, 10, 40])} if self.team else {}
        version = version_in_force(code, at=self.at)
        return {"version": version, "interval": self.dice.choice(["month", "year"]), **seats}

    def _repayable(self) -> Any:
        paid = Order.objects.exclude(paid_at=None)
        return paid.filter(pk__in=[order.pk for order in paid if repaying.repayable(order)])

    def _some(self, orders: Any) -> list[Order]:
        found = list(orders.order_by("pk"))
        return [self.dice.choice(found)] if found else []

    def _key(self) -> str:
        self.number += 1
        return f"{self.number:014d}"


def _gone(order: Order) -> int:
    lost = order.disputes.filter(state=Dispute.State.LOST).aggregate(sum=Sum("amount"))["sum"] or 0
    return min(order.repaid + lost, order.amount)


def _value(order: Order) -> int:
    """What an order still holds: credit that waits with it, a pack, or money that is to be sent back."""
    gone = _gone(order)
    if order.state in ("created", "pending"):
        return order.bill_credit_used
    if order.paid_at is None or (gone and gone == order.amount):
        return 0
    if order.kind == Order.Kind.PACK:
        return order.amount + order.bill_credit_used - gone
    if order.mismatch:
        return order.amount - gone + (order.bill_credit_used if order.amount else 0)
    return 0


@pytest.mark.parametrize("seed", SEEDS)
def test_value_never_exceeds_the_money_that_came_and_stayed(seed: int, make_member: MakeMember, at: datetime) -> None:
    member, chief = make_member("Nadia Osei"), make_member("Chi Ndlovu")
    team = teams.found(name="Elbe", admin=member, at=at) if seed % 2 else None
    market = Market(member, chief, team=team, seed=seed, at=at)
    print(f"seed {seed}")
    for _step in range(STEPS):
        print(f"{market.at:%d %b %H:%M} {market.act()}")
        market.check()

    assert audit.verify(at=market.at, holds=False).breaches == []
