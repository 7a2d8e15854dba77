"""How background work runs: a row for every run of a job, five tries for a task, a row for one that fails for good."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from celery import Task, shared_task
from django.db.models import Exists, OuterRef

from accounts.clock import now
from accounts.models import FailedJob, JobRun

TRIES = 5
RUNS_KEPT_DAYS = 30


class PosternTask(Task):  # type: ignore[misc]
    """A task that is tried five times, 1, 2, 4 and 8 s apart (less a random part), before it counts as failed.

    The waits stay far under the broker's visibility timeout. Nothing is lost after the last try: the task's sweep
    finds the work again from the database.
    """

    autoretry_for = (Exception,)
    max_retries = TRIES - 1
    retry_backoff = True
    retry_backoff_max = 60
    retry_jitter = True

    def on_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """One row for each cause. Only the error's first line: further ones quote the rows of the database."""
        first_line = str(exc).partition("\n")[0]
        FailedJob.objects.update_or_create(
            task=self.name,
            arguments=", ".join(map(str, args))[:500],
            error=f"{type(exc).__name__}: {first_line}"[:500],
            defaults={"failed_at": now()},
        )


def task(function: Callable[..., None]) -> Any:
    """Decorates a function of an app's `tasks.py`: `@jobs.task`. It takes ids and must bear to run twice."""
    return shared_task(base=PosternTask)(function)


class Run:
    """What a job tells about itself while it runs."""

    outcome = ""


@contextmanager
def run(job: str) -> Iterator[Run]:
    """Record one run of `job`. An error is recorded and goes on; a killed run stays unfinished."""
    row = JobRun.objects.create(job=job, started_at=now())
    report = Run()
    succeeded = False
    try:
        yield report
        succeeded = True
    finally:
        JobRun.objects.filter(pk=row.pk).update(finished_at=now(), succeeded=succeeded, outcome=report.outcome[:500])


def last_success(job: str) -> JobRun | None:
    return JobRun.objects.filter(job=job, succeeded=True).order_by("-started_at").first()


def forget_old_runs(*, at: datetime) -> int:
    """Delete runs of more than 30 days ago and count them; the latest success of each job stays (the clock guard)."""
    later_success = JobRun.objects.filter(job=OuterRef("job"), succeeded=True, started_at__gt=OuterRef("started_at"))
    old = JobRun.objects.filter(started_at__lt=at - timedelta(days=RUNS_KEPT_DAYS))
    return old.exclude(~Exists(later_success), succeeded=True).delete()[0]
