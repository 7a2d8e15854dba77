"""What plans and packs are in force; the door to catalog files and to loading them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from django.db.models import OuterRef, QuerySet, Subquery

from .catalog_files import FREE, SHIPPED, CatalogInvalid, read_catalog
from .catalog_loading import is_first_load, load, steps_to
from .models import Pack, PlanVersion

__all__ = [
    "FREE",
    "SHIPPED",
    "CatalogInvalid",
    "is_first_load",
    "load",
    "packs_on_offer",
    "read_catalog",
    "steps_to",
    "version_in_force",
    "versions_in_force",
    "versions_on_offer",
    "warnings_at",
]

# A team's seat, and the same plan for one member.
SEAT_OF = {"sales-navigator-team": "sales-navigator-core", "recruiter-corporate": "recruiter-lite"}


def versions_in_force(at: datetime) -> QuerySet[PlanVersion]:
    """The terms of every plan at `at`, in the plans' order."""
    begun = PlanVersion.objects.begun(at).filter(plan=OuterRef("plan"))
    newest = begun.order_by("-in_force_from", "-number").values("pk")[:1]
    in_force = PlanVersion.objects.filter(pk=Subquery(newest))
    return in_force.select_related("plan").order_by("plan__position", "plan_id")


def versions_on_offer(*, at: datetime) -> QuerySet[PlanVersion]:
    """The paid plans that members may ask for and staff may give."""
    return versions_in_force(at).filter(plan__is_offered=True, is_paid=True)


def version_in_force(code: str, *, at: datetime) -> PlanVersion:
    """The terms of one plan at `at`. Raises PlanVersion.DoesNotExist for an unknown code."""
    begun = PlanVersion.objects.begun(at).filter(plan__code=code).select_related("plan")
    return begun.latest("in_force_from", "number")


def packs_on_offer() -> QuerySet[Pack]:
    """The price list, smallest first; whether anything is sold at all says the policy."""
    return Pack.objects.filter(is_offered=True).order_by("credits", "price")


def warnings_at(at: datetime) -> list[str]:
    """What an operator should look at in the offer in force (domain 3.3): it stands all the same."""
    return [*_dearer_packs(list(packs_on_offer())), *_cheaper_seats(list(versions_on_offer(at=at)))]


def _dearer_packs(packs: list[Pack]) -> Iterator[str]:
    for smaller, larger in pairwise(packs):
        if larger.price * smaller.credits > smaller.price * larger.credits:
            yield (
                f"{larger.credits} credits cost {_each(larger)} each, more than the {_each(smaller)} of "
                f"{smaller.credits}."
            )


def _each(pack: Pack) -> str:
    return f"{pack.price / pack.credits / 100:.2f}"


def _cheaper_seats(versions: list[PlanVersion]) -> Iterator[str]:
    by_code = {version.plan.code: version for version in versions}
    for seat_code, single_code in SEAT_OF.items():
        seat, single = by_code.get(seat_code), by_code.get(single_code)
        if seat is None or single is None:
            continue
        if seat.price_billed_yearly < single.price_billed_yearly:
            yield f"A seat of {seat.plan} is cheaper than {single.plan}."
        if seat.allotment < single.allotment:
            yield f"A seat of {seat.plan} brings fewer credits than {single.plan}."
