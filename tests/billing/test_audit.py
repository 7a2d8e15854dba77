"""verify_ledger finds what went around the ledger: one planted fault for each invariant."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import clock
from billing import audit, ledger, refunds, tasks
from billing.models import Charge, Entry, Lot, Period, Subscription, Wallet
from tests.billing import world
from tests.billing.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def history():
    """A wallet that has seen everything: grants, charges, a return, a reversal, an expiry, a trim, a plan's end."""
    member, policy = world.make_payer(), world.make_policy()
    held = world.subscribe(member, world.make_terms(allotment=5, cap=8), at=AT)
    world.give(member, 3, at=AT, life=10 * DAY)
    charges = [world.charge(member, at=AT + DAY, policy=policy, reference=f"m{number}") for number in range(4)]
    world.answer(charges[:2], at=AT + 2 * DAY, policy=policy)
    ledger.reverse(reference="m2", reason="undone", at=AT + 2 * DAY)
    world.settle(member, at=AT + 60 * DAY)
    world.change(held, at=AT + 61 * DAY, cancel_at=AT + 62 * DAY)
    world.give(member, 4, at=AT + 63 * DAY)
    kinds = set(Entry.objects.values_list("kind", flat=True))
    assert kinds == {"grant", "charge", "refund", "reverse", "expire", "trim", "forfeit"}
    return member


