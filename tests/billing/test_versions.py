"""Rules change by versions: one person proposes, another approves, and what is approved never changes (M18)."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import policy_versions
from accounts.forms.policy import SettingsForm
from accounts.models import Notice, PolicyVersion
from accounts.models.version import VersionImmutable
from accounts.policy_settings import DEFAULTS, SETTINGS, faults
from accounts.policy_versions import AlreadyDecided, OwnProposal, SettingsInvalid, VersionRefused
from accounts.site_policy import SitePolicy, policy_in_force
from billing import ledger, terms, versions
from billing.catalog import version_in_force
from billing.models import Lot, Plan, PlanVersion, Subscription
from billing.moving import move_subscriptions
from billing.subscriptions import running

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def rosa(make_member):
    return make_member("Rosa Prado")


@pytest.fixture
def omar(make_member):
    return make_member("Omar Haddad")


def propose(rosa, at, **settings):
    return policy_versions.propose(settings=settings, in_force_from=at + DAY, note="Trial", actor=rosa, at=at)


def test_a_draft_rules_nobody_until_somebody_else_approves_it_and_then_from_its_instant(rosa, omar, at):
    draft = propose(rosa, at, inmail_cost=2)

    assert policy_in_force(at + 2 * DAY).inmail_cost == 1
    with pytest.raises(OwnProposal):
        policy_versions.approve(version=draft, actor=rosa, at=at)
    policy_versions.approve(version=draft, actor=omar, at=at)
    assert policy_in_force(at + DAY - timedelta(microseconds=1)).inmail_cost == 1
    assert policy_in_force(at + DAY).inmail_cost == 2
    with pytest.raises(AlreadyDecided):
        policy_versions.approve(version=draft, actor=omar, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.filter(pk=draft.pk).update(approved_by=rosa)


def test_what_is_approved_late_rules_from_its_approval_and_never_backwards(rosa, omar, at):
    draft = propose(rosa, at, inmail_cost=2)
    late = at + 5 * DAY

    policy_versions.approve(version=draft, actor=omar, at=late)

    assert policy_in_force(late - timedelta(microseconds=1)).inmail_cost == 1
    assert policy_in_force(late).inmail_cost == 2
    with pytest.raises(VersionRefused):
        policy_versions.propose(settings={"inmail_cost": 3}, in_force_from=at, note="", actor=rosa, at=late)


def test_what_is_in_force_is_neither_edited_nor_withdrawn(rosa, omar, at):
    draft, later = propose(rosa, at, inmail_cost=2), propose(rosa, at, inmail_cost=3)
    policy_versions.withdraw(version=later, at=at)
    version = policy_versions.approve(version=draft, actor=omar, at=at)
    plan_version = version_in_force("premium-career", at=at)

    for one in (version, plan_version):
        one.note = "quietly"
        with pytest.raises(VersionImmutable):
            one.save()
        with pytest.raises(VersionImmutable):
            one.delete()
    with pytest.raises(AlreadyDecided):
        policy_versions.withdraw(version=version, at=at + DAY)
    policy_versions.withdraw(version=version, at=at)
    assert policy_in_force(at + 2 * DAY).inmail_cost == 1


def test_two_policies_do_not_start_at_one_instant_and_an_empty_change_is_none(rosa, omar, at):
    first, second = propose(rosa, at, inmail_cost=2), propose(rosa, at, inmail_cost=3)
    policy_versions.approve(version=first, actor=omar, at=at)

    with pytest.raises(VersionRefused, match="Another policy starts"):
        policy_versions.approve(version=second, actor=omar, at=at)
    with pytest.raises(VersionRefused, match="Nothing differs"):
        propose(rosa, at)


def test_every_setting_has_one_range_and_the_defaults_lie_in_it():
    assert set(SETTINGS) == set(DEFAULTS)
    assert faults(DEFAULTS) == {}
    # What one of two settings says of the other.
    together = {
        "pack_life_days": {"pack_life_months": None},
        "recipient_cap_week": {"recipient_cap_day": 1},
        "duplicate_hold_at": {"duplicate_warn_at": 1},
    }
    for name, setting in SETTINGS.items():
        if setting.kind == "number":
            bounds = together.get(name, {})
            for value, fits in ((setting.least, True), (setting.least - 1, False), (setting.most + 1, False)):
                assert (faults({name: value} | bounds) == {}) == fits, (name, value)
        assert faults({name: "nonsense"}).keys() == {name}
        assert setting.shown(DEFAULTS[name])


def test_bad_settings_are_refused_by_name(rosa, at):
    with pytest.raises(SettingsInvalid) as refused:
        propose(rosa, at, max_unanswered=4, return_on=[], purposes=["gossip"], moon=1)
    assert set(refused.value.faults) == {"max_unanswered", "return_on", "purposes", "moon"}


def test_the_form_says_what_a_version_stores_and_puts_a_fault_at_its_field(at):
    form = SettingsForm(policy=SitePolicy(version=0))
    # What a browser posts back of the form as it was shown.
    shown = {name: field.initial for name, field in form.fields.items() if field.initial not in (None, False)}
    typed = shown | {"in_force_from": "2027-01-01 00:00", "note": "Dearer"}

    assert _valid(typed) == {}
    changed = typed | {"inmail_cost": 2, "return_window_hours": "", "cost_sales": 5, "return_on": ["reply"]}
    assert _valid(changed) == {
        "inmail_cost": 2,
        "inmail_cost_by_purpose": {"sales": 5},
        "return_window_hours": None,
        "return_on": ["reply"],
    }
    for name, value in (("max_unanswered", 9), ("reach_choices", []), ("inmail_cost", "")):
        assert name in SettingsForm(typed | {name: value}, policy=SitePolicy(version=0)).errors
    nobody = SettingsForm(typed | {"reach_choices": ["nobody"]}, policy=SitePolicy(version=0))
    assert "default_reach" in nobody.errors
    assert sum(len(fields) for _title, fields in form.groups()) == len(form.fields) - 2


def _valid(typed):
    form = SettingsForm(typed, policy=SitePolicy(version=0))
    assert form.is_valid(), form.errors
    return form.settings


def test_staff_see_each_difference_the_sentences_members_read_and_whom_it_affects(rosa, at, make_member):
    make_member("Nadia Osei", plan="premium-business")
    draft = propose(rosa, at, return_enabled=False, credits_without_plan=False)

    seen = versions.difference_of_policy(draft, at=at)

    assert [(one.label, one.was, one.will_be) for one in seen.changes] == [
        ("Credits can be used without a plan", "on", "off"),
        ("Credits come back when the recipient answers", "on", "off"),
    ]
    assert "It does not come back." in seen.new
    assert "It comes back when the other person answers, even “no thanks”, within 90 days." in seen.gone
    assert seen.affected[0] == "All 2 members, from 23 Nov 2026 on."
    assert "0 members without a plan hold 0 credits, which then wait for a plan." in seen.affected


def new_terms(rosa, at, **changed):
    plan = Plan.objects.get(code="premium-business")
    figures = terms.figures(version_in_force(plan.code, at=at)) | changed
    return versions.propose_terms(plan=plan, figures=figures, in_force_from=at + DAY, note="", actor=rosa, at=at)


def test_terms_of_a_plan_are_proposed_compared_and_approved_alike(rosa, omar, make_member, at):
    nadia = make_member("Nadia Osei", plan="premium-business")
    draft = new_terms(rosa, at, allotment=20, cap=60)

    seen = versions.difference_of_terms(draft)
    assert [(one.name, one.was, one.will_be) for one in seen.changes] == [
        ("allotment", "15", "20"),
        ("cap", "45", "60"),
    ]
    assert seen.affected[1] == "1 subscription keeps its terms until it is moved."
    with pytest.raises(OwnProposal):
        versions.approve_terms(version=draft, actor=rosa, at=at)
    versions.approve_terms(version=draft, actor=omar, at=at)
    assert version_in_force("premium-business", at=at).allotment == 15
    assert version_in_force("premium-business", at=at + DAY).allotment == 20
    assert running(nadia, at=at + DAY).plan_version.allotment == 15
    with pytest.raises(SettingsInvalid):
        new_terms(rosa, at, cap=3)
    with pytest.raises(AlreadyDecided):
        versions.withdraw_terms(version=draft, at=at + DAY)


def test_a_draft_with_a_higher_number_does_not_outrank_what_begins_later(rosa, omar, at):
    later, sooner = new_terms(rosa, at, allotment=20), new_terms(rosa, at, allotment=30)
    PlanVersion.objects.filter(pk=later.pk).update(in_force_from=at + 9 * DAY)
    for draft in (later, sooner):
        draft.refresh_from_db()
        versions.approve_terms(version=draft, actor=omar, at=at)

    assert version_in_force("premium-business", at=at + 5 * DAY) == sooner
    assert version_in_force("premium-business", at=at + 9 * DAY) == later


def test_a_subscription_moves_to_new_terms_when_its_term_ends_and_is_told_before(rosa, omar, make_member, at):
    nadia, lena = make_member("Nadia Osei", plan="premium-business"), make_member("Lena Vogt", plan="premium-business")
    Subscription.objects.filter(wallet__member=lena).update(cancel_at=at + 30 * DAY)
    draft = versions.approve_terms(version=new_terms(rosa, at, allotment=20, cap=60), actor=omar, at=at)
    plan = Plan.objects.get(code="premium-business")

    assert move_subscriptions(plan=plan, to_version=draft, at=at + DAY) == 1
    assert move_subscriptions(plan=plan, to_version=draft, at=at + DAY) == 0

    held = running(nadia, at=at + 2 * DAY)
    assert (held.plan_version.allotment, held.next_version, held.contract_allotment) == (15, draft, None)
    notice = Notice.objects.get(kind="terms_change")
    assert (notice.member, "credits a month: 15 → 20" in notice.context["changes"]) == (nadia, True)
    assert held.changes_at > at + 2 * DAY
    _settled(nadia, held.changes_at)
    moved = running(nadia, at=held.changes_at)
    assert moved.plan_version == draft
    assert Lot.objects.filter(wallet=moved.wallet).order_by("pk").last().granted == 20


def test_a_plan_whose_payment_is_missing_does_not_move_and_gets_no_days_for_nothing(rosa, omar, make_member, at):
    nadia = make_member("Nadia Osei", plan="premium-business")
    Subscription.objects.filter(wallet__member=nadia).update(paid_through=at + 3 * DAY)
    draft = versions.approve_terms(version=new_terms(rosa, at, allotment=20, cap=60), actor=omar, at=at)
    plan = Plan.objects.get(code="premium-business")
    assert move_subscriptions(plan=plan, to_version=draft, at=at + 5 * DAY) == 0
    assert running(nadia, at=at + 5 * DAY).next_version is None


def _settled(member, at: datetime) -> None:
    with transaction.atomic():
        ledger.settle(ledger.lock_wallet(member, at=at), at=at)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="triggers are PostgreSQL's part")
@pytest.mark.parametrize("act", ["UPDATE {} SET note = 'Other' WHERE id = %s", "DELETE FROM {} WHERE id = %s"])
def test_the_database_refuses_to_change_what_is_approved(catalog, act):
    """A hand at the database's own prompt is refused as the models are; what waits may still be withdrawn."""
    long_ago, far_off = (datetime(year, 1, 1, tzinfo=UTC) for year in (2001, 2101))
    plan = Plan.objects.get(code="premium-business")
    terms_of_plan = {"plan": plan, "is_paid": True, "allotment": 5, "inmail_daily_cap": 5}
    for model, facts in ((PlanVersion, terms_of_plan), (PolicyVersion, {"catalog": "standard"})):
        for number, since in enumerate((long_ago, far_off)):
            numbered = {"number": 90 + number} if model is PlanVersion else {}
            row = model.objects.create(**facts, **numbered, in_force_from=since, approved_at=long_ago)
            is_withdrawn = since == far_off and act.startswith("DELETE")
            refused = nullcontext() if is_withdrawn else pytest.raises(IntegrityError, match="stays as it is")
            with refused, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(act.format(model._meta.db_table), [row.pk])
