"""The demo: made once, on an empty site only, and as true as any other ledger."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.clock import now
from accounts.models import Member
from billing.models import Entry, Wallet
from billing.tasks import expire_lots, renew_due_allotments
from messaging import trays
from messaging.models import Message, Outreach


@pytest.fixture
def demo(catalog: None, settings, tmp_path) -> str:
    settings.DEBUG, settings.DATA_DIR = True, tmp_path
    call_command("load_catalog", "standard")
    call_command("demo")
    return (tmp_path / "demo-sign-ins.txt").read_text()


def test_it_makes_a_living_community(demo: str) -> None:
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


def test_its_ledger_is_sound_once_the_worker_ran(demo: str) -> None:
    renew_due_allotments()
    expire_lots()
    call_command("verify_ledger", "--strict")


def test_the_sign_ins_are_random_and_for_the_owner_only(demo: str, tmp_path) -> None:
    assert (tmp_path / "demo-sign-ins.txt").stat().st_mode & 0o077 == 0
    assert {"karim@demo.example", "mei@demo.example", "sam@demo.example", "rosa@demo.example"} <= set(demo.split())
    password = next(line.split()[-1] for line in demo.splitlines() if "karim@" in line)
    assert Member.objects.get(email="karim@demo.example").check_password(password)


def test_a_site_with_members_is_left_alone(demo: str) -> None:
    with pytest.raises(CommandError, match="members already"):
        call_command("demo")


def test_a_site_that_is_not_for_trying_out_is_left_alone(catalog: None, settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--i-know"):
        call_command("demo")
