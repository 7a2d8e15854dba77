"""Plan catalogs: a TOML file is read, checked, and becomes plans with immutable, numbered terms.

A changed figure makes a new version that is in force from now; subscriptions keep the version they have
(domain 3). The shown name is taken once, because operators edit it.
"""

import hashlib
import json
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import PolicyVersion
from accounts.site_policy import SitePolicy

from .models import Plan, PlanVersion

SHIPPED = Path(__file__).parent / "catalogs"
FREE = "free"
# The first load rules from here, so that dated data brought in later has terms and a policy.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
NO_LIMIT = "none"
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

NUMBERS = ("allotment", "price_billed_yearly", "price_billed_monthly", "inmail_daily_cap")
LIMITS = ("credit_life_days", "cap")
SWITCHES = ("is_paid", "is_per_seat", "allows_open_profile")
WORDS: dict[str, list[str]] = {
    "renewal": PlanVersion.Renewal.values,
    "allotment_clock": PlanVersion.Clock.values,
    "first_partial_month": PlanVersion.FirstMonth.values,
}
ALWAYS = (*NUMBERS, "is_paid", "allows_open_profile")
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
class Catalog:
    code: str
    offers: tuple[Offer, ...]
    policy: Mapping[str, Any] = field(default_factory=dict)


# --- What is in force ---------------------------------------------------------------------------


def versions_in_force(at: datetime) -> QuerySet[PlanVersion]:
    """The terms of every plan at `at`, in the plans' order."""
    begun = PlanVersion.objects.begun(at).filter(plan=OuterRef("plan"))
    newest = begun.order_by("-number").values("pk")[:1]
    in_force = PlanVersion.objects.filter(pk=Subquery(newest))
    return in_force.select_related("plan").order_by("plan__position", "plan_id")


def versions_on_offer(*, at: datetime) -> QuerySet[PlanVersion]:
    """The paid plans that members may ask for and staff may give."""
    return versions_in_force(at).filter(plan__is_offered=True, is_paid=True)


def version_in_force(code: str, *, at: datetime) -> PlanVersion:
    """The terms of one plan at `at`. Raises PlanVersion.DoesNotExist for an unknown code."""
    return PlanVersion.objects.begun(at).filter(plan__code=code).select_related("plan").latest("number")


# --- Reading a file -----------------------------------------------------------------------------


