"""Many at once, on real threads and connections: nothing lost, nothing doubled. Both engines."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from accounts.busy import try_whole
from accounts.clock import set_to
from billing import adjusting, audit, ledger, purchases, refunds, sweeps
from billing.models import Adjustment, Charge, Entry, Period, Subscription, Wallet
from tests.billing import world
from tests.billing.world import AT, DAY, MICROSECOND, moment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def clean_ledger():
    yield
    assert audit.verify(at=AT).breaches == []


def together(works: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment, each in a thread with its own connection; answers results and errors in order."""
    barrier, results = threading.Barrier(len(works)), [None] * len(works)

    def run(index: int, work: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            results[index] = work()
        except BaseException as error:  # the test judges it
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index, work)) for index, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


def whole(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[[], Any]:
    return partial(try_whole, partial(work, *args, **kwargs))


def errors(results: list[Any]) -> list[str]:
    return [type(result).__name__ for result in results if isinstance(result, BaseException)]


def test_the_last_credit_is_spent_once():
    member, policy = world.make_payer(), world.make_policy()
    world.give(member, 1, at=AT)
    results = together([whole(world.charge, member, at=AT, policy=policy) for _ in range(32)])
    assert errors(results) == ["NotEnoughCredits"] * 31
    assert Charge.objects.count() == 1
    assert world.balance(member) == 0


def test_a_hundred_credits_are_sold_to_no_more_than_a_hundred():
    member, policy = world.make_payer(), world.make_policy()
    world.give(member, 20, at=AT)
    world.give(member, 20, at=AT)

    def spend() -> int:
        sold = 0
        for _ in range(8):
            try:
                try_whole(partial(world.charge, member, at=AT, policy=policy))
                sold += 1
            except ledger.NotEnoughCredits:
                pass
        return sold

    assert sum(together([spend] * 8)) == 40
    assert world.balance(member) == 0


def test_one_reference_is_charged_once():
    member, policy = world.make_payer(), world.make_policy()
    world.give(member, 5, at=AT)
    results = together([whole(world.charge, member, at=AT, policy=policy, reference="m1") for _ in range(20)])
    assert errors(results) == []
    assert len({charge.pk for charge in results}) == 1
    assert world.balance(member) == 4


def test_a_wallet_is_made_once():
    member = world.make_payer()
    results = together([whole(ledger.lock_wallet, member, at=AT) for _ in range(16)])
    assert errors(results) == []
    assert Wallet.objects.count() == 1


def test_thirty_two_answers_are_one_and_thirty_two_refunds_are_one():
    member, policy = world.make_payer(), world.make_policy()
    world.give(member, 1, at=AT)
    charge = world.charge(member, at=AT, policy=policy)
    marked = together([whole(world.answer, [charge], at=AT + DAY, policy=policy) for _ in range(32)])
    assert sorted(map(len, marked)) == [0] * 31 + [1]
    results = together([whole(ledger.refund, charge_id=charge.pk, at=AT + DAY) for _ in range(32)])
    assert errors(results) == []
    assert Entry.objects.filter(kind="refund").count() == 1
    assert world.balance(member) == 1


def test_an_answer_taken_back_while_its_return_is_posted_is_one_or_the_other():
    for _ in range(8):
        member, policy = world.make_payer(), world.make_policy()
        world.give(member, 1, at=AT)
        charge = world.charge(member, at=AT, policy=policy)
        world.answer([charge], at=AT + DAY, policy=policy)
        taken_back, _ = together(
            [
                whole(refunds.take_back, references=[charge.reference]),
                whole(ledger.refund, charge_id=charge.pk, at=AT + DAY),
            ]
        )
        charge.refresh_from_db()
        assert world.balance(member) == (0 if taken_back else 1)
        assert (charge.answered_at is None) is bool(taken_back)


def test_undo_and_return_together_give_one_credit_back():
    member, policy = world.make_payer(), world.make_policy()
    world.give(member, 1, at=AT)
    charge = world.charge(member, at=AT, policy=policy)
    world.answer([charge], at=AT + DAY, policy=policy)
    undo = whole(ledger.reverse, reference=charge.reference, reason="undone", at=AT + DAY)
    post = whole(ledger.refund, charge_id=charge.pk, at=AT + DAY)
    assert errors(together([undo, post] * 8)) == []
    assert world.balance(member) == 1


def test_a_renewal_by_several_workers_gives_each_period_once():
    terms = world.make_terms()
    for _ in range(60):
        world.subscribe(world.make_payer(), terms, at=AT)
    at = moment("2026-04-20 08:00")
    results = together([partial(sweeps.renew, at=at), partial(sweeps.renew, at=at), partial(sweeps.expire, at=at)] * 2)
    assert errors(results) == []
    # What one skipped because another held it is done by whoever held it, or by the next sweep.
    sweeps.renew(at=at)
    assert Period.objects.count() == Entry.objects.filter(kind="grant").count() == 60 * 4
    assert set(Wallet.objects.values_list("balance", flat=True)) == {45}


def test_a_member_and_the_worker_renew_at_once_and_the_period_is_given_once():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=AT)
    at = moment("2026-02-15 08:00")
    works = [whole(world.settle, member, at=at) for _ in range(4)] + [partial(sweeps.renew, at=at)] * 4
    assert errors(together(works)) == []
    assert world.balance(member) == 30


