"""Renewals by the thousand write what the general way writes, to the last byte, and leave alone what is not plain."""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from accounts.busy import try_whole
from billing import audit, ledger, plain_renewals, sweeps
from billing.models import Entry, Lot, Period, PlanVersion, Subscription, Wallet
from tests.billing import world
from tests.billing.world import AT, DAY, MICROSECOND, moment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite renews the general way"),
]

SEEDS = [int(os.environ["POSTERN_SEED"])] if "POSTERN_SEED" in os.environ else range(3)
WALLETS, MOMENTS = (60, 20) if os.environ.get("POSTERN_DEEP") == "1" else (10, 6)
ROWS = {Lot: "wallet", Entry: "wallet", Wallet: "id", Subscription: "wallet", Period: "subscription__wallet"}

TERMS: list[dict[str, Any]] = [
    {"renewal": "reset", "credit_life_days": None, "cap": None},
    {"credit_life_days": 90, "cap": 45},
    {"credit_life_days": 90, "cap": 15},
    {"credit_life_days": None, "cap": 40},
    {"credit_life_days": 61, "cap": 20, "allotment_clock": "calendar_month", "first_partial_month": "prorated"},
    {"credit_life_days": 31, "credit_life_from": "payment", "cap": None},
    {"credit_life_days": 40, "cap": 15, "annual_bonus_credits": 7},
    {"credit_life_days": 20, "cap": None},
    {"allotment": 0, "cap": None},
]


def make_wallet(dice: random.Random, *, terms: list[PlanVersion], policy: Any) -> None:
    """A member some months into a plan, with gifts, sent and answered InMails, and sometimes with a plan that ends."""
    member, start = world.make_payer(), moment("2026-01-28 08:00") + dice.choice([0, 1, 2, 3, 4, 9]) * DAY
    facts: dict[str, Any] = {"interval": dice.choice(["month", "year"]), "paid_at": start + dice.randint(0, 9) * DAY}
    facts |= dice.choice([{}, {}, {}, {"paid_through": start + dice.choice([31, 59, 90]) * DAY}])
    held = world.subscribe(member, dice.choice(terms), at=start, **facts)
    at = start
    for _ in range(dice.randint(0, 5)):
        at += dice.choice([timedelta(0), DAY, 9 * DAY, 28 * DAY])
        act(dice, member, policy=policy, at=at)
    if dice.random() < 0.1:
        world.change(held, at=at, cancel_at=at + dice.randint(1, 40) * DAY)
    if dice.random() < 0.2:
        give_ahead_of_time(member, at=at + 40 * DAY)
    if dice.random() < 0.1:
        Lot.objects.filter(wallet__member=member, remaining__gt=0, closed_at=None).update(frozen_at=at)


def give_ahead_of_time(member: Any, *, at: datetime) -> None:
    """By a clock that is set back later: the last entry is younger than what is due."""
    with transaction.atomic():
        ledger.grant(
            wallet=ledger.lock_wallet(member, at=at),
            amount=1,
            source=Lot.Source.ADMIN,
            priority=Lot.Priority.GIFT,
            expires_at=at + 90 * DAY,
            key=f"ahead:{member.pk}",
            at=at,
        )


def act(dice: random.Random, member: Any, *, policy: Any, at: datetime) -> None:
    wallet = world.settle(member, at=at)
    match dice.choice(["give", "send", "send", "answer"]):
        case "give":
            world.give(member, dice.randint(1, 4), at=at, life=dice.randint(1, 40) * DAY)
        case "send" if wallet.balance > 3:
            world.charge(member, at=at, policy=policy, cost=dice.randint(1, 3))
        case "answer" if wallet.balance:
            charge = world.charge(member, at=at, policy=policy)
            world.answer([charge], at=at, policy=policy, due_at=at + dice.choice([0, 1, 30]) * DAY)


