"""Cases are decided once, by somebody with no part in them, step by step, with facts that the member reads."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts import connections, restrictions
from accounts.models import Member, Notice, PageNotice, Restriction
from billing.audit import verify
from messaging import conduct, consequences, reporting
from messaging.conduct_refusals import (
    AlreadyDecided,
    FactsMissing,
    NoteMissing,
    OwnMatter,
    SamePerson,
    StepTooHigh,
    WaitsForSecond,
)
from messaging.drafts import save_draft
from messaging.models import Case, Decision, Draft
from messaging.verdicts import verdict_for

FACTS = "You wrote the same text to forty people within one hour."
DAY = timedelta(days=1)


@pytest.fixture
def moderator(make_member) -> Member:
    return make_member("Mo Ames")


@pytest.fixture
def second(make_member) -> Member:
    return make_member("Noor Haas")


@pytest.fixture
def case(sender, at) -> Case:
    return _case(sender, at)


def _case(member, at, key="staff:1") -> Case:
    return conduct.open_case(about=member, source="staff", harm=2, key=key, evidence={}, at=at)


def decide(case, outcome, by, *, at, **facts) -> Decision:
    return conduct.decide_case(
        case=case, outcome=outcome, decided_by=by, at=at, **{"rule": "bulk", "facts": FACTS} | facts
    )


def test_nothing_wrong_closes_the_case_and_limits_nobody(case, sender, moderator, at):
    decide(case, "nothing", moderator, at=at, rule="", facts="")

    case.refresh_from_db()
    assert case.closed_at == at
    assert not Restriction.objects.exists() and not sender.page_notices.exists()


def test_a_step_limits_from_now_with_rule_facts_and_end(case, sender, recipient, moderator, at):
    decide(case, "warning", moderator, at=at)
    decision = decide(_case(sender, at, "staff:2"), "day", moderator, at=at)

    limit = restrictions.limits_of(sender, at=at)
    assert (limit.restricted_until, limit.suspended_until) == (at + DAY, None)
    assert (limit.restriction.facts, limit.restriction.reference) == (FACTS, decision.public_id)
    assert verdict_for(sender, recipient, purpose="press", at=at).code == "sender_restricted"
    assert verdict_for(sender, recipient, purpose="press", at=at + DAY).kind == "credit"
    told = PageNotice.objects.filter(member=sender).latest("pk").context
    assert (told["what"], told["facts"], told["path"]) == ("day", FACTS, f"/cases/{decision.public_id}/")


def test_who_is_limited_invites_nobody(sender, recipient, moderator, at):
    for number, step in enumerate(["warning", "day"]):
        decide(_case(sender, at, f"staff:{number}"), step, moderator, at=at)

    with pytest.raises(connections.InvitationForbidden, match="23 Nov 2026"):
        connections.invite(sender=sender, recipient=recipient, note="", at=at)
    connections.invite(sender=sender, recipient=recipient, note="", at=at + DAY)


def test_what_waits_to_be_sent_is_a_draft_again(case, sender, recipient, moderator, at):
    words = {"subject": "S", "body": "Text", "purpose": "press", "send_key": "key-of-the-form-1"}
    save_draft(member=sender, recipient=recipient, at=at, **words)
    Draft.objects.update(send_at=at + DAY)
    decide(case, "suspended", moderator, at=at, is_grave=True, note="Fraud")

    draft = Draft.objects.get()
    assert (draft.send_at, draft.came_back) == (None, "sender_suspended")


def test_the_next_step_is_above_the_highest_of_ninety_days(sender, moderator, at):
    with pytest.raises(StepTooHigh, match="Warning"):
        decide(_case(sender, at, "a"), "day", moderator, at=at)
    decide(_case(sender, at, "a"), "warning", moderator, at=at)
    decide(_case(sender, at, "b"), "day", moderator, at=at)
    decide(_case(sender, at, "c"), "three_days", moderator, at=at)
    with pytest.raises(StepTooHigh, match="1 week"):
        decide(_case(sender, at, "d"), "suspended", moderator, at=at)
    much_later = at + timedelta(days=94)
    with pytest.raises(StepTooHigh, match="Warning"):
        decide(_case(sender, at, "d"), "day", moderator, at=much_later)


def test_only_fraud_or_threats_skip_steps_and_the_note_says_which(case, moderator, at):
    with pytest.raises(NoteMissing):
        decide(case, "suspended", moderator, at=at, is_grave=True)
    decision = decide(case, "suspended", moderator, at=at, is_grave=True, note="Threatened a recipient", days=10)

    assert decision.restriction.ends_at == at + timedelta(days=10)


def test_no_rule_suspends_by_itself(case, at):
    with pytest.raises(StepTooHigh):
        decide(case, "suspended", None, at=at, is_grave=True, note="x")


@pytest.mark.parametrize("words", [{"facts": "Too short."}, {"rule": ""}, {"rule": "invented"}])
def test_the_member_is_owed_rule_and_facts(case, moderator, at, words):
    with pytest.raises(FactsMissing):
        decide(case, "warning", moderator, at=at, **words)
    assert not Decision.objects.exists()


def test_nobody_decides_about_themself_or_what_they_reported(sender, recipient, send, at):
    letter = send(sender, recipient, at=at - DAY).message
    made = reporting.report(message=letter, reporter=recipient, reason="spam", at=at)

    for somebody in (sender, recipient):
        with pytest.raises(OwnMatter):
            decide(made.case, "warning", somebody, at=at)


def test_a_decided_case_stays_decided(case, moderator, second, at):
    decide(case, "warning", moderator, at=at)
    with pytest.raises(AlreadyDecided):
        decide(case, "nothing", second, at=at)
    with pytest.raises(AlreadyDecided):
        conduct.escalate(case=case, note="Look", by=second, at=at)


@pytest.mark.parametrize(("outcome", "acted"), [("nothing", 0), ("warning", 1)])
def test_reporters_hear_the_outcome(sender, recipient, moderator, send, at, outcome, acted):
    letter = send(sender, recipient, at=at - DAY).message
    made = reporting.report(message=letter, reporter=recipient, reason="spam", at=at)
    decide(made.case, outcome, moderator, at=at)

    told = recipient.page_notices.get()
    assert (told.kind, told.context["acted"]) == ("report_outcome", acted)


def test_escalated_cases_come_first_then_harm_then_age(sender, moderator, at):
    cases = [_case(sender, at + number * DAY, f"staff:{number}") for number in range(3)]
    Case.objects.filter(pk=cases[1].pk).update(harm=4)
    conduct.escalate(case=cases[2], note="Police?", by=moderator, at=at)

    assert list(conduct.queue()) == [cases[2], cases[1], cases[0]]


# --- Closing --------------------------------------------------------------------------------------------


def close(case, by, *, at) -> Decision:
    return decide(case, "closing", by, at=at, is_grave=True, note="Fraud with cheques")


def test_a_closing_waits_for_somebody_else(case, sender, moderator, second, at, balance):
    decision = close(case, moderator, at=at)
    assert not Restriction.objects.exists() and balance(sender, at=at) > 0
    with pytest.raises(WaitsForSecond):
        decide(case, "nothing", second, at=at)
    for somebody, refusal in ((moderator, SamePerson), (sender, OwnMatter)):
        with pytest.raises(refusal):
            conduct.confirm_closing(decision=decision, by=somebody, at=at)

    conduct.confirm_closing(decision=decision, by=second, at=at + DAY)
    sender.refresh_from_db()
    assert not sender.is_active and balance(sender, at=at + DAY) == 0
    restriction = Restriction.objects.get()
    assert (restriction.ends_at, restriction.decided_by, restriction.confirmed_by) == (None, moderator, second)
    assert Notice.objects.get(kind="decision").address == sender.email
    assert verify(at=at + DAY).breaches == []


def test_a_refused_closing_leaves_the_case_open(case, sender, moderator, second, at):
    decision = close(case, moderator, at=at)
    conduct.refuse_closing(decision=decision, by=second, note="Not proven", at=at)

    with pytest.raises(AlreadyDecided):
        conduct.confirm_closing(decision=decision, by=second, at=at)
    decide(case, "warning", second, at=at)
    assert sender.cases.get().decisions.count() == 2


def test_a_closing_that_a_crash_interrupted_is_finished(case, sender, moderator, second, at, balance, monkeypatch):
    decision = close(case, moderator, at=at)
    with monkeypatch.context() as patch:
        patch.setattr(consequences, "finish", lambda **_: None)
        conduct.confirm_closing(decision=decision, by=second, at=at)
    assert Member.objects.get(pk=sender.pk).is_active

    assert consequences.finish_all(at=at) == 1
    assert consequences.finish_all(at=at) == 0
    assert not Member.objects.get(pk=sender.pk).is_active and balance(sender, at=at) == 0


def test_the_database_knows_who_reads_first(case, at):
    assert connection.features.supports_table_check_constraints
    assert conduct.queue().first() == case