def test_charge_renewal_and_refund_at_one_boundary_add_up():
    for _ in range(4):
        member, policy = world.make_payer(), world.make_policy()
        world.subscribe(member, world.make_terms(allotment=3, cap=9), at=AT)
        answered = [world.charge(member, at=AT + DAY, policy=policy) for _ in range(3)]
        at = moment("2026-02-15 08:00")
        world.answer(answered, at=at - MICROSECOND, policy=policy)
        works = [whole(world.charge, member, at=at, policy=policy) for _ in range(4)]
        works += [whole(ledger.refund, charge_id=charge.pk, at=at) for charge in answered]
        works += [partial(sweeps.renew, at=at), partial(refunds.return_due, at=at)]
        assert errors(together(works)) == []
        assert world.balance(member) == 3 + 3 - 4


def test_a_cancelled_plan_ends_once_while_it_is_spent():
    member, policy = world.make_payer(), world.make_policy()
    held = world.subscribe(member, world.make_terms(), at=AT)
    end = AT + 10 * DAY
    world.change(held, at=AT + DAY, cancel_at=end)
    works = [whole(world.charge, member, at=end, policy=policy) for _ in range(4)] + [partial(sweeps.renew, at=end)] * 4
    assert errors(together(works)) == ["NotEnoughCredits"] * 4
    # A refused charge rolls back what it settled, and a sweep passes by a wallet that is held.
    sweeps.renew(at=end)
    assert Entry.objects.filter(kind="forfeit").count() == 1
    assert Subscription.objects.get().ended_at == end


def test_one_person_cannot_pass_the_daily_limit_side_by_side():
    world.make_policy()
    staff = world.make_payer("Olu")
    wallets = []
    for _ in range(8):
        member = world.make_payer()
        wallets.append(world.settle(member, at=AT))
    give = partial(adjusting.propose, amount=5, life_days=30, reason="a gift", actor=staff, at=AT)
    results = together([whole(give, wallet=wallet) for wallet in wallets])
    assert errors(results) == []
    assert sorted(Adjustment.objects.values_list("state", flat=True)) == ["posted"] * 4 + ["waiting"] * 4


def test_a_payment_and_its_repayment_told_by_many_at_once_count_once_beside_those_who_spend():
    member, policy = world.make_payer(), world.make_policy()
    line = world.buy(member, 10, at=AT)
    charges = [whole(world.charge, member, at=AT, policy=policy) for _ in range(12)]
    grants = [whole(purchases.grant_purchase, line=line, at=AT) for _ in range(4)]
    repayment = world.pay_back(line, 10, at=AT)
    backs = [whole(purchases.claw_back, lot=line.lot, amount=10, cause=repayment, at=AT) for _ in range(4)]
    results = together([*charges, *grants, *backs])
    assert {lot.pk for lot in results[12:16]} == {line.lot.pk}
    taken, short = results[16]
    assert results[16:] == [(taken, short)] * 4
    assert (taken, short) == (10 - Charge.objects.count(), Charge.objects.count())
    assert set(errors(results)) <= {"NotEnoughCredits", "WalletHeld"}
    assert world.balance(member) == 0


def test_two_who_approve_at_once_post_once():
    member, policy = world.make_payer(), world.make_policy()
    wallet = world.settle(member, at=AT)
    assert policy.adjust_direct_limit < 9
    with transaction.atomic():
        facts = {"amount": 9, "life_days": 30, "reason": "a gift", "actor": world.make_payer("Olu"), "at": AT}
        waiting = adjusting.propose(wallet=wallet, **facts)
    seconds = [world.make_payer("Ann") for _ in range(6)]
    # Each with a copy of its own, as each request has.
    copies = [Adjustment.objects.get(pk=waiting.pk) for _ in seconds]
    results = together(
        [
            whole(adjusting.approve, adjustment=copy, actor=actor, at=AT)
            for copy, actor in zip(copies, seconds, strict=True)
        ]
    )
    assert errors(results) == ["NotWaiting"] * 5
    assert world.balance(member) == 9


def test_a_deadlocks_victim_is_tried_again():
    first, second = (world.settle(world.make_payer(), at=AT) for _ in range(2))
    turn = threading.Barrier(2)
    met: set[int] = set()

    def lock(one: Wallet, other: Wallet) -> int:
        Wallet.objects.select_for_update(no_key=True).get(pk=one.pk)
        if one.pk not in met and connection.vendor == "postgresql":
            met.add(one.pk)
            turn.wait(timeout=30)
        Wallet.objects.select_for_update(no_key=True).get(pk=other.pk)
        return one.pk

    results = together([whole(lock, first, second), whole(lock, second, first)])
    assert results == [first.pk, second.pk]


def test_a_lock_that_does_not_come_is_busy_and_nothing_is_charged():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite waits 20 s by itself")
    member, policy = world.make_payer(), world.make_policy()
    world.give(member, 1, at=AT)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            ledger.lock_wallet(member, at=AT)
            held.set()
            done.wait(timeout=30)

    def charge() -> None:
        held.wait(timeout=30)
        try:
            try_whole(partial(world.charge, member, at=AT, policy=policy))
        finally:
            done.set()

    assert errors(together([hold, charge])) == ["Busy"]
    assert world.balance(member) == 1


def test_a_broken_wallet_does_not_hold_up_the_others():
    members = [world.make_payer() for _ in range(3)]
    for member in members:
        world.subscribe(member, world.make_terms(), at=AT)
    at = moment("2026-02-15 08:00")
    # Somebody gave the second one its next period around the ledger.
    held = Subscription.objects.get(wallet__member=members[1])
    stray = Period.objects.create(
        subscription=held, plan_version=held.plan_version, n=1, starts_at=at, ends_at=at + 28 * DAY
    )
    with set_to(at):
        sweeps.renew(at=at)
    assert [world.balance(member) for member in members] == [30, 15, 30]
    stray.delete()
