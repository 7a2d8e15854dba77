"""Every verb that moves credits, ready to be run on one wallet: for races between two and for kills in the middle.

A preparation makes, on a wallet with a plan, what its verb needs, and answers the verb. Run twice it is a repeat.
"""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from django.db import transaction

from accounts.busy import Busy, try_whole
from accounts.clock import FOREVER
from billing import adjusting, ledger, promotions, purchases, subscriptions, sweeps
from billing.models import (
    Dispute,
    Entry,
    Lot,
    Order,
    OrderLine,
    PlanVersion,
    Promotion,
    Repayment,
    Shortfall,
    Subscription,
)
from tests.billing import world
from tests.billing.world import AT, DAY, moment

# The second period starts: whoever comes first renews the plan.
DUE = moment("2026-02-15 08:00")

Verb = Callable[[], Any]
_numbers = count(1)


class Stage:
    """A member with 15 credits of a plan, 15 more due at DUE."""

    def __init__(self, terms: PlanVersion, dearer: PlanVersion) -> None:
        self.member, self.policy, self.dearer = world.make_payer(), world.make_policy(), dearer
        self.plan = world.subscribe(self.member, terms, at=AT)
        self.wallet = self.plan.wallet

    def outcome(self) -> tuple[Any, ...]:
        """All that two orders of the same verbs could differ in, once everything that is due is posted."""
        world.settle(self.member, at=DUE)
        return self.rows()

    def rows(self) -> tuple[Any, ...]:
        """As they are in the database, without what two wallets with the same history differ in."""
        balance = world.balance(self.member)
        entries = Entry.objects.filter(wallet=self.wallet).order_by("kind", "delta", "occurred_at")
        lots = Lot.objects.filter(wallet=self.wallet).order_by("source", "granted", "remaining", "expires_at")
        plans = Subscription.objects.filter(wallet=self.wallet).order_by("pk")
        owed = Shortfall.objects.filter(wallet=self.wallet).order_by("amount", "remaining")
        return (
            balance,
            *entries.values_list("kind", "delta", "occurred_at"),
            *lots.values_list("source", "granted", "remaining", "expires_at", "frozen_at", "closed_at"),
            *plans.values_list("plan_version", "next_n", "renews_at", "cancel_at", "ended_at"),
            *owed.values_list("amount", "remaining", "closed_at"),
        )


def stages() -> Callable[[], Stage]:
    """Makes stages on the same two plans."""
    terms = world.make_terms(price_billed_monthly=5_000, price_billed_yearly=5_000)
    dearer = world.make_terms(price_billed_monthly=9_000, price_billed_yearly=9_000, allotment=40)
    return partial(Stage, terms, dearer)


def whole(work: Callable[..., Any], *args: Any, **facts: Any) -> Verb:
    """As a request does it; what was busy is asked for again, as its user would."""

    def run() -> Any:
        for _ in range(5):
            try:
                return try_whole(partial(work, *args, **facts))
            except Busy:
                continue
        raise Busy

    return run


def charge(stage: Stage) -> Verb:
    """Twenty of the thirty that there are: two of them are too many."""
    facts = {"at": DUE, "policy": stage.policy, "cost": 20, "reference": f"verb-{next(_numbers)}"}
    return whole(world.charge, stage.member, **facts)


def refund(stage: Stage) -> Verb:
    charged = world.charge(stage.member, at=AT + DAY, policy=stage.policy, cost=2)
    world.answer([charged], at=AT + 2 * DAY, policy=stage.policy, due_at=DUE)
    return whole(ledger.refund, charge_id=charged.pk, at=DUE)


def reverse(stage: Stage) -> Verb:
    charged = world.charge(stage.member, at=AT + DAY, policy=stage.policy, cost=3)
    return whole(ledger.reverse, reference=charged.reference, reason=ledger.UNDONE, at=DUE)


def renew(_stage: Stage) -> Verb:
    return partial(sweeps.renew, at=DUE)


