"""`bin/bench renewal [SUBSCRIPTIONS]`: a month's renewal of 100,000 subscriptions, beside the same in hand-written SQL.

Each month every lot of the month before expires and a new one is granted: two entries, a closed lot, a new lot and a
period a subscription. Both ways write the same rows, hashes included; `verify_ledger` judges them at the end.
"""

import sys
import time

from bench import stage

MONTHS = 4


def main() -> None:
    members = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with stage.servers():
        stage.migrate()
        stage.fill(members)
        print(f"{members:,} subscriptions; {stage.machine()}", flush=True)
        for month, way in enumerate(["product", "sql", "product", "sql"]):
            stage.in_a_child("bench.renewal", f"--{way}", str(month), str(members))
        stage.in_a_child("bench.renewal", "--verify")


def due_at(month: int):  # type: ignore[no-untyped-def]
    return stage.AT.replace(month=stage.AT.month + month)


def by_the_product(month: int, members: int) -> None:
    from billing import sweeps

    began = time.perf_counter()
    posted = 0
    while done := sweeps.renew(at=due_at(month)).total():
        posted += done
    seconds = time.perf_counter() - began
    told("product", month, members, seconds)
    print(f"         {posted:,} entries, peak memory {stage.peak_memory_mb():.0f} MB", flush=True)


def by_hand(month: int, members: int) -> None:
    from django.db import connection, transaction

    from bench.renewal_sql import STATEMENTS

    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, {"at": due_at(month)})
    told("sql", month, members, time.perf_counter() - began)


def told(way: str, month: int, members: int, seconds: float) -> None:
    print(f"month {month}: {way:8} {seconds:7.1f} s  {members / seconds:9,.0f} subscriptions/s", flush=True)


def verify() -> None:
    from billing import audit

    began = time.perf_counter()
    seen = audit.verify(at=due_at(MONTHS))
    seconds = time.perf_counter() - began
    print(f"verify_ledger: {seen}; {seconds:.1f} s, peak memory {stage.peak_memory_mb():.0f} MB", flush=True)
    if seen.breaches:
        raise SystemExit("\n".join(map(str, seen.breaches[:5])))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--product", month, members]:
            stage.set_up()
            by_the_product(int(month), int(members))
        case ["--sql", month, members]:
            stage.set_up()
            by_hand(int(month), int(members))
        case ["--verify"]:
            stage.set_up()
            verify()
        case _:
            main()
