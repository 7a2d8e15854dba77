"""`bin/bench charges [THREADS]`: charges a second, each a transaction of its own, as Send makes them."""

import statistics
import sys
import threading
import time
from functools import partial

from bench import stage

WALLETS = 400
CHARGES_A_WALLET = 10


def main() -> None:
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    with stage.servers():
        stage.migrate()
        stage.fill(WALLETS)
        print(stage.machine(), flush=True)
        from billing import sweeps

        sweeps.renew(at=stage.AT)
        for number, at_once in enumerate([1, threads]):
            measure(f"run{number}", at_once)


def measure(name: str, threads: int) -> None:
    from accounts.models import Member

    members = list(Member.objects.order_by("id"))
    shares = [members[start::threads] for start in range(threads)]
    took: list[float] = []
    workers = [threading.Thread(target=spend, args=(share, name, took)) for share in shares]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - began
    p95 = statistics.quantiles(took, n=20)[-1]
    print(
        f"{threads} at once: {len(took) / seconds:,.0f} charges/s; median {statistics.median(took) * 1000:.1f} ms,"
        f" 95 % under {p95 * 1000:.1f} ms",
        flush=True,
    )


def spend(members, name, took) -> None:  # type: ignore[no-untyped-def]
    from django.db import connections

    from accounts.busy import try_whole
    from accounts.site_policy import policy_in_force

    policy = policy_in_force(stage.AT)
    for number in range(CHARGES_A_WALLET // 2):
        for member in members:
            began = time.perf_counter()
            try_whole(partial(charge, member, f"{name}-{member.pk}-{number}", policy))
            took.append(time.perf_counter() - began)
    connections.close_all()


def charge(member, reference, policy) -> None:  # type: ignore[no-untyped-def]
    from billing import ledger

    wallet = ledger.lock_wallet(member, at=stage.AT)
    ledger.settle(wallet, at=stage.AT)
    ledger.charge(wallet=wallet, payer=member, cost=1, reference=reference, policy=policy, at=stage.AT)


if __name__ == "__main__":
    main()
