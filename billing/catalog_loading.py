"""Bringing a site to a catalog: what loading would do is worked out first, as steps; `load` takes them.

A changed figure makes a new version that is in force from now; subscriptions keep the version they have
(domain 3). The shown name is taken once, because operators edit it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import transaction

from accounts import policy_settings
from accounts.models import PolicyVersion
from accounts.site_policy import SitePolicy, read_policy

from . import terms
from .catalog_files import Catalog, Offer
from .models import Charge, Pack, Plan, PlanVersion, Subscription
from .versions import credits_that_wait

# The first load rules from here, so that dated data brought in later has terms and a policy.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Step:
    """One change that loading makes: `title`, for whom it means what (`notes`), and how it is written."""

    title: str
    take: Callable[[], Any]
    notes: tuple[str, ...] = ()


def is_first_load() -> bool:
    """Nothing is in force yet, so nobody is affected."""
    return not PolicyVersion.objects.approved().exists() and not PlanVersion.objects.exists()


@transaction.atomic
def load(catalog: Catalog, *, at: datetime) -> list[str]:
    """Bring the site to this catalog; loading it again changes nothing. Returns what changed, as sentences."""
    titles = []
    for step in steps_to(catalog, at=at):
        step.take()
        titles.append(step.title)
    return titles


def steps_to(catalog: Catalog, *, at: datetime) -> list[Step]:
    """What `load` would do, in order. Writes nothing."""
    is_another = _catalog_in_force(at) != catalog.code
    steps: list[Step] = []
    for position, offer in enumerate(catalog.offers):
        steps += _offer_steps(offer, position, is_another=is_another, at=at)
    return [*steps, *_withdrawals(catalog), *_pack_steps(catalog), *_policy_steps(catalog, at=at)]


def _catalog_in_force(at: datetime) -> str:
    version = _policy_version(at)
    return version.catalog if version else ""


def _policy_version(at: datetime) -> PolicyVersion | None:
    return PolicyVersion.objects.begun(at).order_by("-in_force_from").first()


def _offer_steps(offer: Offer, position: int, *, is_another: bool, at: datetime) -> Iterator[Step]:
    plan = Plan.objects.filter(code=offer.code).first()
    if plan is None:
        yield Step(f"{offer.name}: new plan.", partial(_create_plan, offer, position, at=at))
        return
    newest = PlanVersion.objects.begun(at).filter(plan=plan).order_by("-in_force_from", "-number").first()
    if newest is None or newest.digest != terms.digest(offer.terms):
        number = _next_number(plan)
        notes = _terms_notes(newest, offer) if newest else ()
        # An old plan first met again: dated data has its first version.
        since = at if newest else BEGINNING
        yield Step(f"{plan}: version {number}.", partial(_create_version, plan, offer, since, at=at), notes)
    if is_another and not plan.is_offered:
        offered = Plan.objects.filter(pk=plan.pk)
        yield Step(f"{plan}: offered again.", partial(offered.update, is_offered=True))
    if plan.position != position:
        moved = Plan.objects.filter(pk=plan.pk)
        yield Step(f"{plan}: place {position + 1} in the list.", partial(moved.update, position=position))


def _create_plan(offer: Offer, position: int, *, at: datetime) -> None:
    plan = Plan.objects.create(code=offer.code, name=offer.name, position=position, is_offered=True)
    _create_version(plan, offer, BEGINNING, at=at)


def _create_version(plan: Plan, offer: Offer, since: datetime, *, at: datetime) -> None:
    plan.versions.create(
        number=_next_number(plan),
        in_force_from=since,
        approved_at=at,
        digest=terms.digest(offer.terms),
        **offer.terms,
    )


def _next_number(plan: Plan) -> int:
    newest = plan.versions.order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) + 1


def _terms_notes(newest: PlanVersion, offer: Offer) -> tuple[str, ...]:
    changed = terms.changed(newest, PlanVersion(**offer.terms))
    differences = [f"{one.label}: {one.was} → {one.will_be}" for one in changed]
    holders = Subscription.objects.running().filter(plan_version__plan=newest.plan).count()
    keep = "1 who holds it keeps the terms" if holders == 1 else f"{holders} who hold it keep their terms"
    return (*differences, f"For whoever takes it from now. {keep} until moved.")


def _withdrawals(catalog: Catalog) -> Iterator[Step]:
    """Plans the catalog no longer has: who holds one keeps it, nobody can ask for it."""
    codes = [offer.code for offer in catalog.offers]
    for plan in Plan.objects.exclude(code__in=codes).filter(is_offered=True):
        holders = Subscription.objects.running().filter(plan_version__plan=plan).count()
        note = "1 who holds it keeps it." if holders == 1 else f"{holders} who hold it keep it."
        withdrawn = Plan.objects.filter(pk=plan.pk)
        yield Step(f"{plan}: no longer offered.", partial(withdrawn.update, is_offered=False), (note,))


def _pack_steps(catalog: Catalog) -> Iterator[Step]:
    """A changed price is a new row; the old one is withdrawn, and orders keep the one they name."""
    wanted = {(pack.credits, pack.price, pack.currency) for pack in catalog.packs}
    for credits, price, currency in sorted(wanted):
        facts = {"credits": credits, "price": price, "currency": currency}
        if not Pack.objects.filter(is_offered=True, **facts).exists():
            title = f"Pack: {credits} credits for {price / 100:,.2f} {currency}."
            yield Step(title, partial(_offer_pack, facts))
    for pack in Pack.objects.filter(is_offered=True):
        if (pack.credits, pack.price, pack.currency) not in wanted:
            rows = Pack.objects.filter(pk=pack.pk)
            title = f"Pack: {pack.credits} credits for {pack.price / 100:,.2f} {pack.currency} no longer sold."
            yield Step(title, partial(rows.update, is_offered=False))


def _offer_pack(facts: dict[str, Any]) -> None:
    Pack.objects.update_or_create(**facts, defaults={"is_offered": True})


def _policy_steps(catalog: Catalog, *, at: datetime) -> Iterator[Step]:
    held = _policy_version(at)
    if held is not None and (held.catalog, held.settings) == (catalog.code, dict(catalog.policy)):
        return
    since = at if held else BEGINNING
    create = partial(
        PolicyVersion.objects.create,
        catalog=catalog.code,
        settings=dict(catalog.policy),
        in_force_from=since,
        approved_at=at,
    )
    yield Step(f"Policy: {catalog.code}.", create, _policy_notes(held, catalog, at=at) if held else ())


def _policy_notes(held: PolicyVersion, catalog: Catalog, *, at: datetime) -> tuple[str, ...]:
    before, after = read_policy(held), SitePolicy(version=0, **catalog.policy)
    notes = [f"{one.label}: {one.was} → {one.will_be}" for one in policy_settings.changed(before, after)]
    open_charges = Charge.objects.may_come_back(at).count()
    notes.append(f"{open_charges} open charges keep the rules under which they were made, lots keep their dates.")
    if before.credits_without_plan and not after.credits_without_plan:
        notes.append(credits_that_wait())
    names = {offer.code: offer.name for offer in catalog.offers}
    kept = [plan for plan in Plan.objects.filter(code__in=names) if plan.name != names[plan.code]]
    notes += [f"{plan} keeps its name here; the catalog calls it {names[plan.code]}." for plan in kept]
    later = PolicyVersion.objects.approved().filter(in_force_from__gt=at).order_by("in_force_from")
    notes += [f"Another policy is approved and follows on {one.in_force_from:%Y-%m-%d %H:%M} UTC." for one in later]
    return tuple(notes)
