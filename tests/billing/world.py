"""People, plans and time for the ledger's tests: plain functions, so that properties and threads can use them too."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from accounts.clock import FOREVER
from accounts.models import Member, PolicyVersion, Seat, Team
from accounts.site_policy import SitePolicy, read_policy
from billing import allotments, ledger, purchases, refunds
from billing.models import (
    Charge,
    Dispute,
    Entry,
    Lot,
    Order,
    OrderLine,
    Pack,
    Plan,
    PlanVersion,
    Repayment,
    Subscription,
    Wallet,
)

AT = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)

_numbers = count(1)


def moment(text: str) -> datetime:
    """`2026-04-20 09:00` as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_policy(**settings: Any) -> SitePolicy:
    """A policy in force since before all tests; each call a newer one."""
    number = next(_numbers)
    row = PolicyVersion.objects.create(
        catalog="test",
        settings=settings,
        in_force_from=moment("2000-01-02") + timedelta(seconds=number),
        approved_at=moment("2000-01-02"),
    )
    return read_policy(row)


def policies() -> list[int]:
    """Ids of the policies there are, the one in force last."""
    return list(PolicyVersion.objects.order_by("in_force_from").values_list("pk", flat=True))


def make_payer(name: str = "Nadia") -> Member:
    number = next(_numbers)
    return Member.objects.create_user(email=f"payer{number}@example.org", name=f"{name} {number}")


def make_terms(**terms: Any) -> PlanVersion:
    number = next(_numbers)
    plan = Plan.objects.create(code=f"plan-{number}", name=f"Plan {number}")
    facts = {"allotment": 15, "credit_life_days": 90, "cap": 45, "inmail_daily_cap": 15, "is_paid": True} | terms
    return PlanVersion.objects.create(
        plan=plan, number=1, in_force_from=moment("2000-01-01"), approved_at=moment("2000-01-01"), digest="-", **facts
    )


def subscribe(holder: Member | Team, terms: PlanVersion, *, at: datetime, **facts: Any) -> Subscription:
    """A running plan from `at`, its first allotment granted."""
    facts = {"paid_through": FOREVER} | facts
    with transaction.atomic():
        wallet = ledger.lock_wallet(holder, at=at)
        ledger.settle(wallet, at=at)
        subscription = Subscription(wallet=wallet, plan_version=terms, anchor_at=at, **facts)
        subscription.renews_at = allotments.next_renewal(subscription)
        subscription.save(force_insert=True)
        ledger.settle(wallet, at=at)
    return subscription


def change(subscription: Subscription, *, at: datetime, **facts: Any) -> None:
    """Cancel, take back, pay on: whatever moves the subscription's dates."""
    with transaction.atomic():
        wallet = ledger.lock_wallet(subscription.wallet.member or subscription.wallet.team, at=at)
        ledger.settle(wallet, at=at)
        held = Subscription.objects.select_related("plan_version").get(pk=subscription.pk)
        for name, value in facts.items():
            setattr(held, name, value)
        held.renews_at = allotments.next_renewal(held)
        held.save(update_fields=[*facts, "renews_at"])
        ledger.settle(wallet, at=at)


def give(holder: Member | Team, amount: int, *, at: datetime, life: timedelta = 365 * DAY) -> Lot:
    """Credits from staff, without limits."""
    with transaction.atomic():
        wallet = ledger.lock_wallet(holder, at=at)
        ledger.settle(wallet, at=at)
        return ledger.grant(
            wallet=wallet,
            amount=amount,
            source=Lot.Source.ADMIN,
            priority=Lot.Priority.GIFT,
            expires_at=at + life,
            key=f"test:{next(_numbers)}",
            at=at,
        )


def charge(
    holder: Member | Team,
    *,
    at: datetime,
    policy: SitePolicy | None = None,
    cost: int = 1,
    reference: str = "",
    payer: Member | None = None,
    seat: Seat | None = None,
) -> Charge:
    """One's own credits, or those of a pool for the seat of `payer`."""
    with transaction.atomic():
        wallet = ledger.lock_wallet(holder, at=at)
        ledger.settle(wallet, at=at)
        return ledger.charge(
            wallet=wallet,
            payer=payer or wallet.member,
            seat=seat,
            cost=cost,
            reference=reference or f"message-{next(_numbers)}",
            policy=policy or make_policy(),
            at=at,
        )