def renewal_of_somebody(dice: random.Random) -> datetime:
    """One of the next moments at which something is due, and sometimes a while later."""
    due = sorted(Subscription.objects.running().exclude(renews_at=None).values_list("renews_at", flat=True))
    near = [timedelta(0), MICROSECOND, 2 * DAY, 12 * DAY, 35 * DAY, 65 * DAY]
    return (dice.choice(due[: WALLETS // 2]) if due else AT) + dice.choice(near)


def written_by(renew: Callable[[], Any], wallets: Iterable[int] | None = None) -> tuple[list[int], dict[str, Any]]:
    """What it changes, every column of it, and in which wallets; nothing stays, and ids are given again."""
    before = dict(Subscription.objects.values_list("wallet", "next_n"))
    numbers = {model: _next_id(model) for model in (Lot, Entry, Period)}
    try:
        with transaction.atomic():
            renew()
            changed = [
                wallet for wallet, n in Subscription.objects.values_list("wallet", "next_n") if n != before[wallet]
            ]
            chosen = sorted(changed if wallets is None else wallets)
            rows = {model.__name__: _rows(model, owner, chosen) for model, owner in ROWS.items()}
            raise _Undo
    except _Undo:
        for model, number in numbers.items():
            _next_id(model, number)
    return chosen, rows


class _Undo(Exception):
    pass


def _rows(model: Any, owner: str, wallets: list[int]) -> list[dict[str, Any]]:
    return list(model.objects.filter(**{f"{owner}__in": wallets}).order_by("id").values())


def _next_id(model: Any, number: int | None = None) -> int:
    with connection.cursor() as cursor:
        sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
        cursor.execute(
            f"SELECT nextval({sequence})" if number is None else f"SELECT setval({sequence}, {number}, false)"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_both_ways_write_the_same_bytes():
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        print(f"POSTERN_SEED={seed}")
        dice = random.Random(seed)
        terms, policy = [world.make_terms(**facts) for facts in TERMS], world.make_policy()
        for _ in range(WALLETS):
            make_wallet(dice, terms=terms, policy=policy)
        for _ in range(MOMENTS):
            compare(seen, at=renewal_of_somebody(dice))
        Lot.objects.update(frozen_at=None)
        assert audit.verify(at=AT + 999 * DAY).breaches == []
    # Or the comparison says nothing.
    assert min(seen[kind] for kind in ["plain grant", "plain expire", "plain trim", "left to the general way"]) > 3, (
        seen
    )


def compare(seen: Counter[str], *, at: datetime) -> None:
    """Renew everybody both ways, and then for good."""
    due = Subscription.objects.filter(pk__in=sweeps.subscriptions_due(at))
    everybody = sorted(due.values_list("wallet", flat=True))
    plain, rows = written_by(partial(plain_renewals.renew_chunk, everybody, at=at))
    _, expected = written_by(partial(sweeps.settle_wallets, plain, at=at, wait=False), plain)
    for table, found in rows.items():
        for plainly, generally in zip(found, expected[table], strict=True):
            assert plainly.items() - generally.items() == set(), (table, generally)
    seen.update(f"plain {entry['kind']}" for entry in rows["Entry"] if entry["recorded_at"] == at)
    seen["left to the general way"] += len(everybody) - len(plain)
    sweeps.renew(at=at)
    assert not sweeps.subscriptions_due(at).exists()


def ready_to_renew(**terms: Any) -> Subscription:
    """From 15 January; the second period is due on 15 February, the third on 15 March."""
    held = {name: terms.pop(name) for name in ["interval", "at"] if name in terms}
    return world.subscribe(world.make_payer(), world.make_terms(**terms), **{"at": AT, **held})


@pytest.mark.django_db
def test_what_is_not_plain_is_left_to_the_general_way():
    at, policy = moment("2026-03-12 08:00"), world.make_policy()
    made = {
        "plain": ready_to_renew(),
        "with a gift that stays": ready_to_renew(),
        "a gift ends after the renewal": ready_to_renew(),
        "the new lot is over already": ready_to_renew(credit_life_days=20),
        "two periods are due": ready_to_renew(at=AT - 20 * DAY),
        "nothing is given": ready_to_renew(allotment=0, cap=None),
        "cancelled": ready_to_renew(),
        "a bonus comes by the year": ready_to_renew(annual_bonus_credits=7, interval="year"),
        "a return is due": ready_to_renew(),
        "a lot is disputed": ready_to_renew(),
        "the clock was ahead": ready_to_renew(),
    }
    member = {name: held.wallet.member for name, held in made.items()}
    world.give(member["with a gift that stays"], 2, at=AT)
    world.give(member["a gift ends after the renewal"], 2, at=AT, life=40 * DAY)
    world.change(made["cancelled"], at=AT, cancel_at=at + 20 * DAY)
    answered = world.charge(member["a return is due"], at=AT, policy=policy)
    world.answer([answered], at=AT, policy=policy, due_at=at)
    Lot.objects.filter(wallet=made["a lot is disputed"].wallet).update(frozen_at=AT)
    give_ahead_of_time(member["the clock was ahead"], at=AT + 40 * DAY)
    wallets = {held.wallet_id: name for name, held in made.items()}
    renewed, _ = written_by(partial(plain_renewals.renew_chunk, sorted(wallets), at=at))
    assert [wallets[wallet] for wallet in renewed] == ["plain", "with a gift that stays"]


@pytest.mark.django_db
def test_a_bonus_that_outlived_its_plan_is_not_trimmed_either_way():
    seen: Counter[str] = Counter()
    held = ready_to_renew(cap=15)
    world.give(held.wallet.member, 7, at=AT, life=40 * DAY)
    Lot.objects.filter(source="admin").update(source="bonus", priority=10)
    compare(seen, at=moment("2026-02-15 08:00"))
    assert seen["plain trim"] == 1
    assert world.balance(held.wallet.member) == 15 + 7


@pytest.mark.django_db
def test_what_one_sweep_does_not_reach_waits_for_the_next_one(monkeypatch):
    monkeypatch.setattr(sweeps, "wallets_of", partial(sweeps.wallets_of, limit=2))
    for _ in range(4):
        ready_to_renew()
    at = moment("2026-02-15 08:00")

    # Not the general way instead: a hundred thousand would take it one by one.
    assert [sweeps.renew(at=at)["grant"] for _ in range(3)] == [2, 2, 0]


@pytest.mark.django_db(transaction=True)
def test_renewed_by_several_workers_while_members_send_every_wallet_gets_its_period_once():
    terms, policy = world.make_terms(allotment=5, cap=12), world.make_policy()
    members = [world.make_payer() for _ in range(48)]
    for member in members:
        world.subscribe(member, terms, at=AT)
    at = moment("2026-02-15 08:00")
    sends = [partial(_send_of_each, members[start::4], policy=policy, at=at) for start in range(4)]
    outcomes = _together([*sends, *[partial(sweeps.renew, at=at)] * 3])
    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    # What a sweep passed by, as a member held it, that member settled.
    assert Period.objects.filter(n=1).count() == Entry.objects.filter(kind="grant", occurred_at=at).count() == 48
    assert set(Wallet.objects.values_list("balance", flat=True)) == {5 + 5 - 1}
    assert audit.verify(at=at).breaches == []


def _send_of_each(members: list[Any], *, policy: Any, at: datetime) -> None:
    for member in members:
        try_whole(partial(world.charge, member, policy=policy, at=at))


def _together(works: list[Callable[[], Any]]) -> list[Any]:
    barrier, outcomes = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            outcomes[place] = works[place]()
        except BaseException as error:  # the test judges it
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return outcomes
