"""Whether an answer gives the credit back, and where it goes (domain 5.5)."""

from datetime import timedelta

import pytest

from billing import ledger, refunds
from billing.models import Charge, Entry, Lot
from billing.standing import standing
from tests.billing import world
from tests.billing.world import AT, DAY, HOUR, MICROSECOND, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer():
    member = world.make_payer()
    world.give(member, 3, at=AT, life=30 * DAY)
    return member


@pytest.fixture
def policy():
    return world.make_policy()


def kinds(member):
    return [kind for kind, *_ in world.journal(member)]


def test_an_answer_gives_the_credit_back_to_its_lot(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    world.answer([charge], at=AT + DAY, policy=policy)
    entries = ledger.refund(charge_id=charge.pk, at=AT + DAY)
    assert [(entry.delta, entry.occurred_at) for entry in entries] == [(1, AT + DAY)]
    assert entries[0].lot_id == entries[0].origin_lot_id
    assert world.balance(payer) == 3
    charge.refresh_from_db()
    assert charge.return_due_at is None


def test_posting_it_again_answers_what_is_there(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    world.answer([charge], at=AT + DAY, policy=policy)
    first = ledger.refund(charge_id=charge.pk, at=AT + DAY)
    assert ledger.refund(charge_id=charge.pk, at=AT + 2 * DAY) == first
    assert world.balance(payer) == 3


def test_a_tap_returns_nothing_before_it_is_delivered(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    due_at = AT + DAY + timedelta(seconds=10)
    world.answer([charge], at=AT + DAY, policy=policy, kind="no_thanks", due_at=due_at)
    assert ledger.refund(charge_id=charge.pk, at=due_at - MICROSECOND) == []
    assert len(ledger.refund(charge_id=charge.pk, at=due_at)) == 1


def test_an_answer_taken_back_returns_nothing(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    world.answer([charge], at=AT + DAY, policy=policy, due_at=AT + DAY + timedelta(seconds=10))
    assert refunds.take_back(references=[charge.reference]) == [charge]
    refunds.return_due(at=AT + 2 * DAY)
    assert kinds(payer) == ["grant", "charge"]
    assert Charge.objects.get().answered_at is None


def test_a_posted_return_stays_when_the_answer_is_taken_back(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    world.answer([charge], at=AT + DAY, policy=policy)
    refunds.return_due(at=AT + DAY)
    assert refunds.take_back(references=[charge.reference]) == []
    assert world.balance(payer) == 3


@pytest.mark.parametrize(("moment_", "comes_back"), [(-MICROSECOND, True), (0 * DAY, False), (MICROSECOND, False)])
def test_an_answer_at_the_end_of_the_window_is_late(payer, policy, moment_, comes_back):
    charge = world.charge(payer, at=AT, policy=policy)
    marked = world.answer([charge], at=charge.refundable_until + moment_, policy=policy)
    assert bool(marked) is comes_back


def test_ninety_days_are_2160_hours():
    member = world.make_payer()
    world.give(member, 1, at=moment("2026-03-01 12:00"))
    charge = world.charge(member, at=moment("2026-03-01 12:00"))
    assert charge.refundable_until - charge.charged_at == 2160 * HOUR


def test_only_the_first_answer_counts(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    assert world.answer([charge], at=AT + DAY, policy=policy)
    assert world.answer([charge], at=AT + 2 * DAY, policy=policy) == []
    assert Charge.objects.get().answered_at == AT + DAY


def test_one_answer_returns_the_first_message_and_the_follow_up(payer, policy):
    charges = [world.charge(payer, at=AT + 8 * day * DAY, policy=policy) for day in range(2)]
    assert len(world.answer(charges, at=AT + 10 * DAY, policy=policy)) == 2
    refunds.return_due(at=AT + 10 * DAY)
    assert world.balance(payer) == 3


def test_each_charge_has_its_own_window(payer, policy):
    world.give(payer, 1, at=AT)
    first = world.charge(payer, at=AT, policy=policy)
    second = world.charge(payer, at=AT + 8 * DAY, policy=policy)
    marked = world.answer([first, second], at=first.refundable_until, policy=policy)
    assert marked == [second]


def test_a_charge_keeps_the_terms_of_its_day(payer):
    then = world.make_policy(return_on=["reply"])
    charge = world.charge(payer, at=AT, policy=then)
    now = world.make_policy()
    assert world.answer([charge], at=AT + DAY, policy=now, kind="no_thanks") == []
    assert world.answer([charge], at=AT + DAY, policy=now, kind="reply") == [charge]


def test_where_returns_are_off_nothing_comes_back(payer):
    off = world.make_policy(return_enabled=False)
    charge = world.charge(payer, at=AT, policy=off)
    assert world.answer([charge], at=AT + DAY, policy=off) == []


def test_without_a_window_there_is_no_deadline(payer):
    open_end = world.make_policy(return_window_hours=None)
    charge = world.charge(payer, at=AT, policy=open_end)
    assert world.answer([charge], at=AT + 5000 * DAY, policy=open_end) == [charge]


# --- Where the credit goes ----------------------------------------------------------------------


def test_a_credit_whose_lot_has_expired_comes_back_on_a_lot_of_its_own(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    answered_at = AT + 40 * DAY
    world.answer([charge], at=answered_at, policy=policy)
    (entry,) = ledger.refund(charge_id=charge.pk, at=answered_at)
    assert entry.lot.source == Lot.Source.RETURN
    assert entry.lot.expires_at == answered_at + 720 * HOUR
    assert entry.lot.priority == Lot.Priority.GIFT
    assert entry.lot.root_id == entry.origin_lot_id


def test_a_return_of_a_return_keeps_its_root(payer, policy):
    first = world.charge(payer, at=AT, policy=policy)
    world.answer([first], at=AT + 40 * DAY, policy=policy)
    refunds.return_due(at=AT + 40 * DAY)
    root = Lot.objects.get(source="admin")
    second = world.charge(payer, at=AT + 41 * DAY, policy=policy)
    world.answer([second], at=AT + 100 * DAY, policy=policy)
    (entry,) = ledger.refund(charge_id=second.pk, at=AT + 100 * DAY)
    assert entry.origin_lot.source == Lot.Source.RETURN
    assert entry.lot.root == root


@pytest.mark.parametrize(("late", "lots"), [(-MICROSECOND, 1), (timedelta(0), 2)])
def test_life_is_judged_at_the_instant_of_the_return(payer, policy, late, lots):
    charge = world.charge(payer, at=AT, policy=policy)
    end = Lot.objects.get().expires_at
    world.answer([charge], at=end + late, policy=policy)
    refunds.return_due(at=end + DAY)
    assert Lot.objects.count() == lots


def test_the_worker_being_late_changes_nothing(payer, policy):
    """The lot expires after the answer, the worker comes later: back, then expired (E7)."""
    charge = world.charge(payer, at=AT, policy=policy)
    world.answer([charge], at=AT + 29 * DAY, policy=policy)
    refunds.return_due(at=AT + 60 * DAY)
    assert world.journal(payer)[2:] == [("refund", 1, AT + 29 * DAY, 3), ("expire", -3, AT + 30 * DAY, 0)]


def test_a_cost_of_two_comes_back_to_the_live_lot_and_to_a_new_one(policy):
    member = world.make_payer()
    world.give(member, 1, at=AT, life=30 * DAY)
    alive = world.give(member, 1, at=AT, life=300 * DAY)
    charge = world.charge(member, at=AT, policy=policy, cost=2)
    world.answer([charge], at=AT + 40 * DAY, policy=policy)
    entries = ledger.refund(charge_id=charge.pk, at=AT + 40 * DAY)
    assert sorted(entry.lot.source for entry in entries) == ["admin", "return"]
    assert {entry.lot_id for entry in entries} >= {alive.pk}
    assert world.balance(member) == 2


def test_a_plan_credit_after_the_plan_returns_and_is_forfeited(policy):
    """Cancelled to 12 June, answered on 20 June (domain 5.7): visible, net nothing."""
    member = world.make_payer()
    paid = moment("2026-06-12 10:00")
    held = world.subscribe(member, world.make_terms(), at=moment("2026-05-12 10:00"), paid_through=paid)
    gift = world.give(member, 10, at=moment("2026-05-12 10:00"))
    of_plan = world.charge(member, at=moment("2026-05-13 10:00"), policy=policy)
    world.change(held, at=moment("2026-06-03 00:00"), cancel_at=paid)
    of_gift = world.charge(member, at=paid, policy=policy)
    answered_at = moment("2026-06-20 00:00")
    world.answer([of_plan, of_gift], at=answered_at, policy=policy)
    refunds.return_due(at=answered_at)
    assert world.journal(member)[-3:] == [
        ("refund", 1, answered_at, 10),
        ("forfeit", -1, answered_at, 9),
        ("refund", 1, answered_at, 10),
    ]
    gift.refresh_from_db()
    assert gift.remaining == 10


def test_a_credit_of_the_old_plan_comes_back_under_a_new_one(policy):
    """Forfeited before a new subscription: dead otherwise, so a new lot with the grace."""
    member, terms = world.make_payer(), world.make_terms()
    held = world.subscribe(member, terms, at=AT)
    charge = world.charge(member, at=AT, policy=policy)
    world.change(held, at=AT + DAY, cancel_at=AT + 2 * DAY)
    world.subscribe(member, terms, at=AT + 3 * DAY)
    world.answer([charge], at=AT + 4 * DAY, policy=policy)
    (entry,) = ledger.refund(charge_id=charge.pk, at=AT + 4 * DAY)
    assert (entry.lot.source, entry.lot.remaining, entry.lot.priority) == ("return", 1, Lot.Priority.PLAN)
    assert world.balance(member) == 16


# --- Nothing was delivered ----------------------------------------------------------------------


def test_undo_gives_the_credit_back_once(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    first = ledger.reverse(reference=charge.reference, reason="undone", at=AT + timedelta(seconds=5))
    again = ledger.reverse(reference=charge.reference, reason="undone", at=AT + timedelta(seconds=6))
    assert first == again
    assert [entry.kind for entry in first] == ["reverse"]
    assert kinds(payer) == ["grant", "charge", "reverse"]


def test_a_reversed_charge_earns_no_return(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    ledger.reverse(reference=charge.reference, reason="undone", at=AT)
    assert world.answer([charge], at=AT + DAY, policy=policy) == []
    assert standing(payer, at=AT + DAY).may_come_back == 0


def test_a_returned_charge_has_nothing_left_to_reverse(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    world.answer([charge], at=AT + DAY, policy=policy)
    refunds.return_due(at=AT + DAY)
    assert ledger.reverse(reference=charge.reference, reason="late", at=AT + DAY) == []
    assert world.balance(payer) == 3


def test_a_reversal_takes_the_due_return_off_the_list(payer, policy):
    charge = world.charge(payer, at=AT, policy=policy)
    world.answer([charge], at=AT + DAY, policy=policy, due_at=AT + 2 * DAY)
    ledger.reverse(reference=charge.reference, reason="failed", at=AT + DAY)
    assert not refunds.return_due(at=AT + 3 * DAY)
    assert Entry.objects.filter(kind="refund").count() == 0


# --- What the sender sees -----------------------------------------------------------------------


def test_standing_tells_what_may_come_back_and_until_when(payer, policy):
    first = world.charge(payer, at=AT, policy=policy)
    world.charge(payer, at=AT + DAY, policy=policy)
    now = standing(payer, at=AT + DAY)
    assert (now.balance, now.may_come_back, now.next_deadline) == (1, 2, first.refundable_until)
    world.answer([first], at=AT + 2 * DAY, policy=policy)
    later = standing(payer, at=AT + 2 * DAY)
    assert (later.balance, later.may_come_back) == (2, 1)
