"""The schema and the models refuse what must never be, on both engines."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing.models import Adjustment, Charge, Entry, Lot, Period, Subscription, Wallet
from billing.models.entry import JournalIsAppendOnly
from tests.billing import world
from tests.billing.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=AT)
    world.charge(member, at=AT, reference="m1")
    return member


def refused(statement: str, *values: object) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_an_entry_cannot_be_changed_through_its_model(payer):
    entry = Entry.objects.first()
    with pytest.raises(JournalIsAppendOnly):
        entry.save()
    with pytest.raises(JournalIsAppendOnly):
        entry.delete()
    with pytest.raises(JournalIsAppendOnly):
        Entry.objects.update(delta=2)
    with pytest.raises(JournalIsAppendOnly):
        Entry.objects.all().delete()
    with pytest.raises(JournalIsAppendOnly):
        Entry.objects.bulk_update([entry], ["delta"])
    with pytest.raises(JournalIsAppendOnly):
        Entry.objects.bulk_create([entry], update_conflicts=True, unique_fields=["id"], update_fields=["delta"])


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has the guards in Python only")
@pytest.mark.parametrize("statement", ["UPDATE billing_entry SET delta = 2", "DELETE FROM billing_entry"])
def test_postgresql_refuses_to_change_an_entry_whoever_asks(payer, statement):
    refused(statement)


def test_a_balance_below_nothing_is_refused(payer):
    refused("UPDATE billing_wallet SET balance = -1")


def test_a_lot_holds_between_nothing_and_what_was_granted(payer):
    refused("UPDATE billing_lot SET remaining = -1")
    refused("UPDATE billing_lot SET remaining = granted + 1")


def test_a_closed_lot_is_empty(payer):
    refused("UPDATE billing_lot SET closed_at = %s", AT)


def test_an_entry_changes_something(payer):
    entry = Entry.objects.latest("seq")
    entry.pk, entry.seq, entry.key, entry.delta, entry._state.adding = None, entry.seq + 1, "nothing", 0, True
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.bulk_create([entry])


@pytest.mark.parametrize("change", [{"seq": 99}, {"key": "other"}])
def test_number_and_key_of_an_entry_are_unique(payer, change):
    entry = Entry.objects.latest("seq")
    entry.pk, entry._state.adding = None, True
    for name, value in change.items():
        setattr(entry, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.bulk_create([entry])


def test_a_charge_has_one_reference_and_costs_something(payer):
    charge = Charge.objects.get()
    charge.pk, charge._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.bulk_create([charge])
    refused("UPDATE billing_charge SET cost = 0")


def test_an_answer_after_the_window_cannot_be_stored(payer):
    refused("UPDATE billing_charge SET answered_at = refundable_until")


def test_without_an_answer_no_return_is_due(payer):
    refused("UPDATE billing_charge SET return_due_at = %s", AT)


def test_a_period_has_one_number_and_one_start(payer):
    period = Period.objects.get()
    period.pk, period.lot, period._state.adding = None, None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        Period.objects.bulk_create([period])
    period.n += 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Period.objects.bulk_create([period])


def test_a_wallet_has_one_running_plan(payer):
    with pytest.raises(IntegrityError), transaction.atomic():
        world.subscribe(payer, world.make_terms(), at=AT + DAY)


def test_a_cap_holds_at_least_one_allotment():
    with pytest.raises(IntegrityError), transaction.atomic():
        world.make_terms(allotment=5, cap=4)


@pytest.mark.parametrize("change", [{"amount": 0}, {"reason": ""}, {"life_days": 0}])
def test_an_adjustment_says_why_and_changes_something(payer, change):
    facts = {"amount": 1, "life_days": 30, "reason": "a gift"} | change
    with pytest.raises(IntegrityError), transaction.atomic():
        Adjustment.objects.create(wallet=payer.wallet, posted_by=payer, posted_at=AT, **facts)


def test_money_and_people_are_protected(payer):
    assert {wallet.member_id for wallet in Wallet.objects.all()} == {payer.pk}
    for row in [payer, Wallet.objects.get(), Lot.objects.get(), Subscription.objects.get(), Charge.objects.get()]:
        with pytest.raises(IntegrityError):
            row.delete()
