"""What a charge takes, and from where."""

import pytest
from django.db import transaction

from billing import ledger
from billing.models import Charge, Entry

from . import world
from .world import AT, DAY, MICROSECOND

pytestmark = pytest.mark.django_db


def test_a_new_plan_gives_its_credits_at_once():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=AT)
    assert world.journal(member) == [("grant", 15, AT, 15)]


def test_a_charge_takes_one_credit_and_keeps_its_terms():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=AT)
    policy = world.make_policy()
    charge = world.charge(member, at=AT + DAY, policy=policy)
    assert charge.refundable_until == AT + DAY + 90 * DAY
    assert charge.policy_version_id == policy.version
    assert world.journal(member)[-1] == ("charge", -1, AT + DAY, 14)


def test_plan_credits_go_before_gifts_and_gifts_that_end_first_go_first():
    member = world.make_payer()
    world.give(member, 1, at=AT, life=300 * DAY)
    early = world.give(member, 1, at=AT, life=30 * DAY)
    world.subscribe(member, world.make_terms(allotment=1, cap=3), at=AT)
    charge = world.charge(member, at=AT + DAY, cost=2)
    sources = [entry.lot.source for entry in charge.entries.order_by("seq").select_related("lot")]
    assert sources == ["plan", "admin"]
    assert charge.entries.order_by("seq")[1].lot_id == early.pk


def test_a_charge_of_three_from_two_lots_has_two_entries():
    member = world.make_payer()
    world.give(member, 2, at=AT, life=30 * DAY)
    world.give(member, 2, at=AT, life=60 * DAY)
    charge = world.charge(member, at=AT, cost=3)
    assert list(charge.entries.order_by("seq").values_list("delta", flat=True)) == [-2, -1]
    assert world.balance(member) == 1


def test_too_few_credits_are_refused_and_nothing_is_written():
    member = world.make_payer()
    world.give(member, 1, at=AT)
    with pytest.raises(ledger.NotEnoughCredits) as refusal:
        world.charge(member, at=AT, cost=2)
    assert (refusal.value.balance, refusal.value.needed) == (1, 2)
    assert not Charge.objects.exists()
    assert world.balance(member) == 1


@pytest.mark.parametrize(("moment", "is_alive"), [(-MICROSECOND, True), (0 * DAY, False), (MICROSECOND, False)])
def test_a_lot_is_spendable_until_the_microsecond_of_its_end(moment, is_alive):
    member = world.make_payer()
    lot = world.give(member, 1, at=AT, life=30 * DAY)
    at = lot.expires_at + moment
    if is_alive:
        assert world.charge(member, at=at).cost == 1
    else:
        with pytest.raises(ledger.NotEnoughCredits):
            world.charge(member, at=at)


def test_the_same_reference_again_is_the_first_charge():
    member = world.make_payer()
    world.give(member, 5, at=AT)
    first = world.charge(member, at=AT, reference="m1")
    assert world.charge(member, at=AT + DAY, reference="m1") == first
    assert world.balance(member) == 4


def test_the_same_reference_at_another_cost_is_an_error():
    member = world.make_payer()
    world.give(member, 5, at=AT)
    world.charge(member, at=AT, reference="m1")
    with pytest.raises(ledger.KeyReused):
        world.charge(member, at=AT, reference="m1", cost=2)


def test_a_wallet_on_hold_pays_nothing():
    member = world.make_payer()
    world.give(member, 5, at=AT)
    wallet = world.settle(member, at=AT)
    wallet.frozen_at = AT
    wallet.save(update_fields=["frozen_at"])
    with pytest.raises(ledger.WalletHeld):
        world.charge(member, at=AT)


def test_a_clock_that_went_back_writes_nothing_older_than_the_last_entry():
    member = world.make_payer()
    world.give(member, 5, at=AT)
    charge = world.charge(member, at=AT - DAY)
    assert charge.charged_at == AT
    assert Entry.objects.get(charge=charge).recorded_at == AT - DAY


def test_a_charge_on_which_nothing_is_due_asks_five_questions_and_writes_four_rows(django_assert_num_queries):
    """The wallet locked, what is due, the reference, what is owed, the lots; then charge, entry, lot and wallet."""
    member, policy = world.make_payer(), world.make_policy()
    world.subscribe(member, world.make_terms(), at=AT)
    with transaction.atomic(), django_assert_num_queries(9):
        wallet = ledger.lock_wallet(member, at=AT)
        ledger.settle(wallet, at=AT)
        ledger.charge(wallet=wallet, payer=member, cost=1, reference="m1", policy=policy, at=AT)
