"""The demo: made once, on an empty site only, and as true as any other ledger."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.clock import now
from accounts.models import Member
from billing.models import Entry, Wallet
from billing.tasks import expire_lots, renew_due_allotments
from messaging import trays
from messaging.models import Message, Outreach
from tests.emptying import lasting


@pytest.fixture(scope="module")
def standing_demo(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory):
    """The folder of a demo that is made once for this file."""
    folder = tmp_path_factory.mktemp("demo")

    def make() -> Path:
        with override_settings(DEBUG=True, DATA_DIR=folder):
            call_command("load_catalog", "standard")
            call_command("demo")
        return folder

    with lasting(django_db_blocker, make) as made:
        yield made


@pytest.fixture
def demo(standing_demo: Path, db: None, settings) -> Path:
    settings.DEBUG, settings.DATA_DIR = True, standing_demo
    return standing_demo / "demo-sign-ins.txt"


def test_it_makes_a_living_community(demo: Path) -> None:
    karim = Member.objects.get(email="karim@demo.example")
    assert Member.objects.count() > 300
    lots = karim.wallet.lots.filter(remaining__gt=0)
    assert lots.count() > 2
    assert not Wallet.objects.filter(member__email="sam@demo.example", balance__gt=0).exists()
    kinds = set(Entry.objects.filter(wallet=karim.wallet).values_list("kind", flat=True))
    assert kinds >= {"grant", "charge", "refund", "adjust", "expire"}
    assert set(Outreach.objects.values_list("code", flat=True)) == {"inmail", "open_profile"}
    assert trays.requests(karim, now()).count() == 2
    assert not Message.objects.filter(deliver_at__gt=now() - timedelta(minutes=1)).exists()


def test_its_ledger_is_sound_once_the_worker_ran(demo: Path) -> None:
    renew_due_allotments()
    expire_lots()
    call_command("verify_ledger", "--strict")


def test_the_sign_ins_are_random_and_for_the_owner_only(demo: Path) -> None:
    assert demo.stat().st_mode & 0o077 == 0
    told = demo.read_text()
    assert {"karim@demo.example", "mei@demo.example", "sam@demo.example", "rosa@demo.example"} <= set(told.split())
    password = next(line.split()[-1] for line in told.splitlines() if "karim@" in line)
    assert Member.objects.get(email="karim@demo.example").check_password(password)


def test_a_site_with_members_is_left_alone(demo: Path) -> None:
    with pytest.raises(CommandError, match="members already"):
        call_command("demo")


def test_a_site_that_is_not_for_trying_out_is_left_alone(catalog: None, settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--i-know"):
        call_command("demo")
