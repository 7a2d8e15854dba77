"""Several timetables, tasks that come twice, tasks that cannot succeed."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts.clock import FOREVER, now
from accounts.hints import hint
from accounts.models import FailedJob, JobRun
from billing.catalog import version_in_force
from billing.models import Entry, Period, Subscription
from billing.subscriptions import subscribe
from tests.processes import until

pytestmark = [pytest.mark.slow, pytest.mark.worker, pytest.mark.django_db(transaction=True)]

RUNS = 15


def test_five_timetables_at_once_give_one_allotment_a_period(stage, make_member):
    began = now() - timedelta(days=75)
    members = [make_member(f"Member {number}") for number in range(10)]
    for member in members:
        begin_plan(member, at=began)
    assert Period.objects.count() == len(members)

    stage.start_worker()
    stage.start_worker()
    for _ in range(5):
        stage.start_beat(app="tests.worker.quick")

    until(lambda: renewals() >= RUNS, seconds=90)
    for subscription in Subscription.objects.all():
        numbers = list(subscription.periods.order_by("n").values_list("n", flat=True))
        assert numbers == [0, 1, 2]
        assert Entry.objects.filter(wallet=subscription.wallet, kind=Entry.Kind.GRANT).count() == 3
    call_command("verify_ledger", "--strict")


def begin_plan(member, *, at):
    terms = version_in_force("premium-business", at=at)
    subscribe(member=member, plan_version=terms, interval="month", paid_through=FOREVER, started_by=None, at=at)


def renewals():
    return JobRun.objects.filter(job="renew_due_allotments", succeeded=True).count()


def test_a_task_that_cannot_succeed_leaves_a_row_and_holds_up_nobody(stage):
    worker = stage.start_worker()

    hint("accounts.tasks.send_notice", "no\x1cnumber")
    hint("accounts.tasks.heartbeat")

    until(lambda: JobRun.objects.filter(job="heartbeat", succeeded=True).count(), seconds=20)
    failed = until(FailedJob.objects.first, seconds=60)
    assert failed.task == "accounts.tasks.send_notice"
    assert failed.error.startswith("ValueError")
    assert worker.process.poll() is None


def test_a_task_of_no_name_holds_up_nobody(stage):
    stage.start_worker()

    hint("billing.tasks.give_me_credits", 1_000)
    hint("accounts.tasks.heartbeat")

    until(lambda: JobRun.objects.filter(job="heartbeat", succeeded=True).count(), seconds=20)
    assert Entry.objects.count() == 0