def settle(holder: Member | Team, *, at: datetime) -> Wallet:
    with transaction.atomic():
        wallet = ledger.lock_wallet(holder, at=at)
        ledger.settle(wallet, at=at)
    return wallet


def journal(holder: Member | Team) -> list[tuple[str, int, datetime, int]]:
    """Kind, change, instant and balance of every entry, oldest first."""
    entries = Entry.objects.filter(wallet=wallet_of(holder)).order_by("seq")
    return [(entry.kind, entry.delta, entry.occurred_at, entry.balance_after) for entry in entries]


def balance(holder: Member | Team) -> int:
    return wallet_of(holder).balance


def answer(
    charges: list[Charge], *, at: datetime, policy: SitePolicy, kind: str = "reply", due_at: datetime | None = None
):
    """The other side answers; the return is due at once unless said otherwise."""
    with transaction.atomic():
        return refunds.mark_answered(
            references=[charge.reference for charge in charges],
            answer=kind,
            answered_at=at,
            due_at=due_at or at,
            policy=policy,
        )


def buy(member: Member, credits: int, *, at: datetime, team: Team | None = None) -> OrderLine:
    """A pack that is paid, its credits granted."""
    order = Order.objects.create(
        buyer=member, team=team, kind="pack", state="paid", provider="manual", amount=credits * 100,
        currency="USD", created_at=at, lapses_at=at + DAY, paid_at=at,
    )  # fmt: skip
    pack, _ = Pack.objects.get_or_create(credits=credits, price=credits * 100)
    with transaction.atomic():
        wallet = ledger.lock_wallet(team or member, at=at)
        line = OrderLine.objects.create(order=order, wallet=wallet, pack=pack, credits=credits, price=pack.price)
        purchases.grant_purchase(line=line, at=at)
    return OrderLine.objects.select_related("order", "lot").get(pk=line.pk)


def pay_back(line: OrderLine, amount: int, *, at: datetime) -> str:
    """So many credits' worth of money is paid back; answers the cause for which they are to be taken."""
    order = Order.objects.get(pk=line.order_id)
    made = Repayment.objects.create(
        order=order, reference=f"back-{next(_numbers)}", amount=amount * 100, asked_at=at, repaid_at=at
    )
    order.repaid += made.amount
    order.state = "repaid" if order.repaid == order.amount else "part_repaid"
    order.save()
    return f"repayment-{made.pk}"


def give_back(line: OrderLine, amount: int, *, at: datetime) -> purchases.Clawback:
    """Money is paid back, and its credits are taken."""
    with transaction.atomic():
        return purchases.claw_back(lot=line.lot, amount=amount, cause=pay_back(line, amount, at=at), at=at)


def dispute(line: OrderLine, *, at: datetime, amount: int = 0) -> Dispute:
    """The buyer's bank asks the money of so many credits back, or of all."""
    amount = (amount or line.credits) * 100
    with transaction.atomic():
        purchases.freeze(line=line, at=at)
        facts = {"order": line.order, "provider": "manual", "reference": f"dispute-{next(_numbers)}"}
        return Dispute.objects.create(amount=amount, opened_at=at, **facts)


def win(line: OrderLine, opened: Dispute, *, at: datetime) -> None:
    with transaction.atomic():
        Dispute.objects.filter(pk=opened.pk).update(state="won", closed_at=at)
        purchases.unfreeze(line=line, at=at)


def lose(line: OrderLine, opened: Dispute, *, at: datetime) -> purchases.Clawback:
    with transaction.atomic():
        Dispute.objects.filter(pk=opened.pk).update(state="lost", closed_at=at)
        cause = f"dispute-{opened.pk}"
        taken = purchases.claw_back(lot=line.lot, amount=opened.amount // 100, cause=cause, at=at)
        purchases.unfreeze(line=line, at=at)
        return taken


def wallet_of(holder: Member | Team) -> Wallet:
    """As it is in the database."""
    return Wallet.objects.get(**{"team" if isinstance(holder, Team) else "member": holder})