def sql(statement: str, *values: object) -> None:
    """Around the ledger, as somebody with a database console would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE billing_entry DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE billing_entry ENABLE TRIGGER USER")


def rules() -> set[str]:
    return {breach.rule for breach in audit.verify(at=AT, holds=False).breaches}


def entry(kind: str, *, first: bool = True) -> Entry:
    found = Entry.objects.filter(kind=kind).order_by("seq")
    return found.first() if first else found.last()


def test_an_honest_journal_is_clean(history):
    assert rules() == set()
    assert audit.schema() == []


def test_r1_a_balance_that_is_not_the_journals(history):
    sql("UPDATE billing_wallet SET balance = balance + 1")
    assert rules() == {"R1"}


def test_r2_a_lot_that_holds_more_than_its_entries_say(history):
    lot = Lot.objects.filter(closed_at=None).latest("id")
    charge = world.charge(history, at=AT + 63 * DAY)
    assert charge.entries.get().lot_id == lot.pk
    sql("UPDATE billing_lot SET remaining = remaining + 1 WHERE id = %s", lot.pk)
    assert "R2" in rules()


def test_r3_an_entry_that_is_missing(history):
    # Without trace in lots and wallet: a charge and its reversal vanish together.
    reversal = entry("reverse")
    sql("DELETE FROM billing_entry WHERE id = %s", reversal.pk)
    assert "R3" in rules()


def test_r3_a_balance_that_does_not_follow(history):
    sql("UPDATE billing_entry SET balance_after = balance_after + 1 WHERE id = %s", entry("charge").pk)
    assert "R3" in rules()


def test_r4_a_charge_whose_entries_take_something_else(history):
    sql("UPDATE billing_charge SET cost = 2 WHERE reference = 'm3'")
    assert rules() == {"R4"}


def test_r5_a_return_without_an_answer(history):
    sql("UPDATE billing_charge SET answered_at = NULL WHERE reference = 'm0'")
    assert rules() == {"R5"}


def test_r5_a_credit_given_back_twice(history):
    sql("DROP INDEX billing_one_return_or_reversal_per_charge_and_lot")
    back = entry("refund")
    wallet = Wallet.objects.get()
    again = Entry(
        wallet=wallet,
        seq=wallet.last_seq + 1,
        lot=back.lot,
        kind="refund",
        delta=1,
        balance_after=wallet.balance + 1,
        lot_remaining_after=back.lot.remaining + 1,
        charge=back.charge,
        origin_lot=back.origin_lot,
        occurred_at=wallet.last_entry_at,
        recorded_at=wallet.last_entry_at,
        key="again",
    )
    again.hash = again.hash_after(wallet.last_hash)
    Entry.objects.bulk_create([again])
    assert "R5" in rules()


def test_r6_an_answered_charge_whose_return_was_forgotten(history):
    charge = Charge.objects.get(reference="m3")
    world.answer([charge], at=AT + 64 * DAY, policy=world.make_policy())
    assert rules() == set()
    sql("UPDATE billing_charge SET return_due_at = NULL WHERE reference = 'm3'")
    assert rules() == {"R6"}


def test_r6_a_return_that_waits_too_long_is_late_not_broken(history):
    charge = Charge.objects.get(reference="m3")
    world.answer([charge], at=AT + 64 * DAY, policy=world.make_policy())
    assert [sentence[:9] for sentence in audit.late(at=AT + 65 * DAY)] == ["1 returns"]
    refunds.return_due(at=AT + 65 * DAY)
    assert audit.late(at=AT + 65 * DAY) == []


def test_r7_a_period_that_gave_more_than_its_terms(history):
    sql("UPDATE billing_planversion SET allotment = 4, cap = 8")
    assert rules() == {"R7"}


def test_r7_a_plans_lot_of_no_period(history):
    sql("UPDATE billing_period SET lot_id = NULL WHERE id = %s", Period.objects.latest("id").pk)
    assert rules() == {"R7"}


def test_r7_a_next_allotment_that_would_never_come():
    world.subscribe(world.make_payer(), world.make_terms(), at=AT)
    sql("UPDATE billing_subscription SET renews_at = NULL")
    assert rules() == {"R7"}


def test_r8_a_period_off_its_anchor(history):
    held = Subscription.objects.get()
    sql("UPDATE billing_subscription SET anchor_at = %s", held.anchor_at - DAY)
    assert "R8" in rules()


def test_r8_a_period_that_is_missing(history):
    sql("UPDATE billing_subscription SET next_n = next_n + 1")
    assert rules() == {"R8"}


def test_r9_credits_spent_after_their_lots_end(history):
    spent = entry("charge")
    sql("UPDATE billing_lot SET expires_at = %s WHERE id = %s", spent.occurred_at, spent.lot_id)
    assert rules() == {"R9"}


def test_r11_credits_of_another_wallet(history):
    other = world.make_payer()
    world.give(other, 1, at=AT)
    sql("UPDATE billing_lot SET wallet_id = %s WHERE id = %s", other.wallet.pk, entry("charge").lot_id)
    assert "R11" in rules()


def test_r12_an_entry_older_than_the_one_before(history):
    sql("UPDATE billing_entry SET occurred_at = %s WHERE id = %s", AT - DAY, entry("forfeit").pk)
    assert "R12" in rules()


@pytest.mark.parametrize("column", ["recorded_at", "occurred_at"])
def test_r13_an_instant_that_was_changed_by_a_microsecond(history, column):
    # The first of two entries at one instant moves by too little to be out of order.
    sql(
        f"UPDATE billing_entry SET {column} = %s WHERE id = %s",
        getattr(entry("grant"), column) - world.MICROSECOND,
        entry("grant").pk,
    )
    assert "R13" in rules()


def test_r14_an_entry_under_the_wrong_heading(history):
    sql("UPDATE billing_entry SET kind = 'expire' WHERE id = %s", entry("grant", first=False).pk)
    assert rules() >= {"R13", "R14"}


def test_r15_a_constraint_that_was_dropped():
    sql("DROP INDEX billing_one_return_or_reversal_per_charge_and_lot")
    assert [breach.sentence for breach in audit.schema()] == [
        "billing_one_return_or_reversal_per_charge_and_lot is missing in the database"
    ]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="triggers are PostgreSQL's part")
def test_r15_a_trigger_that_was_switched_off():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE billing_entry DISABLE TRIGGER USER")
    assert [breach.rule for breach in audit.schema()] == ["R15"]


# --- What is done about it ----------------------------------------------------------------------


def test_a_wallet_in_breach_is_held_and_the_others_go_on(history):
    other = world.make_payer()
    world.give(other, 1, at=AT)
    sql("UPDATE billing_wallet SET balance = balance + 1 WHERE member_id = %s", history.pk)
    audit.verify(at=AT)
    with pytest.raises(ledger.WalletHeld):
        world.charge(history, at=AT + 64 * DAY)
    assert world.charge(other, at=AT).cost == 1
    assert Wallet.objects.get(member=history).balance == 5, "it never repairs"


def test_a_wallet_is_released_once_it_is_clean(history):
    wallet = Wallet.objects.get()
    sql("UPDATE billing_wallet SET balance = balance + 1")
    audit.verify(at=AT)
    with pytest.raises(audit.StillInBreach):
        audit.release(wallet=wallet, at=AT)
    sql("UPDATE billing_wallet SET balance = balance - 1")
    assert audit.release(wallet=wallet, at=AT).frozen_at is None


def test_the_command_says_what_is_wrong_and_fails(history):
    output = StringIO()
    with clock.set_to(AT + 63 * DAY):
        call_command("verify_ledger", strict=True, stdout=output)
        assert "1 wallets verified: no breach" in output.getvalue()
        sql("UPDATE billing_wallet SET balance = balance + 1")
        with pytest.raises(CommandError, match="1 breaches"):
            call_command("verify_ledger", dry_run=True, stdout=output)
    assert "R1 wallet" in output.getvalue()
    assert Wallet.objects.get().frozen_at is None


def test_the_nightly_task_leaves_its_result_for_the_console(history):
    tasks.verify_ledger()
    assert "no breach" in tasks.jobs.last_success("verify_ledger").outcome


def test_a_long_audit_goes_on_where_its_slice_ended(history, monkeypatch):
    for _ in range(3):
        world.give(world.make_payer(), 1, at=AT)
    monkeypatch.setattr(audit, "WALLETS_A_CHUNK", 2)
    first = audit.verify(at=AT, seconds=0)
    assert first.wallets == 2
    second = audit.verify(at=AT, after=first.rest_after)
    assert (second.wallets, second.rest_after) == (2, None)
