"""Each shipped catalog holds the figures of the domain's tables, typed here from 3.1 to 3.3 and 4.2."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from accounts.models import Purpose
from accounts.site_policy import SitePolicy, policy_in_force
from billing.catalog import packs_on_offer, versions_in_force, warnings_at
from billing.models import PlanVersion

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
STANDARD, S0, S1, S2, S3, S4 = CATALOGS = ("standard", "s0", "s1", "s2", "s3", "s4")

# Domain 3.1: credits a month; None = the catalog does not have it.
ALLOTMENTS = {
    "free": (0, 0, 0, 0, 0, 0),
    "premium-career": (5, 0, None, None, 5, 5),
    "premium": (None, None, 5, None, None, None),
    "premium-business": (15, 15, None, 15, 15, 15),
    "sales-navigator-core": (50, 50, 25, 50, 50, 50),
    "sales-navigator-team": (50, 50, 15, None, 50, None),
    "recruiter-lite": (30, 30, 25, None, 30, 30),
    "recruiter-corporate": (150, 100, 50, None, 150, None),
}
# Domain 3.2: billed yearly, billed monthly, life, cap, clock, InMail a day.
TERMS = {
    "free": (0, 0, None, None, "start", 5),
    "premium-career": (2999, 3999, 90, 15, "start", 10),
    "premium": (2999, 3999, 90, 15, "start", 10),
    "premium-business": (4499, 5999, 90, 45, "start", 15),
    "sales-navigator-core": (7999, 9999, 90, 150, "calendar_month", 25),
    "sales-navigator-team": (6499, 7999, 90, 150, "calendar_month", 25),
    "recruiter-lite": (11995, 14995, None, 120, "start", 25),
    "recruiter-corporate": (15995, 19995, None, 600, "contract", 50),
}
PER_SEAT = {"sales-navigator-team", "recruiter-corporate"}
CONTRACT = {STANDARD: (100, 150), S0: (100, 150), S3: (100, 150)}
BONUS = {S1: {"sales-navigator-core": 10, "recruiter-lite": 10, "recruiter-corporate": 20}}
NAMES = {
    "premium-career": "Career",
    "premium": "Premium",
    "premium-business": "Business",
    "sales-navigator-core": "Sales",
    "sales-navigator-team": "Sales Team",
    "recruiter-lite": "Recruiter Lite",
    "recruiter-corporate": "Recruiter",
    "free": "Free",
}
OTHER_NAMES = {
    (S0, "sales-navigator-core"): "Professional",
    (S1, "sales-navigator-core"): "Professional",
    (S4, "premium-business"): "Deals",
}
# Domain 3.3: credits and dollars.
FLAT = [(10, 10), (25, 25), (50, 50), (100, 100)]
PACKS = {STANDARD: FLAT, S0: [], S1: FLAT, S2: [], S3: [(5, 10), (50, 120)], S4: []}
# Domain 4.2, and the defaults of 4.1 for everything else.
POLICIES: dict[str, dict[str, object]] = {
    STANDARD: {},
    S0: {"packs_enabled": False, "invitation_max_degree": 3},
    S1: {"inmail_to_connections": True, "credits_without_plan": False, "reallocation": "off"},
    S2: {
        "return_enabled": False,
        "charge_unit": "message",
        "inmail_to_connections": True,
        "on_upgrade": "keep",
        "purchased_on_cancel": "forfeit",
        "packs_enabled": False,
        "pack_life_months": None,
        "pack_life_days": 90,
        "reach_choices": ("everyone",),
    },
    S3: {
        "inmail_to_connections": True,
        "credits_without_plan": False,
        "premium_reaches_premium": True,
        "first_contact_lands": "inbox",
        "purposes": tuple(purpose for purpose in Purpose.values if purpose not in {"sales", "promotion"}),
        "context_required": True,
        "invitations_per_week": None,
        "connection_starts_per_day": None,
    },
    S4: {
        "return_window_hours": None,
        "return_on": ("reply",),
        "charge_unit": "conversation",
        "credits_without_plan": False,
        "packs_enabled": False,
        "connection_starts_per_day": None,
    },
}


def renewal_of(catalog: str, code: str) -> tuple[object, ...]:
    """Renewal, life, from when it counts, cap, clock, as domain 3.2 and 4.1 say them."""
    _yearly, _monthly, life, cap, clock, _daily = TERMS[code]
    if code == "free":
        return ("accumulate", None, "grant", None, "start")
    if catalog in {S0, S1}:
        return ("reset", None, "grant", None, "start")
    if catalog == S2:
        return ("accumulate", 90, "payment", None, "calendar_month")
    return ("accumulate", life, "grant", cap, "start" if catalog == S4 else clock)


def expected(catalog: str) -> dict[str, tuple[object, ...]]:
    column = CATALOGS.index(catalog)
    figures = {}
    for code, row in ALLOTMENTS.items():
        if row[column] is None:
            continue
        yearly, monthly, *_rest, daily = TERMS[code]
        contract = CONTRACT.get(catalog, (None, None)) if code == "recruiter-corporate" else (None, None)
        figures[code] = (
            OTHER_NAMES.get((catalog, code), NAMES[code]),
            row[column],
            (yearly, monthly, daily),
            renewal_of(catalog, code),
            contract,
            BONUS.get(catalog, {}).get(code, 0),
            (code != "free", code in PER_SEAT, code != "free", True),
        )
    return figures


def held(version: PlanVersion) -> tuple[object, ...]:
    return (
        version.plan.name,
        version.allotment,
        (version.price_billed_yearly, version.price_billed_monthly, version.inmail_daily_cap),
        (
            version.renewal,
            version.credit_life_days,
            version.credit_life_from,
            version.cap,
            version.allotment_clock,
        ),
        (version.contract_least, version.contract_most),
        version.annual_bonus_credits,
        (version.is_paid, version.is_per_seat, version.allows_open_profile, version.allows_packs),
    )


@pytest.mark.parametrize("name", CATALOGS)
def test_every_figure_of_a_catalog_is_the_domains(name: str) -> None:
    call_command("load_catalog", name)

    versions = list(versions_in_force(AT))
    assert {version.plan.code: held(version) for version in versions} == expected(name)
    assert [version.plan.code for version in versions] == list(expected(name))
    assert {version.currency for version in versions} == {"USD"}
    assert [(pack.credits, pack.price / 100) for pack in packs_on_offer()] == PACKS[name]
    policy = policy_in_force(datetime(2020, 1, 1, tzinfo=UTC))
    assert policy == SitePolicy(version=policy.version, **POLICIES[name])


def test_an_operator_is_warned_of_dearer_packs_and_of_cheaper_or_smaller_seats() -> None:
    call_command("load_catalog", "s1")
    assert warnings_at(AT) == [
        "A seat of Sales Team is cheaper than Professional.",
        "A seat of Sales Team brings fewer credits than Professional.",
    ]
    call_command("load_catalog", "s3", "--apply")
    assert warnings_at(AT)[0] == "50 credits cost 2.40 each, more than the 2.00 of 5."
