"""Deadlines are instants in UTC; the day that is shown, and the day of a daily limit, are the member's own."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.site_policy import SitePolicy
from messaging.dates import day_words, local_day, next_midnight

MICROSECOND = timedelta(microseconds=1)
# Zone, an instant just before its midnight, the day that ends, hours until the midnight after that one.
NIGHTS = [
    ("UTC", "2026-11-22 23:59:59.999999", "2026-11-22", 24),
    ("Europe/Berlin", "2026-03-28 22:59:59.999999", "2026-03-28", 23),
    ("America/New_York", "2026-11-01 03:59:59.999999", "2026-10-31", 25),
    ("Asia/Kolkata", "2026-11-22 18:29:59.999999", "2026-11-22", 24),
    ("Asia/Kathmandu", "2026-11-22 18:14:59.999999", "2026-11-22", 24),
    # Half an hour of summer time.
    ("Australia/Lord_Howe", "2026-10-03 13:29:59.999999", "2026-10-03", 23.5),
    ("Australia/Lord_Howe", "2026-04-04 12:59:59.999999", "2026-04-04", 24.5),
    # 30 December 2011 never was.
    ("Pacific/Apia", "2011-12-30 09:59:59.999999", "2011-12-29", 24),
    # Back for Ramadan and forth again.
    ("Africa/Casablanca", "2026-02-14 22:59:59.999999", "2026-02-14", 25),
    ("Africa/Casablanca", "2026-03-21 23:59:59.999999", "2026-03-21", 23),
    # Summer time begins at midnight: the day starts at one.
    ("Africa/Cairo", "2026-04-23 21:59:59.999999", "2026-04-23", 23),
    ("Pacific/Kiritimati", "2026-11-22 09:59:59.999999", "2026-11-22", 24),
    ("Pacific/Marquesas", "2026-11-23 09:29:59.999999", "2026-11-22", 24),
]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("name", "last", "day", "hours"), NIGHTS)
def test_a_day_ends_at_the_members_midnight_to_the_microsecond(name: str, last: str, day: str, hours: float) -> None:
    zone, before = ZoneInfo(name), instant(last)
    midnight = before + MICROSECOND
    assert local_day(before, zone) == date.fromisoformat(day)
    assert local_day(midnight, zone) > local_day(before, zone)
    assert next_midnight(before, zone) == midnight
    assert next_midnight(midnight, zone) == midnight + timedelta(hours=hours)


@pytest.mark.parametrize("name", sorted({name for name, *_ in NIGHTS}))
def test_ninety_days_are_2160_hours_in_every_zone_and_shown_as_that_zones_day(name: str) -> None:
    zone = ZoneInfo(name)
    charged_at = instant("2026-08-03 12:00:00")
    until = SitePolicy(version=1).refundable_until(charged_at)
    assert until == charged_at + timedelta(hours=2160)
    shown = day_words(until, zone)
    assert shown == f"{until.astimezone(zone).day} Nov 2026"
