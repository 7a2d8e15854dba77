"""Loading a catalog is safe to repeat, and shows what it would do before it does it on a living site."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import PolicyVersion
from accounts.site_policy import SitePolicy, policy_in_force
from billing.catalog import SHIPPED, CatalogInvalid, load, packs_on_offer, read_catalog, version_in_force
from billing.models import Pack, Plan, PlanVersion

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


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


def test_loading_twice_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalog", "standard")
    assert "Look at this: A seat of Sales Team is cheaper than Sales." in capsys.readouterr().out
    before = (list(PlanVersion.objects.values()), list(PolicyVersion.objects.values()), list(Plan.objects.values()))
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


def test_a_site_with_a_catalog_is_shown_what_would_change_and_for_whom_before_it_is(
    make_member, capsys: pytest.CaptureFixture[str]
) -> None:
    make_member("Nadia Osei", plan="premium-business")
    make_member("Kira Lund", plan="recruiter-corporate")
    before = (list(PlanVersion.objects.values()), list(PolicyVersion.objects.values()), list(Pack.objects.values()))

    call_command("load_catalog", "s2")

    said = capsys.readouterr().out
    assert "Business: version 2.\n" in said
    assert "  most plan credits held: 45 → none\n" in said
    assert "  For whoever takes it from now. 1 who holds it keeps the terms until moved.\n" in said
    assert "Recruiter: no longer offered.\n  1 who holds it keeps it.\n" in said
    assert "Pack: 10 credits for 10.00 USD no longer sold.\n" in said
    assert "  Credits come back when the recipient answers: on → off\n" in said
    assert said.endswith("Nothing was written. Write it with --apply.\n")
    call_command("load_catalog", "s4")
    assert "  Business keeps its name here; the catalog calls it Deals.\n" in capsys.readouterr().out
    assert before == (
        list(PlanVersion.objects.values()),
        list(PolicyVersion.objects.values()),
        list(Pack.objects.values()),
    )


def test_another_catalog_and_back_again_leaves_the_offer_as_it_was(catalog: None) -> None:
    call_command("load_catalog", "s2", "--apply")
    assert set(Plan.objects.filter(is_offered=True).values_list("code", flat=True)) == {
        "free",
        "premium-business",
        "sales-navigator-core",
    }
    assert not packs_on_offer().exists()
    call_command("load_catalog", "standard", "--apply")
    assert not Plan.objects.filter(is_offered=False).exists()
    assert list(packs_on_offer().values_list("credits", flat=True)) == [10, 25, 50, 100]
    assert Pack.objects.count() == 4


def test_a_plan_that_staff_withdrew_is_not_offered_again_by_the_same_catalog(catalog: None) -> None:
    Plan.objects.filter(code="premium-career").update(is_offered=False)
    call_command("load_catalog", "standard", "--apply")
    assert not Plan.objects.get(code="premium-career").is_offered


def test_a_changed_price_of_a_pack_is_a_new_one(catalog: None, tmp_path: Path, standard: str) -> None:
    dearer = read_catalog(changed(tmp_path, standard.replace("price = 2500", "price = 2600")))
    assert load(dearer, at=LATER) == [
        "Pack: 25 credits for 26.00 USD.",
        "Pack: 25 credits for 25.00 USD no longer sold.",
    ]
    assert Pack.objects.get(credits=25, price=2500).is_offered is False


def test_a_name_edited_by_the_operator_stays() -> None:
    call_command("load_catalog", "standard")
    Plan.objects.filter(code="premium-career").update(name="Starter")
    call_command("load_catalog", "standard")
    assert Plan.objects.get(code="premium-career").name == "Starter"


def test_a_plan_the_catalog_dropped_is_no_longer_offered(tmp_path: Path, standard: str) -> None:
    call_command("load_catalog", "standard")
    shorter = standard[: standard.index('# "contract"')] + standard[standard.index("# A changed price") :]
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
        (
            "[policy]",
            "[policy]\nmax_unanswered = true",
            "Policy: max_unanswered cannot be True. A whole number from 1 to 3.",
        ),
        (
            "[policy]",
            '[policy]\nreturn_on = "reply"',
            "Policy: return_on cannot be 'reply'. One or more of: "
            "reply, accept, interested, later, no_thanks, wrong_person, stop.",
        ),
        (
            "[policy]",
            '[policy]\nundo_seconds = "none"',
            "Policy: undo_seconds cannot be 'none'. A whole number from 0 to 300.",
        ),
        (
            "[policy]",
            "[policy]\nfollow_up_gap_days = 2",
            "Policy: follow_up_gap_days cannot be 2. A whole number from 3 to 28.",
        ),
        (
            "[policy]",
            "[policy]\npack_life_days = 30",
            "Policy: pack_life_days cannot be 30. Bought credits live for months or for days: exactly one of the two.",
        ),
        (
            "[policy]",
            '[policy]\nreach_choices = ["nobody"]',
            "Policy: default_reach: New members get a choice that everybody has.",
        ),
        (
            "contract_most = 150",
            "contract_most = 99",
            "Plan recruiter-corporate: contract_most 99 is below contract_least 100.",
        ),
        ("contract_most = 150\n", "", "Plan recruiter-corporate: a contract has a least and a most, or neither."),
        ("credits = 25\n", "credits = 0\n", "Pack 2: credits is a whole number from 1 to 10,000,000, not 0."),
        ("credits = 25\n", "", "Pack 2: it says credits = 10 and price = 1000, in minor units, and nothing else."),
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
    assert faults_of(changed(tmp_path, "plans = 3"))[-1] == (
        "[plans.code] and [policy] are tables, [[packs]] is a list of them."
    )
