"""Sweeps trust the clock only as far as the last run makes it likely (domain 5.3, reliability 2.8).

Back by more than five minutes: sweeps stop. Forward by more than 45 days: they wait. In both cases staff confirm with
`manage.py confirm_clock_gap` that the clock is right. Members' own operations go on: no wallet acts before its last
entry.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from accounts import jobs
from accounts.clock import now
from accounts.models import JobRun

BACK = timedelta(minutes=5)
FORWARD = timedelta(days=45)
CONFIRMED = "confirm_clock_gap"


class ClockGap(Exception):
    """The sweep did nothing; the text tells the operator what to do."""


@contextmanager
def sweep(job: str) -> Iterator[tuple[jobs.Run, datetime]]:
    """A recorded run of a sweep, with the time it acts at. Raises ClockGap."""
    at = now()
    with jobs.run(job) as run:
        try:
            check(job, at=at)
        except ClockGap as gap:
            run.outcome = str(gap)
            raise
        yield run, at


def check(job: str, *, at: datetime) -> None:
    """Raises ClockGap when `at` is not likely after the job's last success or the last confirmation."""
    last_at = _last_known_time(job)
    if last_at is None:
        return
    if at < last_at - BACK:
        raise ClockGap(_sentence("went back", last_at=last_at))
    if at > last_at + FORWARD:
        raise ClockGap(_sentence("jumped ahead, or the worker was off for long", last_at=last_at))


def confirm(*, at: datetime) -> JobRun:
    """Staff say that the clock is right at `at`; sweeps go on from here."""
    return JobRun.objects.create(job=CONFIRMED, started_at=at, finished_at=at, succeeded=True, outcome="confirmed")


def _last_known_time(job: str) -> datetime | None:
    """The latest success since the latest confirmation, else that confirmation."""
    confirmed = JobRun.objects.filter(job=CONFIRMED).order_by("-id").first()
    runs = JobRun.objects.filter(job=job, succeeded=True)
    if confirmed is not None:
        runs = runs.filter(pk__gt=confirmed.pk)
    last = runs.order_by("-started_at").first() or confirmed
    return None if last is None else last.started_at


def _sentence(what: str, *, last_at: datetime) -> str:
    """Without the time of now: the same gap is one failed job, however often a sweep meets it."""
    return (
        f"The clock {what} since the last run at {last_at:%Y-%m-%d %H:%M} UTC. "
        "If the host's clock is right now, run: manage.py confirm_clock_gap"
    )
