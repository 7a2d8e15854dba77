"""Credits by hand: within limits, with a name and a reason."""

import pytest
from django.db import transaction

from accounts.clock import FOREVER
from billing import ledger
from billing.models import Adjustment, Entry, Lot
from tests.billing import world
from tests.billing.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy():
    return world.make_policy()


@pytest.fixture
def staff():
    return world.make_payer("Olu")


@pytest.fixture
def payer():
    member = world.make_payer()
    world.give(member, 3, at=AT, life=30 * DAY)
    world.give(member, 3, at=AT, life=20 * DAY)
    return member


def adjust(member, amount, *, by, at=AT, life_days=30, form_key=""):
    with transaction.atomic():
        return ledger.adjust(
            wallet=member.wallet,
            amount=amount,
            life_days=life_days,
            reason="a mistake of ours",
            actor=by,
            at=at,
            form_key=form_key,
        )


def test_given_credits_live_as_long_as_was_said(payer, staff):
    adjust(payer, 5, by=staff, at=AT + DAY)
    lot = Lot.objects.latest("id")
    assert (lot.granted, lot.source, lot.expires_at) == (5, "admin", AT + 31 * DAY)
    entry = Entry.objects.latest("id")
    assert (entry.kind, entry.delta, entry.actor, entry.reason) == ("adjust", 5, staff, "a mistake of ours")


def test_given_without_an_end_they_have_none(payer, staff):
    adjust(payer, 5, by=staff, life_days=None)
    assert Lot.objects.latest("id").expires_at == FOREVER


def test_taken_credits_are_those_that_end_first(payer, staff):
    adjust(payer, -4, by=staff)
    taken = Entry.objects.filter(kind="adjust").order_by("seq")
    assert list(taken.values_list("delta", flat=True)) == [-3, -1]
    assert taken[0].lot.expires_at == AT + 20 * DAY
    assert world.balance(payer) == 2


def test_never_below_nothing(payer, staff):
    adjust(payer, -5, by=staff)
    with pytest.raises(ledger.NotEnoughCredits):
        adjust(payer, -2, by=staff)
    assert Adjustment.objects.count() == 1


@pytest.mark.parametrize("amount", [6, -6])
def test_more_than_five_at_once_needs_somebody_else(payer, staff, amount):
    with pytest.raises(ledger.OverDirectLimit):
        adjust(payer, amount, by=staff)


def test_twenty_a_day_and_no_more(payer, staff):
    for amount in [5, -5, 5, 4]:
        adjust(payer, amount, by=staff)
    with pytest.raises(ledger.OverDailyLimit):
        adjust(payer, 2, by=staff)
    adjust(payer, 1, by=staff)
    adjust(payer, 5, by=world.make_payer("Ann"))
    adjust(payer, 5, by=staff, at=AT.replace(hour=0, minute=0) + DAY)


def test_the_same_form_twice_is_one_adjustment(payer, staff):
    first = adjust(payer, 5, by=staff, form_key="form-1")
    assert adjust(payer, 5, by=staff, form_key="form-1") == first
    with pytest.raises(ledger.KeyReused):
        adjust(payer, 4, by=staff, form_key="form-1")
    assert world.balance(payer) == 11
