"""Every anchor from the 28th to the 31st over a whole leap cycle, against an oracle that counts on its fingers."""

from calendar import isleap
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from billing.periods import period_bounds, period_start, term_end_after

MICROSECOND = timedelta(microseconds=1)
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Two common years, a leap year, and the years up to one that a century makes common.
YEARS = (2026, 2027, 2028, 2096, 2099)
MONTHS_AHEAD = 26


def length_of(year: int, month: int) -> int:
    return 29 if month == 2 and isleap(year) else LENGTHS[month - 1]


def oracle(anchor: datetime, months: int) -> datetime:
    """The same day so many months later, or that month's last day: one month at a time, never from a clamped one."""
    year, month = anchor.year, anchor.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return anchor.replace(year=year, month=month, day=min(anchor.day, length_of(year, month)))


ANCHORS = [
    datetime(year, month, day, 23, 59, 59, 999_999, tzinfo=UTC)
    for year in YEARS
    for month in range(1, 13)
    for day in range(28, length_of(year, month) + 1)
]


def test_every_period_starts_where_the_oracle_says() -> None:
    assert len(ANCHORS) > 190
    for anchor in ANCHORS:
        for n in range(MONTHS_AHEAD):
            assert period_start(anchor_at=anchor, clock="start", n=n) == oracle(anchor, n), (anchor, n)


def test_periods_meet_without_gap_or_overlap() -> None:
    for anchor in ANCHORS:
        for clock in ("start", "calendar_month"):
            bounds = [period_bounds(anchor_at=anchor, clock=clock, n=n) for n in range(MONTHS_AHEAD)]
            assert all(until == following for (_, until), (following, _) in pairwise(bounds))
            assert all(start < until for start, until in bounds)


@pytest.mark.parametrize(("interval", "months"), [("month", 1), ("year", 12)])
def test_a_term_ends_at_its_instant_and_not_a_microsecond_earlier(interval: str, months: int) -> None:
    for anchor in ANCHORS:
        for number in (1, 2, 5):
            end = oracle(anchor, months * number)
            before = term_end_after(end - MICROSECOND, anchor_at=anchor, interval=interval)
            assert before == end, (anchor, number)
            after = term_end_after(end, anchor_at=anchor, interval=interval)
            assert after == oracle(anchor, months * (number + 1)), (anchor, number)


def test_the_oracle_itself_knows_a_leap_day() -> None:
    assert oracle(datetime(2028, 1, 31, tzinfo=UTC), 1) == datetime(2028, 2, 29, tzinfo=UTC)
    assert oracle(datetime(2099, 12, 31, tzinfo=UTC), 2) == datetime(2100, 2, 28, tzinfo=UTC)
