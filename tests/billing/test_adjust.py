"""Credits by hand: within limits by one person, above them by two, with names and a reason."""

import pytest
from django.db import IntegrityError, transaction

from accounts.clock import FOREVER
from billing import adjusting, audit, ledger
from billing.models import Adjustment, Entry, Lot, Shortfall
from billing.standing import standing
from tests.billing import world
from tests.billing.world import AT, DAY, HOUR, MICROSECOND

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy():
    return world.make_policy()


@pytest.fixture
def staff():
    return world.make_payer("Olu")


@pytest.fixture
def second():
    return world.make_payer("Ann")


@pytest.fixture
def payer():
    member = world.make_payer()
    world.give(member, 3, at=AT, life=30 * DAY)
    world.give(member, 3, at=AT, life=20 * DAY)
    return member


def adjust(member, amount, *, by, at=AT, life_days=30, form_key="", writes_off=None):
    with transaction.atomic():
        return adjusting.propose(
            wallet=member.wallet,
            amount=amount,
            life_days=life_days,
            reason="a mistake of ours",
            actor=by,
            at=at,
            form_key=form_key,
            writes_off=writes_off,
        )


def approve(adjustment, *, by, at=AT):
    with transaction.atomic():
        return adjusting.approve(adjustment=adjustment, actor=by, at=at)


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
    for amount in (-2, -20):
        with pytest.raises(ledger.NotEnoughCredits):
            adjust(payer, amount, by=staff)
    assert Adjustment.objects.count() == 1


def test_twenty_a_day_alone_and_no_more(payer, staff, second):
    for amount in [5, -5, 5, 4]:
        assert adjust(payer, amount, by=staff).state == "posted"
    assert adjust(payer, 2, by=staff).state == "waiting"
    assert adjust(payer, 1, by=staff).state == "posted"
    assert adjust(payer, 5, by=second).state == "posted"
    assert adjust(payer, 5, by=staff, at=AT.replace(hour=0, minute=0) + DAY).state == "posted"


def test_the_same_form_twice_is_one_adjustment(payer, staff):
    first = adjust(payer, 5, by=staff, form_key="form-1")
    assert adjust(payer, 5, by=staff, form_key="form-1") == first
    with pytest.raises(ledger.KeyReused):
        adjust(payer, 4, by=staff, form_key="form-1")
    assert world.balance(payer) == 11


# --- Above the limit ----------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [6, -6])
def test_more_than_five_at_once_moves_when_somebody_else_approves(payer, staff, second, amount):
    proposed = adjust(payer, amount, by=staff)
    assert (proposed.state, proposed.posted_at, world.balance(payer)) == ("waiting", None, 6)
    posted = approve(proposed, by=second, at=AT + HOUR)
    assert (posted.state, posted.posted_at, posted.decided_by) == ("posted", AT + HOUR, second)
    assert world.balance(payer) == 6 + amount
    assert Entry.objects.latest("id").actor == second


def test_nobody_approves_ones_own_not_even_with_a_database_console(payer, staff):
    proposed = adjust(payer, 6, by=staff)
    with pytest.raises(adjusting.OwnProposal):
        approve(proposed, by=staff)
    with pytest.raises(adjusting.OwnProposal):
        adjusting.send_back(adjustment=proposed, actor=staff, comment="?", at=AT)
    rows = Adjustment.objects.filter(pk=proposed.pk)
    for decided_by in (staff, None):
        with pytest.raises(IntegrityError, match="approved_by_somebody_else"), transaction.atomic():
            rows.update(state="posted", posted_at=AT, decided_by=decided_by)
    assert world.balance(payer) == 6


def test_what_was_decided_is_decided_and_what_waited_72_hours_lapsed(payer, staff, second):
    approved, rejected, returned, late = (adjust(payer, 6, by=staff) for _ in range(4))
    approve(approved, by=second)
    adjusting.reject(adjustment=rejected, actor=staff, at=AT)
    adjusting.send_back(adjustment=returned, actor=second, comment="By how much?", at=AT)
    approve(late, by=second, at=AT + 72 * HOUR - MICROSECOND)
    for adjustment in (approved, rejected, returned, late):
        with pytest.raises(adjusting.NotWaiting):
            approve(adjustment, by=second)
    waiting = adjust(payer, 6, by=staff)
    with pytest.raises(adjusting.NotWaiting):
        approve(waiting, by=second, at=AT + 72 * HOUR)
    assert [adjusting.lapse(at=at) for at in (AT + 72 * HOUR - MICROSECOND, AT + 72 * HOUR)] == [0, 1]
    states = Adjustment.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["posted", "rejected", "returned", "posted", "lapsed"]
    assert world.balance(payer) == 18


def test_credits_that_went_meanwhile_cannot_be_taken_and_the_proposal_waits_on(payer, staff, second):
    proposed = adjust(payer, -6, by=staff)
    world.charge(payer, at=AT)
    with pytest.raises(ledger.NotEnoughCredits):
        approve(proposed, by=second)
    proposed.refresh_from_db()
    assert proposed.state == "waiting"


def test_a_shortfall_is_written_off_by_two_and_the_wallet_goes_on(payer, staff, second):
    line = world.buy(payer, 2, at=AT)
    world.charge(payer, at=AT, cost=8)
    assert world.give_back(line, 2, at=AT) == (0, 2)
    world.give(payer, 1, at=AT)
    assert (standing(payer, at=AT).held, standing(payer, at=AT).shortfall) == (True, 2)
    proposed = adjust(payer, 0, by=staff, writes_off=Shortfall.objects.get())
    assert proposed.state == "waiting", "always by two"
    approve(proposed, by=second)
    assert not standing(payer, at=AT).held
    assert audit.verify(at=AT).breaches == []
    assert world.charge(payer, at=AT).cost == 1


def test_nobody_gives_themselves_credits_alone_or_approves_what_they_are_given(payer, staff, second):
    for member in (staff, second):
        world.give(member, 1, at=AT, life=30 * DAY)
    own = adjust(staff, 1, by=staff)
    given = adjust(second, 50, by=staff)
    assert (own.state, own.needs_second, given.state) == ("waiting", True, "waiting")
    with pytest.raises(adjusting.OwnProposal):
        approve(given, by=second)
    assert not Entry.objects.filter(kind="adjust").exists()
    for adjustment in (own, given):
        assert approve(adjustment, by=payer if adjustment is given else second).state == "posted"
