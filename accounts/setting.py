"""One setting of the site's policy: what it is called, which values it may have, how they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Purpose

COST = range(1, 11)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting. `kind` is switch, number, choice, set or costs (a number for each purpose).

    A number lies in least..most; with `may_be_none` it may have no limit. `words` say the readings of a choice or set.
    """

    name: str
    label: str | Promise
    kind: str = "number"
    least: int = 0
    most: int = 0
    may_be_none: bool = False
    words: Mapping[str, str | Promise] | None = None

    def fits(self, value: Any) -> bool:
        """Whether a value may be stored; sets are lists or tuples."""
        if self.kind == "switch":
            return isinstance(value, bool)
        if self.kind == "number":
            return self.may_be_none if value is None else _is_number(value, self.least, self.most)
        if self.kind == "choice":
            return isinstance(value, str) and value in (self.words or {})
        if self.kind == "set":
            return self._fits_set(value)
        return isinstance(value, Mapping) and all(
            purpose in Purpose.values and _is_number(cost, COST[0], COST[-1]) for purpose, cost in value.items()
        )

    def _fits_set(self, value: Any) -> bool:
        if not isinstance(value, list | tuple) or not value:
            return False
        return len(set(map(str, value))) == len(value) and all(item in (self.words or {}) for item in value)

    @property
    def range_words(self) -> str:
        """What may stand here, in a sentence."""
        if self.kind == "switch":
            return _("Either on or off.")
        if self.kind == "number":
            return self._number_words()
        if self.kind == "costs":
            return _("A whole number from 1 to 10 for each purpose that costs something else.")
        listed = ", ".join(self.words or {})
        if self.kind == "choice":
            return _("One of: %(list)s.") % {"list": listed}
        return _("One or more of: %(list)s.") % {"list": listed}

    def _number_words(self) -> str:
        values = {"least": f"{self.least:,}", "most": f"{self.most:,}"}
        if self.least == self.most:
            return _("%(least)s, or none.") % values
        if self.may_be_none:
            return _("A whole number from %(least)s to %(most)s, or none.") % values
        return _("A whole number from %(least)s to %(most)s.") % values

    def shown(self, value: Any) -> str:
        """A value as staff read it."""
        if value is None:
            return _("none")
        if self.kind == "switch":
            return _("on") if value else _("off")
        if self.kind == "number":
            return f"{value:,}"
        words = self.words or {}
        if self.kind == "choice":
            return str(words[value])
        if self.kind == "set":
            return ", ".join(str(words[item]) for item in value)
        return ", ".join(f"{Purpose(purpose).label}: {cost}" for purpose, cost in value.items()) or _("none")


def _is_number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def switch(name: str, label: str | Promise) -> Setting:
    return Setting(name=name, label=label, kind="switch")


def number(name: str, label: str | Promise, least: int, most: int, *, may_be_none: bool = False) -> Setting:
    return Setting(name=name, label=label, least=least, most=most, may_be_none=may_be_none)


def choice(name: str, label: str | Promise, **words: str | Promise) -> Setting:
    return Setting(name=name, label=label, kind="choice", words=words)
