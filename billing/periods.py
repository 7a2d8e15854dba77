"""Month arithmetic of allotments and terms, in UTC (domain 5.6). Pure: no database, no clock.

Everything is computed from the anchor, never from the period before: a chain of "+1 month" from 31 January
would fall to 29 February and stay on the 29th.
"""

import calendar
from datetime import UTC, datetime

from dateutil.relativedelta import relativedelta

CALENDAR_MONTH = "calendar_month"
MONTHS_OF_TERM = {"month": 1, "year": 12}


def period_start(*, anchor_at: datetime, clock: str, n: int) -> datetime:
    """The first instant of period `n`. By calendar month, all but period 0 start on the 1st at 00:00."""
    anchor_at = anchor_at.astimezone(UTC)
    if clock == CALENDAR_MONTH and n > 0:
        anchor_at = anchor_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _months_after(anchor_at, n)


def period_bounds(*, anchor_at: datetime, clock: str, n: int) -> tuple[datetime, datetime]:
    """`[from, until)` of period `n`; it ends where the next one starts."""
    return (
        period_start(anchor_at=anchor_at, clock=clock, n=n),
        period_start(anchor_at=anchor_at, clock=clock, n=n + 1),
    )


def term_end_after(at: datetime, *, anchor_at: datetime, interval: str) -> datetime:
    """The end of the paid term (`month` or `year`) that holds `at`; terms count from the anchor."""
    anchor_at, at = anchor_at.astimezone(UTC), at.astimezone(UTC)
    months = MONTHS_OF_TERM[interval]
    passed = (at.year - anchor_at.year) * 12 + at.month - anchor_at.month
    # Terms clamp to the month's end, so the estimate may be one short.
    terms = max(passed // months, 0)
    while anchor_at + relativedelta(months=months * terms) <= at:
        terms += 1
    return anchor_at + relativedelta(months=months * max(terms, 1))


def prorated(allotment: int, *, anchor_at: datetime) -> int:
    """The part of an allotment for the rest of the anchor's month, its day included, rounded up."""
    anchor_at = anchor_at.astimezone(UTC)
    days = calendar.monthrange(anchor_at.year, anchor_at.month)[1]
    return -(-allotment * (days - anchor_at.day + 1) // days)


def _months_after(at: datetime, months: int) -> datetime:
    """As relativedelta, in a third of its time: a renewal asks three times, and there are a million of them."""
    years, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + years, month + 1
    # Every month has 28 days; only later ones may have to step back.
    day = at.day if at.day <= 28 else min(at.day, calendar.monthrange(year, month)[1])
    return at.replace(year=year, month=month, day=day)
