"""Month arithmetic: the tables of the domain, to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.periods import period_bounds, period_start, prorated, term_end_after
from tests.billing.world import MICROSECOND, moment


def starts(anchor: str, clock: str, numbers: range) -> list[str]:
    return [f"{period_start(anchor_at=moment(anchor), clock=clock, n=number):%Y-%m-%d %H:%M}" for number in numbers]


def test_an_anchor_on_the_31st_takes_each_months_last_day_and_comes_back_to_the_31st():
    assert starts("2026-01-31 09:30", "start", range(1, 6)) == [
        "2026-02-28 09:30",
        "2026-03-31 09:30",
        "2026-04-30 09:30",
        "2026-05-31 09:30",
        "2026-06-30 09:30",
    ]


def test_a_leap_year_gives_29_february():
    assert starts("2028-01-31 09:30", "start", range(1, 3)) == ["2028-02-29 09:30", "2028-03-31 09:30"]


def test_allotments_of_a_leap_days_year_come_on_the_29th_or_the_months_end():
    year = starts("2028-02-29 00:00", "start", range(1, 14))
    assert year[:2] == ["2028-03-29 00:00", "2028-04-29 00:00"]
    assert year[10:] == ["2029-01-29 00:00", "2029-02-28 00:00", "2029-03-29 00:00"]


def test_terms_of_a_leap_days_year_come_back_to_29_february():
    at, ends = moment("2028-02-29 00:00"), []
    for _ in range(4):
        at = term_end_after(at, anchor_at=moment("2028-02-29 00:00"), interval="year")
        ends.append(f"{at:%Y-%m-%d}")
    assert ends == ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-05-31 09:30", "2026-06-30 09:30"),
        ("2026-06-30 09:29", "2026-06-30 09:30"),
        ("2026-06-30 09:30", "2026-07-31 09:30"),
        ("2026-01-01 00:00", "2026-02-28 09:30"),
    ],
)
def test_a_monthly_term_ends_on_the_anchors_day(at, end):
    assert term_end_after(moment(at), anchor_at=moment("2026-01-31 09:30"), interval="month") == moment(end)


def test_by_the_calendar_month_all_but_the_first_start_on_the_first():
    assert starts("2026-04-20 11:00", "calendar_month", range(3)) == [
        "2026-04-20 11:00",
        "2026-05-01 00:00",
        "2026-06-01 00:00",
    ]


@pytest.mark.parametrize(("day", "credits"), [(20, 19), (1, 50), (30, 2)])
def test_a_first_part_of_a_month_counts_days_and_rounds_up(day, credits):
    assert prorated(50, anchor_at=datetime(2026, 4, day, 23, 59, tzinfo=UTC)) == credits


def test_the_anchor_is_read_in_utc():
    anchor = datetime(2026, 3, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert period_start(anchor_at=anchor, clock="calendar_month", n=1) == moment("2026-03-01 00:00")


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["start", "calendar_month", "contract"]),
    st.integers(0, 60),
)
def test_periods_touch_and_never_go_back(anchor, clock, number):
    starts_at, ends_at = period_bounds(anchor_at=anchor, clock=clock, n=number)
    assert starts_at < ends_at
    assert ends_at == period_start(anchor_at=anchor, clock=clock, n=number + 1)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(0), timedelta(days=4000)),
    st.sampled_from(["month", "year"]),
)
def test_a_terms_end_lies_after_the_instant_and_no_earlier_end_does(anchor, passed, interval):
    end = term_end_after(anchor + passed, anchor_at=anchor, interval=interval)
    assert end > anchor + passed
    before = term_end_after(end - MICROSECOND, anchor_at=anchor, interval=interval)
    assert before == end
