"""Months as members count them: from midnight to midnight in the active zone."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import dateformat, timezone
from django.utils.translation import pgettext

YEARS = range(2000, 9000)


@dataclass(frozen=True, order=True)
class Month:
    """A month of the calendar; written "2026-11"."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"

    @property
    def name(self) -> str:
        """ "November 2026"."""
        return dateformat.format(date(self.year, self.month, 1), pgettext("date format", "F Y"))

    @property
    def starts_at(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=timezone.get_current_timezone())

    @property
    def ends_at(self) -> datetime:
        """The first instant that is not in it."""
        return self.next.starts_at

    @property
    def next(self) -> "Month":
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)


def month_of(instant: datetime) -> Month:
    """The month in which an instant lies, in the active zone."""
    local = timezone.localtime(instant)
    return Month(local.year, local.month)


def read_month(text: str) -> Month:
    """ "2026-11". Raises ValueError for anything else."""
    year, dash, month = text.partition("-")
    if len(text) != 7 or not dash or not (year + month).isascii() or not (year + month).isdecimal():
        raise ValueError(f"no month: {text}")
    if int(year) not in YEARS or not 1 <= int(month) <= 12:
        raise ValueError(f"no month: {text}")
    return Month(int(year), int(month))


def months_between(first: Month, last: Month, *, limit: int) -> list[Month]:
    """Newest first, at most `limit`."""
    found: list[Month] = []
    while first <= last and len(found) < limit:
        found.append(last)
        last = last.previous
    return found


class MonthConverter:
    """A month in an address. One that no calendar has is 404."""

    regex = "[^/]+"

    def to_python(self, value: str) -> Month:
        return read_month(value)

    def to_url(self, value: Month | str) -> str:
        return str(value)
