"""Catalog files: a TOML file is read and checked; every fault is told at once, as a sentence."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accounts import policy_settings

from . import terms

SHIPPED = Path(__file__).parent / "catalogs"
FREE = "free"
NO_LIMIT = "none"
TABLES = {"catalog", "currency", "policy", "plans", "packs"}

ALWAYS = (
    "allotment",
    "price_billed_yearly",
    "price_billed_monthly",
    "inmail_daily_cap",
    "is_paid",
    "allows_open_profile",
)
WITH_CREDITS = ("renewal", "credit_life_days", "cap", "allotment_clock")


class CatalogInvalid(Exception):
    """The file cannot be loaded. `faults` are sentences, all of them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One plan of a catalog: `terms` are fields of PlanVersion."""

    code: str
    name: str
    terms: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PackOffer:
    """Credits for a price in minor units."""

    credits: int
    price: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Catalog:
    code: str
    offers: tuple[Offer, ...]
    packs: tuple[PackOffer, ...] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)


def shipped() -> list[str]:
    """The catalogs that come with Postern."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read_catalog(path: Path) -> Catalog:
    """The checked content of a file. Raises CatalogInvalid with every fault as a sentence."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogInvalid([f"There is no catalog {path.name}."]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogInvalid([f"{path.name} is not a TOML file: {error}."]) from error
    if faults := list(_faults(content)):
        raise CatalogInvalid(faults)
    currency = content["currency"]
    return Catalog(
        code=content["catalog"],
        offers=tuple(_offer(code, plan, currency) for code, plan in content["plans"].items()),
        packs=tuple(PackOffer(currency=currency, **pack) for pack in content.get("packs", [])),
        policy=policy_settings.differences(_values(content.get("policy", {}))),
    )


def _offer(code: str, plan: Mapping[str, Any], currency: str) -> Offer:
    figures = {name: value for name, value in _values(plan).items() if name != "name"}
    return Offer(code=code, name=plan["name"], terms={"currency": currency, **figures})


def _values(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if value == NO_LIMIT else value for name, value in table.items()}


def _faults(content: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"Unknown key {key!r}." for key in sorted(content.keys() - TABLES))
    if not _is_text(content.get("catalog"), 32):
        yield 'Say catalog = "name", at most 32 characters.'
    if not (_is_text(content.get("currency"), 3) and len(content["currency"]) == 3):
        yield 'Say currency = "USD", three letters.'
    plans, policy, packs = content.get("plans", {}), content.get("policy", {}), content.get("packs", [])
    if not isinstance(plans, Mapping) or not isinstance(policy, Mapping) or not isinstance(packs, list):
        yield "[plans.code] and [policy] are tables, [[packs]] is a list of them."
        return
    if FREE not in plans:
        yield f"The plan {FREE!r} is missing: its terms count for members without a plan."
    for code, plan in plans.items():
        yield from (f"Plan {code}: {fault}" for fault in _plan_faults(code, plan))
    yield from (f"Pack {number}: {fault}" for number, pack in enumerate(packs, 1) for fault in _pack_faults(pack))
    yield from _policy_faults(policy)


def _plan_faults(code: str, plan: Any) -> Iterator[str]:
    if not isinstance(plan, Mapping):
        yield "it is not a table."
        return
    unknown = sorted(plan.keys() - {"name", *terms.TERMS} | plan.keys() & {"currency"})
    missing = [name for name in ALWAYS + (WITH_CREDITS if plan.get("allotment") else ()) if name not in plan]
    yield from (f"unknown key {key!r}." for key in unknown)
    if len(code) > 40 or not code.replace("-", "").isalnum() or not code.isascii():
        yield "its code has only letters, digits and hyphens, at most 40."
    if not _is_text(plan.get("name"), 60):
        yield "name is missing, empty or longer than 60 characters."
    yield from (f"{name} is missing." for name in missing)
    if not unknown and not missing:
        figures = {name: value for name, value in _values(plan).items() if name != "name"}
        yield from (fault for _name, fault in terms.faults(figures))


def _pack_faults(pack: Any) -> Iterator[str]:
    if not isinstance(pack, Mapping) or pack.keys() != {"credits", "price"}:
        yield "it says credits = 10 and price = 1000, in minor units, and nothing else."
        return
    for name in ("credits", "price"):
        if type(pack[name]) is not int or not 1 <= pack[name] <= 10_000_000:
            yield f"{name} is a whole number from 1 to 10,000,000, not {pack[name]!r}."


def _policy_faults(policy: Mapping[str, Any]) -> Iterator[str]:
    for name, fault in policy_settings.faults(_values(policy)).items():
        if name not in policy_settings.SETTINGS:
            yield f"Policy: unknown setting {name!r}."
        elif name in policy:
            yield f"Policy: {name} cannot be {policy[name]!r}. {fault}"
        else:
            yield f"Policy: {name}: {fault}"


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= longest