def read_catalog(path: Path) -> Catalog:
    """The checked content of a file. Raises CatalogInvalid with every fault as a sentence."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogInvalid([f"There is no catalog {path.name}."]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogInvalid([f"{path.name} is not a TOML file: {error}."]) from error
    if faults := _faults(content):
        raise CatalogInvalid(faults)
    offers = tuple(_offer(code, plan, content["currency"]) for code, plan in content["plans"].items())
    policy = {name: _value(value) for name, value in content.get("policy", {}).items()}
    return Catalog(code=content["catalog"], offers=offers, policy=policy)


def _offer(code: str, plan: Mapping[str, Any], currency: str) -> Offer:
    terms = {name: _value(value) for name, value in plan.items() if name != "name"}
    return Offer(code=code, name=plan["name"], terms={"currency": currency, **terms})


def _value(value: Any) -> Any:
    return None if value == NO_LIMIT else value


def _faults(content: Mapping[str, Any]) -> list[str]:
    faults = [f"Unknown key {key!r}." for key in sorted(content.keys() - {"catalog", "currency", "policy", "plans"})]
    if not _is_text(content.get("catalog"), 32):
        faults.append('Say catalog = "name", at most 32 characters.')
    if not (_is_text(content.get("currency"), 3) and len(content["currency"]) == 3):
        faults.append('Say currency = "USD", three letters.')
    plans, policy = content.get("plans", {}), content.get("policy", {})
    if not isinstance(plans, Mapping) or not isinstance(policy, Mapping):
        return [*faults, "[plans.code] and [policy] are tables."]
    if FREE not in plans:
        faults.append(f"The plan {FREE!r} is missing: its terms count for members without a plan.")
    for code, plan in plans.items():
        faults += [f"Plan {code}: {fault}" for fault in _plan_faults(code, plan)]
    return faults + _policy_faults(policy)


def _plan_faults(code: str, plan: Any) -> list[str]:
    if not isinstance(plan, Mapping):
        return ["it is not a table."]
    known = {"name", *NUMBERS, *LIMITS, *SWITCHES, *WORDS}
    faults = [f"unknown key {key!r}." for key in sorted(plan.keys() - known)]
    if len(code) > 40 or not code.replace("-", "").isalnum() or not code.isascii():
        faults.append("its code has only letters, digits and hyphens, at most 40.")
    if not _is_text(plan.get("name"), 60):
        faults.append("name is missing, empty or longer than 60 characters.")
    needed = ALWAYS + (WITH_CREDITS if plan.get("allotment") else ())
    faults += [f"{name} is missing." for name in needed if name not in plan]
    faults += [fault for name, value in plan.items() for fault in _figure_faults(name, value)]
    return faults or _contradictions(plan)


def _figure_faults(name: str, value: Any) -> list[str]:
    if name in NUMBERS and not _is_number(value, 0):
        return [f"{name} is a whole number from 0, not {value!r}."]
    if name in LIMITS and value != NO_LIMIT and not _is_number(value, 1):
        return [f'{name} is a whole number from 1 or "none", not {value!r}.']
    if name in SWITCHES and not isinstance(value, bool):
        return [f"{name} is true or false, not {value!r}."]
    if name in WORDS and value not in WORDS[name]:
        return [f"{name} is one of {', '.join(WORDS[name])}, not {value!r}."]
    return []


def _contradictions(plan: Mapping[str, Any]) -> list[str]:
    faults = []
    cap = _value(plan.get("cap"))
    if cap is not None and cap < plan["allotment"]:
        faults.append(f"cap {cap} is below the allotment {plan['allotment']}.")
    if not plan["is_paid"] and (plan["price_billed_yearly"] or plan["price_billed_monthly"]):
        faults.append("it has a price, but is_paid is false.")
    return faults


def _policy_faults(policy: Mapping[str, Any]) -> list[str]:
    hints = get_type_hints(SitePolicy)
    settings = {name: hints[name] for name in hints if name != "version"}
    faults = [f"Policy: unknown setting {name!r}." for name in sorted(policy.keys() - settings.keys())]
    return faults + [
        f"Policy: {name} cannot be {value!r}."
        for name, value in policy.items()
        if name in settings and not _fits(_value(value), settings[name])
    ]


def _fits(value: Any, hint: Any) -> bool:
    """Whether a TOML value suits a setting's type."""
    if get_origin(hint) in (Union, types.UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if get_origin(hint) is not None:
        return isinstance(value, Mapping) and all(_is_number(number, 1) for number in value.values())
    if hint is int:
        return _is_number(value, 0)
    return isinstance(value, hint)


def _is_number(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= longest


# --- Loading it ---------------------------------------------------------------------------------


@transaction.atomic
def load(catalog: Catalog, *, at: datetime) -> list[str]:
    """Bring the site to this catalog; loading it again changes nothing. Returns what changed, as sentences."""
    changes = [
        change for position, offer in enumerate(catalog.offers) for change in _load_offer(offer, position, at=at)
    ]
    return changes + _withdraw_others(catalog) + _load_policy(catalog, at=at)


def _load_offer(offer: Offer, position: int, *, at: datetime) -> list[str]:
    plan, is_new = Plan.objects.get_or_create(
        code=offer.code, defaults={"name": offer.name, "position": position, "is_offered": True}
    )
    Plan.objects.filter(pk=plan.pk).exclude(position=position).update(position=position)
    newest = plan.versions.order_by("-number").first()
    digest = _digest(offer.terms)
    if newest is not None and newest.digest == digest:
        return []
    number = newest.number + 1 if newest else 1
    in_force_from = at if newest else BEGINNING
    plan.versions.create(number=number, in_force_from=in_force_from, approved_at=at, digest=digest, **offer.terms)
    return [f"{offer.name}: new plan." if is_new else f"{offer.name}: version {number}."]


def _withdraw_others(catalog: Catalog) -> list[str]:
    """Plans the catalog no longer has: who holds one keeps it, nobody can ask for it."""
    codes = [offer.code for offer in catalog.offers]
    others = Plan.objects.exclude(code__in=codes).filter(is_offered=True)
    changes = [f"{plan.name}: no longer offered." for plan in others]
    others.update(is_offered=False)
    return changes


def _load_policy(catalog: Catalog, *, at: datetime) -> list[str]:
    newest = PolicyVersion.objects.order_by("-in_force_from").first()
    if newest is not None and (newest.catalog, newest.settings) == (catalog.code, dict(catalog.policy)):
        return []
    in_force_from = at if newest else BEGINNING
    version = PolicyVersion.objects.create(
        catalog=catalog.code, settings=dict(catalog.policy), in_force_from=in_force_from, approved_at=at
    )
    return [f"Policy: version {version.pk}."]


def _digest(terms: Mapping[str, Any]) -> str:
    """Of all figures, those left to the model's defaults too."""
    version = PlanVersion(**terms)
    figures = {
        column.name: getattr(version, column.name)
        for column in PlanVersion._meta.concrete_fields
        if column.name not in NOT_TERMS
    }
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()
