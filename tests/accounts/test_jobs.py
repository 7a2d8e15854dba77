"""A task is tried five times, a failure for good leaves one row, and runs are remembered for a month."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app

from accounts import clock, jobs
from accounts.models import FailedJob, JobRun

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 11, tzinfo=UTC)
tries: list[int] = []


@jobs.task
def stumble(number: int) -> None:
    """Always fails."""
    tries.append(number)
    raise ValueError(f"no {number}\nDETAIL: the row of a person")


@pytest.fixture(autouse=True)
def _nothing_tried():
    tries.clear()


def test_a_task_that_always_fails_is_tried_five_times_and_leaves_one_row(monkeypatch):
    monkeypatch.setattr(stumble, "retry_backoff", False, raising=False)

    stumble.apply(args=[7])

    assert tries == [7] * 5
    failed = FailedJob.objects.get()
    assert (failed.task, failed.arguments) == (stumble.name, "7")
    assert failed.error == "ValueError: no 7"


def test_the_same_failure_again_moves_its_row_forward():
    with clock.set_to(AT):
        stumble.apply(args=[7])
    with clock.set_to(AT + timedelta(hours=1)):
        stumble.apply(args=[7])

    assert FailedJob.objects.get().failed_at == AT + timedelta(hours=1)


def test_a_task_is_found_under_the_name_of_its_module_and_function():
    assert stumble.name == f"{__name__}.stumble"
    assert stumble.name in current_app.tasks


def test_a_run_is_recorded_with_what_it_did():
    with jobs.run("renewals") as report:
        assert JobRun.objects.get().finished_at is None
        report.outcome = "12 renewed"

    run = JobRun.objects.get()
    assert run.succeeded
    assert run.outcome == "12 renewed"
    assert jobs.last_success("renewals") == run


def test_a_failed_run_is_no_success():
    with pytest.raises(ZeroDivisionError), jobs.run("renewals"):
        _ = 1 / 0

    assert JobRun.objects.get().succeeded is False
    assert jobs.last_success("renewals") is None


def test_old_runs_go_but_the_latest_success_of_each_job_stays():
    for days, job, succeeded in [(60, "a", True), (50, "a", True), (40, "a", False), (45, "b", True), (1, "b", True)]:
        JobRun.objects.create(job=job, started_at=AT - timedelta(days=days), succeeded=succeeded)

    assert jobs.forget_old_runs(at=AT) == 3

    left = {(run.job, (AT - run.started_at).days) for run in JobRun.objects.all()}
    assert left == {("a", 50), ("b", 1)}
