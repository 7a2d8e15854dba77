"""Reading one cell: each function gives the value or raises ValidationError with a sentence."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.languages import LANGUAGE_NAMES
from accounts.text import clean_line, clean_name, is_blank
from accounts.time_zones import is_time_zone
from config.importing.csv_file import Row
from config.importing.report import Fault

Value = TypeVar("Value")

EARLIEST = date(1900, 1, 1)
LONGEST_ADDRESS = 254


class Cells:
    """The cells of one row and, after reading them, everything that is wrong with it."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.faults: list[Fault] = []

    def read(self, column: str, reader: Callable[[str], Value], *, empty: Value) -> Value:
        """The value; `empty` for a cell (or a column) that is not there, and after a fault."""
        typed = self.row.cells.get(column, "")
        if not typed:
            return empty
        try:
            return reader(typed)
        except ValidationError as error:
            self.refuse(column, " ".join(error.messages))
            return empty

    def refuse(self, column: str, reason: str) -> None:
        self.faults.append(Fault(self.row.line, column, reason))


def address(text: str) -> str:
    """Lowercase; the same door for both files."""
    typed = clean_line(text).lower()
    validate_email(typed)
    if len(typed) > LONGEST_ADDRESS or not typed.isascii():
        raise ValidationError(_("Enter a valid email address."))
    return typed


def name(text: str) -> str:
    return _no_longer(clean_name(text), 100)


def line_of(longest: int) -> Callable[[str], str]:
    """Text of one line; only invisible characters are none."""

    def read(text: str) -> str:
        line = clean_line(text)
        return "" if is_blank(line) else _no_longer(line, longest)

    return read


def time_zone(text: str) -> str:
    if not is_time_zone(text):
        raise ValidationError(_("There is no time zone “%(typed)s”."), params={"typed": text})
    return text


def language(text: str) -> str:
    code = text.lower()
    if code not in LANGUAGE_NAMES:
        raise ValidationError(_("There is no language “%(typed)s”."), params={"typed": text})
    return code


def yes_or_no(text: str) -> bool:
    return one_of({"yes": True, "no": False})(text)


def one_of(choices: dict[str, Value]) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if text.lower() not in choices:
            known = ", ".join(choices)
            raise ValidationError(_("“%(typed)s” is none of: %(known)s."), params={"typed": text, "known": known})
        return choices[text.lower()]

    return read


def day_before(at: datetime) -> Callable[[str], datetime]:
    """A day written 2024-02-29, as its first instant in UTC; not after `at`."""

    def read(text: str) -> datetime:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or len(text) != len("2024-02-29"):
            raise ValidationError(_("“%(typed)s” is no day. Write it as 2024-02-29."), params={"typed": text})
        if not EARLIEST <= day <= at.date():
            raise ValidationError(_("%(typed)s is in the future, or before 1900."), params={"typed": text})
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    return read


def _no_longer(text: str, longest: int) -> str:
    if len(text) > longest:
        raise ValidationError(_("It has %(n)s characters; at most %(k)s fit."), params={"n": len(text), "k": longest})
    return text
