"""`bin/bench growth [SUBSCRIPTIONS ...]`: what a renewal costs a row, from 10 thousand to a million subscriptions.

Flat is right: each size is a database of its own, in which the second month is measured.
"""

import sys

from bench import stage
from bench.renewal import by_the_product

SIZES = (10_000, 100_000, 1_000_000)


def main() -> None:
    for members in sys.argv[1:] or SIZES:
        stage.in_a_child("bench.growth", "--size", str(members))


def measure(members: int) -> None:
    with stage.servers():
        stage.migrate()
        stage.fill(members)
        print(stage.machine(), flush=True)
        stage.in_a_child("bench.growth", "--month", str(members))


def month(members: int) -> None:
    by_the_product(0)
    watch = by_the_product(1)
    each = watch.cpu / members * 1e6
    print(f"{members:,} subscriptions: {watch}; {each:.0f} us of processor each,"
          f" peak memory {stage.peak_memory_mb():.0f} MB", flush=True)  # fmt: skip


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--size", members]:
            measure(int(members))
        case ["--month", members]:
            stage.set_up()
            month(int(members))
        case _:
            main()
