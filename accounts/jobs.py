"""Every run of a background job leaves a row: when, how it ended, what it did."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.clock import now
from accounts.models import JobRun


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
        JobRun.objects.filter(pk=row.pk).update(finished_at=now(), succeeded=succeeded, outcome=report.outcome)


def last_success(job: str) -> JobRun | None:
    return JobRun.objects.filter(job=job, succeeded=True).order_by("-started_at").first()
