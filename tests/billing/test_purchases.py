"""Bought credits: their life, a dispute, money that goes back, and what is owed when they were spent."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Seat, Team
from billing import audit, journal, ledger, purchases, sweeps
from billing.models import Entry, Lot, Shortfall
from billing.standing import standing
from tests.billing import world
from tests.billing.world import AT, DAY, HOUR, MICROSECOND, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy():
    return world.make_policy()


@pytest.fixture
def payer(policy):
    return world.make_payer()


@pytest.fixture(autouse=True)
def clean_books():
    """Whatever a test did, the books are right after it."""
    yield
    assert audit.verify(at=AT, holds=False).breaches == []


def send(payer, policy, number, *, at):
    return [world.charge(payer, at=at, policy=policy) for _ in range(number)]


def come_back(payer, charges, policy, *, at):
    world.answer(charges, at=at, policy=policy)
    world.settle(payer, at=at)


def take_again(line, amount):
    """The provider tells the same repayment a second time."""
    with transaction.atomic():
        cause = f"repayment-{line.order.repayments.get().pk}"
        return purchases.claw_back(lot=line.lot, amount=amount, cause=cause, at=AT)


def lines(member, since=0):
    return [(kind, delta) for kind, delta, _, _ in world.journal(member)[since:]]


def test_a_pack_lives_twelve_calendar_months_from_its_payment(payer):
    assert world.buy(payer, 10, at=moment("2028-02-29 10:00")).lot.expires_at == moment("2029-02-28 10:00")
    world.make_policy(pack_life_months=None, pack_life_days=90)
    lot = world.buy(payer, 10, at=moment("2028-03-01 10:00")).lot
    assert lot.expires_at == moment("2028-05-30 10:00")
    assert (lot.source, lot.priority, lot.policy_version_id) == ("purchase", 30, world.policies()[-1])
    assert [entry.key for entry in Entry.objects.filter(lot=lot)] == [f"purchase:{lot.order_line_id}"]


def test_the_policy_of_the_payment_counts_though_it_was_found_out_about_later(payer):
    line = world.buy(payer, 10, at=AT)
    line.order.paid_at = datetime(2001, 1, 1, tzinfo=UTC)
    assert purchases._end_of_purchase(line, at=datetime(2001, 6, 1, tzinfo=UTC)) == datetime(2002, 1, 1, tzinfo=UTC)
    assert purchases._end_of_purchase(line, at=AT) == moment("2027-01-15 08:00"), "late for all its life"


def test_a_payment_told_twice_is_one_lot(payer):
    line = world.buy(payer, 10, at=AT)
    with transaction.atomic():
        assert purchases.grant_purchase(line=line, at=AT + HOUR) == line.lot
    assert world.balance(payer) == 10


def test_bought_credits_are_spent_last_and_a_repayment_takes_what_is_left(payer, policy):
    world.give(payer, 1, at=AT)
    line = world.buy(payer, 10, at=AT)
    charges = send(payer, policy, 5, at=AT)
    assert world.give_back(line, 3, at=AT) == (3, 0)
    assert take_again(line, 3) == (3, 0)
    come_back(payer, charges[-1:], policy, at=AT)
    assert Lot.objects.get(pk=line.lot.pk).remaining == 4, "a part that was paid for goes on as before"
    assert not standing(payer, at=AT).held


def test_what_was_spent_is_owed_and_answers_pay_it(payer, policy):
    """E15: 6 of 10 spent: 4 taken, 6 owed; the returns of the 6 pay them."""
    line = world.buy(payer, 10, at=AT)
    charges = send(payer, policy, 6, at=AT)
    assert world.give_back(line, 10, at=AT) == (4, 6)
    assert take_again(line, 10) == (4, 6)
    with pytest.raises(ledger.WalletHeld):
        world.charge(payer, at=AT)
    come_back(payer, charges[:2], policy, at=AT + DAY)
    assert lines(payer, since=8) == [("refund", 1), ("clawback", -1)] * 2
    back = Entry.objects.filter(kind="clawback").latest("seq")
    assert (back.lot.source, back.lot.root_id, back.charge_id) == ("return", line.lot.pk, charges[1].pk)
    assert back.key == f"clawback:repayment-{line.order.repayments.get().pk}:{back.lot_id}"
    assert standing(payer, at=AT + DAY).shortfall == 4
    come_back(payer, charges[2:], policy, at=AT + 2 * DAY)
    assert (standing(payer, at=AT + 2 * DAY).held, world.balance(payer)) == (False, 0)
    assert Shortfall.objects.get().closed_at == AT + 2 * DAY


def test_the_journal_names_the_order_whose_debt_a_new_pack_pays(payer, policy):
    line = world.buy(payer, 10, at=AT)
    send(payer, policy, 6, at=AT)
    world.give_back(line, 10, at=AT)
    world.buy(payer, 10, at=AT + DAY)
    paid, _bought, taken = journal.page(journal.entries_of(payer), at=AT + DAY).lines[:3]
    assert (str(paid.why), paid.delta) == (f"Paid the debt of order {line.order.public_id}", -6)
    assert paid.why.url == f"/orders/{line.order.public_id}/"
    assert (str(taken.why), taken.delta) == ("The payment was paid back", -4)


def test_what_comes_back_beyond_what_is_owed_lives_as_after_a_lots_end(payer, policy):
    line = world.buy(payer, 10, at=AT)
    charge = world.charge(payer, at=AT, policy=policy, cost=8)
    assert world.give_back(line, 5, at=AT) == (2, 3)
    come_back(payer, [charge], policy, at=AT + DAY)
    assert lines(payer, since=3) == [("refund", 8), ("clawback", -3)]
    lot = Lot.objects.latest("id")
    assert (lot.remaining, lot.source, lot.priority, lot.expires_at) == (5, "return", 30, line.lot.expires_at)
    assert not standing(payer, at=AT + DAY).held


def test_an_undone_message_pays_what_is_owed_too(payer, policy):
    line = world.buy(payer, 2, at=AT)
    world.charge(payer, at=AT, policy=policy, cost=2, reference="undone")
    assert world.give_back(line, 2, at=AT) == (0, 2)
    with transaction.atomic():
        ledger.reverse(reference="undone", reason="undone", at=AT)
    assert not standing(payer, at=AT).held


def test_buying_credits_pays_what_is_owed_and_that_purchase_is_used_by_it(payer, policy):
    first = world.buy(payer, 4, at=AT)
    charges = send(payer, policy, 4, at=AT)
    assert world.give_back(first, 4, at=AT) == (0, 4)
    second = world.buy(payer, 10, at=AT + DAY)
    assert (world.balance(payer), standing(payer, at=AT + DAY).held) == (6, False)
    come_back(payer, charges[:1], policy, at=AT + DAY)
    assert world.balance(payer) == 7, "what comes back now is the member's own"
    assert world.give_back(second, 10, at=AT + 2 * DAY) == (6, 4)


def test_what_expired_is_neither_taken_nor_owed(payer, policy):
    line = world.buy(payer, 10, at=AT)
    send(payer, policy, 3, at=AT)
    assert world.give_back(line, 10, at=AT + 400 * DAY) == (0, 3)


def test_two_part_repayments_after_the_end_owe_what_was_spent_once(payer, policy):
    line = world.buy(payer, 10, at=AT)
    send(payer, policy, 4, at=AT)
    after = AT + 400 * DAY
    assert [world.give_back(line, 5, at=after) for _ in range(2)] == [(0, 4), (0, 0)]


def test_a_second_repayment_does_not_count_the_same_credits_again(payer, policy):
    line = world.buy(payer, 10, at=AT)
    charges = send(payer, policy, 8, at=AT)
    assert world.give_back(line, 5, at=AT) == (2, 3)
    come_back(payer, charges[:1], policy, at=AT)
    assert world.give_back(line, 5, at=AT) == (0, 5)
    come_back(payer, charges[1:], policy, at=AT)
    assert (world.balance(payer), standing(payer, at=AT).held) == (0, False)


def test_credits_that_came_back_after_the_packs_end_are_taken_as_well(payer, policy):
    line = world.buy(payer, 2, at=AT)
    charges = send(payer, policy, 2, at=AT + 350 * DAY)
    come_back(payer, charges[:1], policy, at=AT + 370 * DAY)
    assert world.balance(payer) == 1
    assert world.give_back(line, 2, at=AT + 371 * DAY) == (1, 1)


# --- Disputes -----------------------------------------------------------------------------------


def test_disputed_credits_wait_and_live_as_much_longer(payer, policy):
    line = world.buy(payer, 10, at=AT)
    charges = send(payer, policy, 2, at=AT)
    opened = world.dispute(line, at=AT + DAY)
    with transaction.atomic():
        purchases.freeze(line=line, at=AT + 2 * DAY)
    assert (standing(payer, at=AT + DAY).balance, world.balance(payer)) == (0, 8)
    with pytest.raises(ledger.NotEnoughCredits):
        world.charge(payer, at=AT + DAY)
    come_back(payer, charges[:1], policy, at=AT + DAY)
    assert Lot.objects.get(pk=line.lot.pk).remaining == 9, "still frozen, in the lot it was of"
    late = line.lot.expires_at + 5 * DAY
    assert sweeps.expire(at=late) == {}
    world.win(line, opened, at=late)
    world.win(line, opened, at=late + DAY)
    lot = Lot.objects.get(pk=line.lot.pk)
    assert lot.expires_at - line.lot.expires_at == late - (AT + DAY)
    assert standing(payer, at=lot.expires_at - MICROSECOND).balance == 9
    assert standing(payer, at=lot.expires_at).balance == 0


def test_a_lost_dispute_takes_what_was_frozen(payer, policy):
    line = world.buy(payer, 10, at=AT)
    send(payer, policy, 3, at=AT)
    opened = world.dispute(line, at=AT + DAY, amount=5)
    assert world.lose(line, opened, at=AT + 2 * DAY) == (5, 0)
    assert (standing(payer, at=AT + 3 * DAY).balance, standing(payer, at=AT + 3 * DAY).held) == (2, False)


def test_a_clock_that_went_back_freezes_nothing_before_it_was_spent(payer, policy):
    line = world.buy(payer, 10, at=AT)
    send(payer, policy, 1, at=AT + DAY)
    world.dispute(line, at=AT + HOUR)
    assert Lot.objects.get(pk=line.lot.pk).frozen_at == AT + DAY
    assert audit.verify(at=AT, holds=False).breaches == []


def test_the_database_keeps_a_shortfall_within_what_was_taken_back(payer, policy):
    line = world.buy(payer, 1, at=AT)
    send(payer, policy, 1, at=AT)
    world.give_back(line, 1, at=AT)
    for wrong in ({"remaining": 2}, {"closed_at": AT}, {"remaining": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Shortfall.objects.update(**wrong)


# --- A team's pool ------------------------------------------------------------------------------


def test_a_pool_is_charged_for_a_seat_and_gets_its_credit_back(payer, policy):
    team = Team.objects.create(name="Harbour", founded_at=AT)
    seat = Seat.objects.create(team=team, member=payer, assigned_at=AT)
    line = world.buy(payer, 3, at=AT, team=team)
    with transaction.atomic():
        pool = ledger.lock_wallet(team, at=AT)
        ledger.settle(pool, at=AT)
        made = ledger.charge(wallet=pool, payer=payer, cost=1, reference="t1", policy=policy, at=AT, seat=seat)
    assert (made.seat, made.wallet_id, line.lot.wallet_id) == (seat, pool.pk, pool.pk)
    assert (standing(team, at=AT).balance, standing(payer, at=AT).balance) == (2, 0)
    # Parked and given to somebody else meanwhile: the credit is the pool's.
    Seat.objects.filter(pk=seat.pk).update(left_at=AT)
    world.answer([made], at=AT + DAY, policy=policy)
    assert standing(team, at=AT + DAY).balance == 3
