"""`bin/bench renewal [SUBSCRIPTIONS]`: a month's renewal of 100,000 subscriptions, beside the same in hand-written SQL.

Each month every lot of the month before expires and a new one is granted: two entries, a closed lot, a new lot and a
period a subscription. Both ways write the same rows, hashes included, in turns; `verify_ledger` judges them at the end.
"""

import statistics
import sys

from dateutil.relativedelta import relativedelta

from bench import stage
from bench.stopwatch import Watch, timed

# The first gives only; of the others, half are renewed by the product.
MONTHS = 7


def main() -> None:
    members = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with stage.servers():
        stage.migrate()
        stage.fill(members)
        print(f"{members:,} subscriptions; {stage.machine()}", flush=True)
        stage.in_a_child("bench.renewal", "--months", str(members))
        stage.in_a_child("bench.renewal", "--verify", str(MONTHS))


def months(members: int) -> None:
    renewed = {"product": by_the_product, "sql": by_hand}
    watches: dict[str, list[Watch]] = {"product": [], "sql": []}
    by_the_product(0)
    for month in range(1, MONTHS):
        way = "sql" if month % 2 else "product"
        watch = renewed[way](month)
        watches[way].append(watch)
        print(f"month {month}: {way:8} {watch}, {members / watch.wall:,.0f} subscriptions/s", flush=True)
    print(f"product / SQL: {ratio(watches, 'cpu'):.2f} by processor, {ratio(watches, 'wall'):.2f} by the wall;"
          f" peak memory {stage.peak_memory_mb():.0f} MB", flush=True)  # fmt: skip


def ratio(watches: dict[str, list[Watch]], measure: str) -> float:
    """How much of the SQL's speed the product has: medians of like months."""
    sql, product = (statistics.median(getattr(watch, measure) for watch in watches[way]) for way in ("sql", "product"))
    return float(sql / product)


def due_at(month: int):  # type: ignore[no-untyped-def]
    return stage.AT + relativedelta(months=month)


def by_the_product(month: int) -> Watch:
    from billing import sweeps

    with timed() as watch:
        while sweeps.renew(at=due_at(month)):
            pass
    return watch


def by_hand(month: int) -> Watch:
    from django.db import connection, transaction

    from bench.renewal_sql import STATEMENTS

    with timed() as watch, transaction.atomic(), connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, {"at": due_at(month)})
    return watch


def verify(months_passed: int) -> None:
    from billing import audit

    with timed() as watch:
        seen = audit.verify(at=due_at(months_passed))
    print(f"verify_ledger: {seen}; {watch}, peak memory {stage.peak_memory_mb():.0f} MB", flush=True)
    if seen.breaches:
        raise SystemExit("\n".join(map(str, seen.breaches[:5])))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--months", members]:
            stage.set_up()
            months(int(members))
        case ["--verify", months_passed]:
            stage.set_up()
            verify(int(months_passed))
        case _:
            main()
