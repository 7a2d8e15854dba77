"""A member who orders by invoice, and staff who mark each as paid."""

from datetime import datetime
from typing import Any

from accounts.busy import short_wait
from accounts.models import Member
from billing import audit, ledger, prices, subscriptions
from billing.catalog import version_in_force
from billing.models import Order, Subscription, Wallet
from billing.orders import ask_repayment, mark_paid, order_plan, order_upgrade, repaying
from billing.payments.base import Contested


class Buyer:
    def __init__(self, member: Member, chief: Member, at: datetime) -> None:
        self.member, self.chief, self.at = member, chief, at
        self.number = 0

    def take(self, code: str, interval: str, **terms: Any) -> Order:
        terms = {"version": version_in_force(code, at=self.at), "interval": interval, "form_key": self._key()} | terms
        return order_plan(buyer=self.member, at=self.at, **terms)

    def rise(self, code: str, interval: str, **terms: Any) -> Order:
        terms = {"version": version_in_force(code, at=self.at), "interval": interval, "form_key": self._key()} | terms
        held = terms.pop("subscription", None) or self.held
        return order_upgrade(buyer=self.member, subscription=held, at=self.at, **terms)

    def pay(self, order: Order) -> Order:
        """What credit paid wholly is paid already."""
        order.refresh_from_db()
        if order.state == Order.State.PENDING:
            mark_paid(order=order, reference=f"bank {order.pk}", actor=self.chief, at=self.at)
        order.refresh_from_db()
        return order

    def repaid(self, order: Order) -> None:
        ask_repayment(order=order, amount=order.amount, reason="Sorry", actor=self.chief, at=self.at)

    def contest(self, order: Order, *, is_lost: bool = False) -> None:
        facts = {"is_open": not is_lost, "is_lost": is_lost, "is_won": False}
        said = Contested(reference=f"dp{order.pk}", payment="pi", amount=order.amount, **facts)
        repaying.contested(order=order, said=said, at=self.at)

    def _key(self) -> str:
        self.number += 1
        return f"{self.number:014d}"

    @property
    def held(self) -> Subscription:
        found = subscriptions.running(self.member, at=self.at)
        assert found is not None
        return found

    @property
    def plan(self) -> str:
        found = subscriptions.running(self.member, at=self.at)
        return found.plan_version.plan.code if found else ""

    @property
    def owed(self) -> int:
        return prices.owed(Wallet.objects.get(member=self.member), "USD")

    @property
    def is_clean(self) -> bool:
        with short_wait():
            ledger.settle(ledger.lock_wallet(self.member, at=self.at), at=self.at)
        return audit.verify(at=self.at, holds=False).breaches == []