def grant_purchase(stage: Stage) -> Verb:
    line = world.buy(stage.member, 10, at=AT)
    order = Order.objects.create(
        buyer=stage.member, kind="pack", state="pending", provider="manual", amount=line.price, currency="USD",
        created_at=AT, lapses_at=DUE + DAY,
    )  # fmt: skip
    bought = OrderLine.objects.create(
        order=order, wallet=stage.wallet, pack=line.pack, credits=line.credits, price=line.price
    )
    return whole(_under_its_order, bought, partial(_pay, bought))


def claw_back(stage: Stage) -> Verb:
    line = world.buy(stage.member, 10, at=AT)
    return whole(_under_its_order, line, partial(_claw_back, line))


def freeze(stage: Stage) -> Verb:
    line = world.buy(stage.member, 10, at=AT)
    return whole(_under_its_order, line, partial(_freeze, line, reference=f"verb-{next(_numbers)}"))


def unfreeze(stage: Stage) -> Verb:
    line = world.buy(stage.member, 10, at=AT)
    return whole(_under_its_order, line, partial(world.win, line, world.dispute(line, at=AT + DAY), at=DUE))


def adjust(stage: Stage) -> Verb:
    """Four credits less, whoever has them."""
    facts = {"amount": -4, "life_days": None, "reason": "a mistake", "actor": world.make_payer("Olu"), "at": DUE}
    return whole(adjusting.propose, wallet=stage.wallet, form_key=f"verb-{next(_numbers)}", **facts)


def promotion(stage: Stage) -> Verb:
    code = f"VERB{next(_numbers)}"
    window = {"starts_at": AT, "ends_at": DUE + DAY, "life_days": 30}
    Promotion.objects.create(name="Autumn", code=code, credits=3, total_limit=1, **window)
    return whole(promotions.use_code, member=stage.member, code=code, at=DUE)


def upgrade(stage: Stage) -> Verb:
    facts = {"version": stage.dearer, "interval": "month", "paid_through": FOREVER, "at": DUE}
    return whole(subscriptions.upgrade, subscription=stage.plan, **facts)


def cancel(stage: Stage) -> Verb:
    return whole(subscriptions.cancel, subscription=stage.plan, at=DUE)


Prepare = Callable[[Stage], Verb]
VERBS: list[Prepare] = [
    charge, refund, reverse, renew, grant_purchase, claw_back, freeze, unfreeze, adjust, promotion, upgrade, cancel,
]  # fmt: skip


def _under_its_order(line: OrderLine, work: Verb) -> Any:
    """As `billing.orders` calls: under the lock of the order."""
    Order.objects.select_for_update(no_key=True).get(pk=line.order_id)
    return work()


def _pay(line: OrderLine) -> Lot:
    Order.objects.filter(pk=line.order_id).update(state="paid", paid_at=DUE)
    line = OrderLine.objects.select_related("order").get(pk=line.pk)
    return purchases.grant_purchase(line=line, at=DUE)


def _claw_back(line: OrderLine) -> purchases.Clawback:
    """Six of ten credits' money went back."""
    money = {"amount": 600, "asked_at": DUE, "repaid_at": DUE}
    made, new = Repayment.objects.get_or_create(order_id=line.order_id, reference=f"back-{line.pk}", defaults=money)
    if new:
        Order.objects.filter(pk=line.order_id).update(repaid=600, state="part_repaid")
    return purchases.claw_back(lot=line.lot, amount=6, cause=f"repayment-{made.pk}", at=DUE)


def _freeze(line: OrderLine, *, reference: str) -> None:
    facts = {"order": line.order, "provider": "manual", "amount": line.price, "opened_at": DUE}
    Dispute.objects.get_or_create(reference=reference, defaults=facts)
    purchases.freeze(line=line, at=DUE)


def run_back(work: Callable[[], Any]) -> Any:
    """What `work` answers, and nothing of it stays."""
    with transaction.atomic():
        answer = work()
        transaction.set_rollback(True)
    return answer
