"""Somebody else decides an appeal; reversing brings back standing and the credits lost meanwhile."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import restrictions
from accounts.models import Member
from billing import ledger
from billing.audit import verify
from billing.models import Lot
from messaging import appealing, conduct
from messaging.conduct_refusals import AlreadyDecided, NothingToAppeal, OwnMatter, ReasonsMissing, TooLateToAppeal
from messaging.models import Appeal, Decision

FACTS = "You wrote the same text to forty people within one hour."
REASONS = "The forty texts were invitations to one event, each of them asked for."
DAY = timedelta(days=1)


@pytest.fixture
def moderator(make_member) -> Member:
    return make_member("Mo Ames")


@pytest.fixture
def second(make_member) -> Member:
    return make_member("Noor Haas")


@pytest.fixture
def third(make_member) -> Member:
    return make_member("Ola Berg")


def decide(member, outcome, by, *, at) -> Decision:
    case = conduct.open_case(about=member, source="staff", harm=2, key=f"staff:{at}", evidence={}, at=at)
    words = {"rule": "bulk", "facts": FACTS, "is_grave": True, "note": "Fraud"}
    return conduct.decide_case(case=case, outcome=outcome, decided_by=by, at=at, **words)


def appeal(decision, member, *, at) -> Appeal:
    return appealing.appeal(decision=decision, member=member, statement="It was an event.", at=at)


def reverse(asked, by, *, at, outcome="reversed") -> Appeal:
    return appealing.decide_appeal(appeal=asked, outcome=outcome, reasons=REASONS, decided_by=by, at=at)


def give(member, amount, *, life, at) -> None:
    with transaction.atomic():
        wallet = ledger.lock_wallet(member, at=at)
        kinds = {"source": Lot.Source.PROMO, "priority": Lot.Priority.GIFT}
        ledger.grant(wallet=wallet, amount=amount, expires_at=at + life, key=f"test:{at}", at=at, **kinds)


def test_a_decision_is_appealed_once_within_six_months(sender, moderator, at):
    decision = decide(sender, "week", moderator, at=at)
    with pytest.raises(TooLateToAppeal):
        appeal(decision, sender, at=at + timedelta(days=184))

    asked = appeal(decision, sender, at=at + timedelta(days=183))
    assert appeal(decision, sender, at=at + timedelta(days=200)) == asked


def test_nobody_appeals_for_others_or_against_nothing(sender, outsider, moderator, at):
    decision = decide(sender, "week", moderator, at=at)
    harmless = decide(sender, "nothing", moderator, at=at + DAY)
    for member, what in ((outsider, decision), (sender, harmless)):
        with pytest.raises(NothingToAppeal):
            appeal(what, member, at=at + DAY)


def test_another_moderator_decides_and_the_database_says_so_too(sender, moderator, second, at):
    asked = appeal(decide(sender, "week", moderator, at=at), sender, at=at)
    for somebody in (moderator, sender):
        with pytest.raises(OwnMatter):
            reverse(asked, somebody, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.update(decided_by=moderator, decided_at=at, outcome="reversed", reasons=REASONS)
    with pytest.raises(ReasonsMissing):
        appealing.decide_appeal(appeal=asked, outcome="upheld", reasons="No.", decided_by=second, at=at)

    reverse(asked, second, at=at, outcome="upheld")
    with pytest.raises(AlreadyDecided):
        reverse(asked, second, at=at)
    assert restrictions.is_restricted(sender, at=at)
    assert sender.page_notices.latest("pk").context["facts"] == REASONS


def test_a_reversal_restores_standing_and_what_expired_meanwhile(sender, moderator, second, balance, at):
    give(sender, 3, life=DAY, at=at - timedelta(hours=1))
    give(sender, 2, life=10 * DAY, at=at)
    before = balance(sender, at=at)
    decision = decide(sender, "week", moderator, at=at)
    asked = appeal(decision, sender, at=at)
    later = at + 8 * DAY
    assert balance(sender, at=later) == before - 3

    with transaction.atomic():
        ledger.settle(ledger.lock_wallet(sender, at=later), at=later)
    assert [-entry.delta for entry in appealing.what_comes_back(decision, at=later)] == [3]
    reverse(asked, second, at=later)
    assert not restrictions.is_restricted(sender, at=later)
    assert balance(sender, at=later) == before
    lot = Lot.objects.get(source="admin")
    assert (lot.granted, lot.expires_at) == (3, later + timedelta(days=30))
    assert sender.page_notices.latest("pk").context["restored"] == 3
    assert verify(at=later).breaches == []


def test_a_reversed_closing_opens_the_account_and_its_wallet(sender, moderator, second, third, balance, at):
    before = balance(sender, at=at)
    decision = decide(sender, "closing", moderator, at=at)
    conduct.confirm_closing(decision=decision, by=second, at=at)
    assert balance(sender, at=at) == 0
    decision.refresh_from_db()
    asked = appeal(decision, sender, at=at + DAY)
    with pytest.raises(OwnMatter):
        reverse(asked, second, at=at + DAY)

    reverse(asked, third, at=at + DAY)
    assert Member.objects.get(pk=sender.pk).is_active
    assert balance(sender, at=at + DAY) == before
    assert conduct.standing_decisions(sender).get().restriction.reversed_at == at + DAY
    assert verify(at=at + DAY).breaches == []
