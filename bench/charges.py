"""`bin/bench charges [PROCESSES]`: charges and returns a second through the verbs, beside the same by hand-written SQL.

Each is a transaction of its own, as Send and the worker make it: lock, settle, post, write, commit. The processes
saturate the machine; each has wallets of its own, as members do. `verify_ledger` judges what both wrote.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench import stage
from bench.stopwatch import timed

WALLETS = 400
ROUNDS = 3


def main() -> None:
    processes = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    with stage.servers():
        stage.migrate()
        stage.fill(WALLETS, allotment=1_000)
        print(stage.machine(), flush=True)
        from billing import sweeps

        sweeps.renew(at=stage.AT)
        for at_once in [1, processes]:
            for act in ["charge", "refund"]:
                compare(act, at_once)
        stage.in_a_child("bench.renewal", "--verify", "0")


def compare(act: str, at_once: int) -> None:
    rates = {way: rate(way, act, at_once) for way in ["sql", "verb"]}
    print(f"{at_once} at once: {act}, verb / SQL = {rates['verb'] / rates['sql']:.2f}", flush=True)


def rate(way: str, act: str, processes: int) -> float:
    """A second, of all processes together; each begins when all are ready, and is done before the others end."""
    command = [sys.executable, "-m", "bench.charges", "--share", way, act]
    shares = [
        subprocess.Popen(
            [*command, str(number), str(processes)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for number in range(processes)
    ]
    for share in shares:
        assert share.stdout is not None
        share.stdout.readline()
    for share in shares:
        assert share.stdin is not None
        share.stdin.write("go\n")
        share.stdin.flush()
    told = [list(map(float, share.communicate()[0].split())) for share in shares]
    a_second = sum(done / seconds for done, seconds, _, _ in told)
    milliseconds = statistics.median(median for *_, median, _ in told) * 1000
    processor = statistics.mean(cpu for *_, cpu in told) * 1000
    print(f"{processes} at once: {way:4} {act:6} {a_second:7,.0f}/s; median {milliseconds:.2f} ms,"
          f" of processor {processor:.2f} ms", flush=True)  # fmt: skip
    return a_second


def share(way: str, act: str, number: int, processes: int) -> None:
    """One process's part: tells how many, in how many seconds, the median of one and the processor's time of one."""
    works = list(by_the_verb(act, number, processes) if way == "verb" else by_hand(act, number, processes))
    print("ready", flush=True)
    sys.stdin.readline()
    took = []
    with timed() as watch:
        for work in works:
            began = time.perf_counter()
            work()
            took.append(time.perf_counter() - began)
    print(len(works), watch.wall, statistics.median(took), watch.cpu / len(works))


def by_the_verb(act: str, number: int, processes: int) -> Iterator[Callable[[], object]]:
    from accounts.busy import try_whole
    from accounts.site_policy import policy_in_force
    from billing import ledger

    policy = policy_in_force(stage.AT)
    if act == "refund":
        for charge_id in answered(number, processes):
            yield partial(try_whole, partial(ledger.refund, charge_id=charge_id, at=stage.AT))
        return
    for member, reference in sends(number, processes):
        yield partial(try_whole, partial(charge, member, f"verb-{reference}", policy))


def charge(member, reference, policy) -> None:  # type: ignore[no-untyped-def]
    from billing import ledger

    wallet = ledger.lock_wallet(member, at=stage.AT)
    ledger.settle(wallet, at=stage.AT)
    ledger.charge(wallet=wallet, payer=member, cost=1, reference=reference, policy=policy, at=stage.AT)


def by_hand(act: str, number: int, processes: int) -> Iterator[Callable[[], None]]:
    from accounts.site_policy import policy_in_force
    from bench.charges_sql import CHARGE, LOCK, LOCK_OF_CHARGE, REFUND

    policy = policy_in_force(stage.AT)
    facts: dict[str, Any] = {"at": stage.AT, "until": policy.refundable_until(stage.AT), "policy": policy.version}
    if act == "refund":
        for charge_id in answered(number, processes):
            yield partial(run, [LOCK_OF_CHARGE, REFUND], facts | {"charge": charge_id})
        return
    for member, reference in sends(number, processes):
        yield partial(run, [LOCK, CHARGE], facts | {"member": member.pk, "reference": f"sql-{reference}"})


def run(statements: list[str], facts: dict[str, Any]) -> None:
    """The last one writes one row, or what it is about was not as it expects."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '3s'")
        for statement in statements:
            cursor.execute(statement, facts)
        if cursor.rowcount != 1:
            raise SystemExit(f"not posted: {facts}")


def sends(number: int, processes: int) -> Iterator[tuple[Any, str]]:
    """Every member of this share a few times; each charge comes back in the run that follows."""
    from accounts.models import Member

    members = list(Member.objects.order_by("id"))[number::processes]
    for send in range(ROUNDS):
        for member in members:
            yield member, f"{processes}-{member.pk}-{send}"


def answered(number: int, processes: int) -> list[int]:
    """A fresh answer to a charge of every wallet of this share, whose return is due."""
    from django.db.models import Q

    from billing.models import Charge, Wallet

    wallets = list(Wallet.objects.order_by("id").values_list("pk", flat=True))[number::processes]
    charges = Charge.objects.filter(wallet__in=wallets, answered_at=None)
    half = [pk for place, pk in enumerate(charges.order_by("id").values_list("pk", flat=True)) if place % 2 == 0]
    Charge.objects.filter(Q(pk__in=half)).update(answered_at=stage.AT, return_due_at=stage.AT)
    return half


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--share", way, act, number, processes]:
            stage.set_up()
            share(way, act, int(number), int(processes))
        case _:
            main()
