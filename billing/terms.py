"""What the terms of a plan may be: the one place that judges figures, for catalog files and the console's form."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.policy_settings import Changed

from .models import PlanVersion

LARGEST = 2**31 - 1
# Of a version, what says where it comes from and not what it offers.
NOT_TERMS = {
    "id",
    "plan",
    "number",
    "in_force_from",
    "digest",
    "note",
    "proposed_by",
    "approved_by",
    "approved_at",
}
NUMBERS = ("allotment", "price_billed_yearly", "price_billed_monthly", "inmail_daily_cap", "annual_bonus_credits")
LIMITS = ("credit_life_days", "cap", "contract_least", "contract_most")
SWITCHES = ("is_paid", "is_per_seat", "allows_open_profile", "allows_packs")
WORDS: dict[str, list[str]] = {
    "renewal": PlanVersion.Renewal.values,
    "credit_life_from": PlanVersion.LifeFrom.values,
    "allotment_clock": PlanVersion.Clock.values,
    "first_partial_month": PlanVersion.FirstMonth.values,
}
# In the order in which people read them.
_COLUMNS = {column.name: column for column in PlanVersion._meta.concrete_fields if column.name not in NOT_TERMS}
TERMS = tuple(_COLUMNS)


def faults(terms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with these terms: name and sentence; what is left out counts with the model's defaults."""
    found = [fault for name, value in terms.items() for fault in _figure_faults(name, value)]
    yield from found
    if not found:
        whole = figures(PlanVersion(**terms))
        yield from _contradictions(whole)


def _figure_faults(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name in NUMBERS and not _is_number(value, 0):
        yield name, f"{name} is a whole number from 0, not {value!r}."
    if name in LIMITS and value is not None and not _is_number(value, 1):
        yield name, f'{name} is a whole number from 1 or "none", not {value!r}.'
    if name in SWITCHES and not isinstance(value, bool):
        yield name, f"{name} is true or false, not {value!r}."
    if name in WORDS and value not in WORDS[name]:
        yield name, f"{name} is one of {', '.join(WORDS[name])}, not {value!r}."


def _contradictions(terms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    cap, allotment = terms["cap"], terms["allotment"]
    if cap is not None and cap < allotment:
        yield "cap", f"cap {cap} is below the allotment {allotment}."
    if not terms["is_paid"] and (terms["price_billed_yearly"] or terms["price_billed_monthly"]):
        yield "is_paid", "it has a price, but is_paid is false."
    least, most = terms["contract_least"], terms["contract_most"]
    if (least is None) != (most is None):
        yield "contract_most", "a contract has a least and a most, or neither."
    elif least is not None and least > most:
        yield "contract_most", f"contract_most {most} is below contract_least {least}."


def _is_number(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST


def figures(version: PlanVersion) -> dict[str, Any]:
    """All terms of a version by name, those left to the model's defaults too."""
    return {name: getattr(version, name) for name in TERMS}


def digest(terms: Mapping[str, Any]) -> str:
    """Of all figures: two versions with the same digest offer the same."""
    return hashlib.sha256(json.dumps(figures(PlanVersion(**terms)), sort_keys=True).encode()).hexdigest()


def label(name: str) -> str:
    """What people call a term."""
    return str(_COLUMNS[name].verbose_name)


def shown(name: str, value: Any) -> str:
    """The value of a term as people read it; prices in units of the currency."""
    if value is None:
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in WORDS:
        return str(dict(_COLUMNS[name].flatchoices)[value])
    if name.startswith("price_"):
        return f"{value / 100:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def changed(was: PlanVersion, will_be: PlanVersion) -> list[Changed]:
    """What differs between two versions of a plan, as people read it."""
    before, after = figures(was), figures(will_be)
    return [
        Changed(name=name, label=label(name), was=shown(name, before[name]), will_be=shown(name, after[name]))
        for name in TERMS
        if before[name] != after[name]
    ]
