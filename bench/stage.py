"""What every benchmark stands on: servers of its own, the schema, members with wallets, and honest words about both."""

import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from config.devstack import start_postgres, start_valkey

AT = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)


@contextmanager
def servers() -> Iterator[None]:
    """A PostgreSQL and a Valkey for this run; children find them in the environment."""
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as folder:
        postgres, valkey = start_postgres(folder=Path(folder)), start_valkey()
        try:
            os.environ.update(
                DJANGO_SETTINGS_MODULE="config.settings",
                DATABASE_URL=postgres.url,
                REDIS_URL=valkey.url,
                DATA_DIR=folder,
                SECRET_KEY="only-for-benchmarks-" + "0123456789" * 4,
                DEBUG="false",
                SITE_URL="http://localhost:8000",
            )
            set_up()
            yield
        finally:
            valkey.stop()
            postgres.stop()


def set_up() -> None:
    import django

    django.setup()


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def in_a_child(module: str, *arguments: str) -> None:
    """A part measured in a process of its own, so that its memory is its own."""
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


def peak_memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {python}, PostgreSQL {version}, fsync off"


def fill(members: int, *, allotment: int = 15) -> None:
    """Members with wallets on one plan, whose credits start anew each month."""
    from accounts.clock import FOREVER
    from accounts.models import Member, PolicyVersion
    from billing.models import Plan, PlanVersion, Subscription, Wallet

    beginning = datetime(2000, 1, 1, tzinfo=UTC)
    PolicyVersion.objects.create(catalog="bench", in_force_from=beginning, approved_at=beginning)
    plan = Plan.objects.create(code="bench", name="Bench")
    terms = PlanVersion.objects.create(
        plan=plan,
        number=1,
        in_force_from=AT,
        approved_at=AT,
        allotment=allotment,
        is_paid=True,
        renewal="reset",
        inmail_daily_cap=15,
        digest="-",
    )
    for start in range(0, members, 5_000):
        people = Member.objects.bulk_create(
            Member(handle=f"m{n}", email=f"m{n}@example.org", name=f"M {n}", name_folded=f"m {n}", joined_at=AT)
            for n in range(start, min(start + 5_000, members))
        )
        wallets = Wallet.objects.bulk_create(Wallet(member=member, opened_at=AT) for member in people)
        Subscription.objects.bulk_create(
            Subscription(wallet=wallet, plan_version=terms, anchor_at=AT, paid_through=FOREVER, renews_at=AT)
            for wallet in wallets
        )
