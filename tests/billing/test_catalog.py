"""The shipped catalog says what the domain says, and loading it is safe to repeat."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import PolicyVersion
from accounts.site_policy import SitePolicy, policy_in_force
from billing.catalog import SHIPPED, CatalogInvalid, load, read_catalog, version_in_force, versions_in_force
from billing.models import Plan, PlanVersion

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
COLUMNS = [
    "plan__name",
    "price_billed_yearly",
    "price_billed_monthly",
    "allotment",
    "credit_life_days",
    "cap",
    "allotment_clock",
    "inmail_daily_cap",
    "is_paid",
    "is_per_seat",
    "allows_open_profile",
]
# Typed from domain.md 3.1 and 3.2.
DOMAIN = {
    "free": ("Free", 0, 0, 0, None, None, "start", 5, False, False, False),
    "premium-career": ("Career", 2999, 3999, 5, 90, 15, "start", 10, True, False, True),
    "premium-business": ("Business", 4499, 5999, 15, 90, 45, "start", 15, True, False, True),
    "sales-navigator-core": ("Sales", 7999, 9999, 50, 90, 150, "calendar_month", 25, True, False, True),
    "sales-navigator-team": ("Sales Team", 6499, 7999, 50, 90, 150, "calendar_month", 25, True, True, True),
    "recruiter-lite": ("Recruiter Lite", 11995, 14995, 30, None, 120, "start", 25, True, False, True),
    "recruiter-corporate": ("Recruiter", 15995, 19995, 150, None, 600, "contract", 50, True, True, True),
}


@pytest.fixture
def standard() -> str:
    return (SHIPPED / "standard.toml").read_text(encoding="utf-8")


def changed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "standard.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(CatalogInvalid) as refused:
        read_catalog(path)
    return refused.value.faults


def test_every_figure_is_the_domains() -> None:
    call_command("load_catalog", "standard")
    for code, figures in DOMAIN.items():
        assert PlanVersion.objects.values_list(*COLUMNS).get(plan__code=code) == figures, code
    assert Plan.objects.count() == len(DOMAIN)
    assert set(PlanVersion.objects.values_list("renewal", "first_partial_month", "currency")) == {
        ("accumulate", "full", "USD")
    }


def test_the_plans_stand_in_the_catalogs_order() -> None:
    call_command("load_catalog", "standard")
    assert [version.plan.code for version in versions_in_force(LATER)] == list(DOMAIN)


def test_loading_twice_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalog", "standard")
    before = (list(PlanVersion.objects.values()), list(PolicyVersion.objects.values()), list(Plan.objects.values()))
    capsys.readouterr()
    call_command("load_catalog", "standard")
    assert capsys.readouterr().out == "standard: nothing to change.\n"
    assert (
        list(PlanVersion.objects.values()),
        list(PolicyVersion.objects.values()),
        list(Plan.objects.values()),
    ) == before


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = Plan.objects.count(), PlanVersion.objects.count()
    call_command("load_catalog", "standard", "--dry-run")
    assert "Nothing was written." in capsys.readouterr().out
    assert (Plan.objects.count(), PlanVersion.objects.count()) == before


def test_the_first_load_makes_a_policy_for_dated_data_too() -> None:
    call_command("load_catalog", "standard")
    policy = policy_in_force(datetime(2020, 1, 1, tzinfo=UTC))
    assert policy == SitePolicy(version=policy.version)


def test_a_changed_figure_makes_a_new_version_in_force_from_now(tmp_path: Path, standard: str) -> None:
    call_command("load_catalog", "standard")
    old = version_in_force("premium-career", at=LATER)
    dearer = read_catalog(changed(tmp_path, standard.replace("3999", "4199")))
    assert load(dearer, at=LATER) == ["Career: version 2."]
    new = version_in_force("premium-career", at=LATER)
    assert (new.number, new.price_billed_monthly, new.in_force_from) == (2, 4199, LATER)
    assert version_in_force("premium-career", at=datetime(2026, 11, 30, tzinfo=UTC)) == old
    assert PlanVersion.objects.get(pk=old.pk).price_billed_monthly == 3999


def test_a_changed_policy_makes_a_new_policy_version(tmp_path: Path, standard: str) -> None:
    call_command("load_catalog", "standard")
    text = standard.replace("[policy]", '[policy]\nreturn_window_hours = "none"\nreturn_on = ["reply"]')
    load(read_catalog(changed(tmp_path, text)), at=LATER)
    policy = policy_in_force(LATER)
    assert (policy.return_window_hours, policy.return_on) == (None, ("reply",))
    assert policy_in_force(datetime(2026, 11, 30, tzinfo=UTC)).return_window_hours == 2160


def test_a_name_edited_by_the_operator_stays() -> None:
    call_command("load_catalog", "standard")
    Plan.objects.filter(code="premium-career").update(name="Starter")
    call_command("load_catalog", "standard")
    assert Plan.objects.get(code="premium-career").name == "Starter"


def test_a_plan_the_catalog_dropped_is_no_longer_offered(tmp_path: Path, standard: str) -> None:
    call_command("load_catalog", "standard")
    shorter = standard[: standard.index('# "contract"')]
    assert load(read_catalog(changed(tmp_path, shorter)), at=LATER) == ["Recruiter: no longer offered."]
    assert not Plan.objects.get(code="recruiter-corporate").is_offered


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("cap = 15\n", "cap = 4\n", "Plan premium-career: cap 4 is below the allotment 5."),
        ("allotment = 15\n", "", "Plan premium-business: allotment is missing."),
        ("cap = 45\n", "", "Plan premium-business: cap is missing."),
        ("cap = 45\n", "cup = 45\n", "Plan premium-business: unknown key 'cup'."),
        ("allotment = 15\n", "allotment = -1\n", "Plan premium-business: allotment is a whole number from 0, not -1."),
        (
            "allotment = 15\n",
            "allotment = 1.5\n",
            "Plan premium-business: allotment is a whole number from 0, not 1.5.",
        ),
        ("cap = 45\n", "cap = 0\n", 'Plan premium-business: cap is a whole number from 1 or "none", not 0.'),
        (
            "= 45\n",
            "= 99999999999\n",
            'Plan premium-business: cap is a whole number from 1 or "none", not 99999999999.',
        ),
        ("is_paid = false", "is_paid = 0", "Plan free: is_paid is true or false, not 0."),
        ("billed_monthly = 0", "billed_monthly = 9", "Plan free: it has a price, but is_paid is false."),
        (
            '"contract"\ninmail',
            '"moon"\ninmail',
            "Plan recruiter-corporate: allotment_clock is one of start, calendar_month, contract, not 'moon'.",
        ),
        ('name = "Free"', 'name = ""', "Plan free: name is missing, empty or longer than 60 characters."),
        ("plans.free]", "plans.gratis]", "The plan 'free' is missing: its terms count for members without a plan."),
        ("plans.free]", 'plans."fr ee"]', "Plan fr ee: its code has only letters, digits and hyphens, at most 40."),
        ("[policy]", "[policy]\nrefunds = true", "Policy: unknown setting 'refunds'."),
        ("[policy]", "[policy]\nmax_unanswered = true", "Policy: max_unanswered cannot be True."),
        ("[policy]", '[policy]\nreturn_on = "reply"', "Policy: return_on cannot be 'reply'."),
        ("[policy]", '[policy]\nundo_seconds = "none"', "Policy: undo_seconds cannot be 'none'."),
        ("[policy]", "[rules]", "Unknown key 'rules'."),
        ('currency = "USD"', "", 'Say currency = "USD", three letters.'),
    ],
)
def test_a_fault_is_a_sentence(tmp_path: Path, standard: str, before: str, after: str, fault: str) -> None:
    assert before in standard
    assert fault in faults_of(changed(tmp_path, standard.replace(before, after, 1)))


def test_all_faults_are_told_at_once_and_nothing_is_loaded(tmp_path: Path, standard: str) -> None:
    path = changed(tmp_path, standard.replace("cap = 15\n", "cap = 4\n").replace("is_paid = false", "is_paid = 0"))
    versions = PlanVersion.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command("load_catalog", str(path))
    assert len(str(refused.value).splitlines()) == 2
    assert PlanVersion.objects.count() == versions


def test_a_file_that_is_not_there_or_not_toml_is_refused_in_words(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "moon.toml") == ["There is no catalog moon.toml."]
    assert faults_of(changed(tmp_path, "plans = ["))[0].startswith("standard.toml is not a TOML file: ")
    assert faults_of(changed(tmp_path, "plans = 3"))[-1] == "[plans.code] and [policy] are tables."
