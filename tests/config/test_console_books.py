"""Reconciliation and jobs in the console: what is checked, what differs, and running it again."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import FailedJob, Member
from billing import ledger
from billing.models import Difference, ReconciliationRun
from tests.config.test_console import biller, supporter

__all__ = ["biller", "supporter"]

Browse = Callable[[Member], Client]


@pytest.fixture
def run(sender: Member, at: datetime) -> ReconciliationRun:
    """A finished check that found one difference in the sender's wallet."""
    run = ReconciliationRun.objects.create(kind="ledger", started_at=at, finished_at=at, seen=3)
    wallet = ledger.lock_wallet(sender, at=at)
    Difference.objects.create(run=run, rule="R1", wallet=wallet, sentence="balance 14, journal 13")
    return run


def test_a_difference_is_followed_from_its_rule_to_the_member(
    run: ReconciliationRun, biller: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    client = browse(biller)
    page = client.get(reverse("admin:reconciliation")).content.decode()
    inner = reverse("admin:reconciliation_run", args=[run.pk])
    assert "1 difference" in page and inner in page
    detail = client.get(inner).content.decode()
    assert "balance 14, journal 13" in detail
    assert reverse("admin:member_overview", args=[sender.pk]) in detail


def test_green_needs_a_run_within_26_hours(biller: Member, browse: Browse, clock: datetime) -> None:
    started = clock - timedelta(hours=25)
    run = ReconciliationRun.objects.create(kind="ledger", started_at=started, finished_at=started, seen=3)
    address, client = reverse("admin:reconciliation"), browse(biller)
    assert ">OK<" in client.get(address).content.decode()
    ReconciliationRun.objects.filter(pk=run.pk).update(started_at=clock - timedelta(hours=27))
    page = client.get(address).content.decode()
    assert ">OK<" not in page and ">Old<" in page


def test_only_who_adjusts_runs_a_check_or_a_failed_task_again(
    supporter: Member, biller: Member, browse: Browse, clock: datetime
) -> None:
    failure = FailedJob.objects.create(task="accounts.tasks.heartbeat", error="Boom", failed_at=clock)
    pages = [
        (reverse("admin:reconciliation"), {"books": "ledger"}),
        (reverse("admin:jobs"), {"failure": str(failure.pk)}),
    ]
    for address, posted in pages:
        assert browse(supporter).post(address, posted).status_code == 403, address
    assert FailedJob.objects.exists()
    for address, posted in pages:
        assert browse(biller).post(address, posted).status_code == 302, address
    assert not FailedJob.objects.exists()


@pytest.mark.parametrize("posted", [{}, {"failure": "x"}, {"failure": "9" * 30}, {"books": "all"}])
def test_nonsense_asks_for_nothing(posted: dict[str, str], biller: Member, browse: Browse, clock: datetime) -> None:
    client = browse(biller)
    assert client.post(reverse("admin:jobs"), posted).status_code == 302
    assert client.post(reverse("admin:reconciliation"), posted).status_code == 302
