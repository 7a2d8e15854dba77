"""verify_ledger finds what went around the ledger: one planted fault for each invariant."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts import clock
from accounts.models import Notice, Seat, Team
from billing import adjusting, audit, ledger, refunds, tasks
from billing.models import (
    Charge,
    Entry,
    Lot,
    PaymentEvent,
    Period,
    ReconciliationRun,
    Shortfall,
    Subscription,
    Wallet,
)
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


@pytest.fixture
def economy():
    """Everything that money does: a pool with seats and a contract, a yearly bonus, packs paid, repaid, disputed."""
    policy = world.make_policy()
    member, staff, second = world.make_payer(), world.make_payer("Olu"), world.make_payer("Ann")
    terms = world.make_terms(allotment=5, annual_bonus_credits=7, cap=None)
    world.subscribe(member, terms, at=AT, interval="year", paid_through=AT + 365 * DAY)
    team = Team.objects.create(name="Harbour", founded_at=AT)
    seat = Seat.objects.create(team=team, member=member, assigned_at=AT)
    Seat.objects.create(team=team, member=staff, assigned_at=AT)
    world.subscribe(team, world.make_terms(allotment=50, cap=None), at=AT, seats=2, contract_allotment=60)
    repaid, disputed = world.buy(member, 10, at=AT), world.buy(member, 4, at=AT)
    for number in range(18):
        world.charge(member, at=AT, policy=policy, reference=f"own{number}")
    world.charge(team, at=AT, policy=policy, reference="team", payer=member, seat=seat)
    assert world.give_back(repaid, 10, at=AT + DAY) == (4, 6)
    world.dispute(disputed, at=AT + DAY)
    owed = Shortfall.objects.get()
    with transaction.atomic():
        facts = {"wallet": member.wallet, "life_days": None, "reason": "ours", "actor": staff, "at": AT + DAY}
        adjusting.propose(amount=5, **facts)
        written = adjusting.propose(amount=0, writes_off=owed, **facts)
        adjusting.approve(adjustment=written, actor=second, at=AT + DAY)
    return {"member": member, "team": team, "repaid": repaid, "disputed": disputed}


def sql(statement: str, *values: object) -> None:
    """Around the ledger, as somebody with a database console would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = origin")


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
        cursor.execute("ALTER TABLE billing_planversion DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE accounts_policyversion DISABLE TRIGGER USER")
    assert [(breach.rule, breach.sentence.split()[0]) for breach in audit.schema()] == [
        ("R15", "billing_entry_append_only"),
        ("R15", "billing_approved_terms_stay"),
        ("R15", "accounts_approved_policies_stay"),
    ]


# --- The same for money, disputes, teams and staff ----------------------------------------------


def test_an_honest_economy_is_clean(economy):
    assert rules() == set()
    assert Wallet.objects.get(team=economy["team"]).balance == 119, "60 a seat by contract, one spent"
    assert Lot.objects.filter(source="bonus").get().granted == 7


BY_HAND = [
    ("R7", "UPDATE billing_subscription SET contract_allotment = 59 WHERE seats = 2"),
    ("R7", "UPDATE billing_period SET seats = 3 WHERE seats = 2"),
    ("R7", "UPDATE billing_planversion SET annual_bonus_credits = 6 WHERE annual_bonus_credits = 7"),
    ("R7", "UPDATE billing_subscription SET next_term = 0"),
    ("R9", "UPDATE billing_lot SET frozen_at = '2025-01-01' WHERE source = 'plan'"),
    ("R10", "UPDATE billing_order SET state = 'failed'"),
    ("R10", "UPDATE billing_orderline SET credits = credits + 1"),
    ("R10", "UPDATE billing_lot SET order_line_id = NULL"),
    ("R10", "UPDATE billing_order SET repaid = repaid - 1, state = 'part_repaid' WHERE repaid > 0"),
    ("R10", "UPDATE billing_order SET repaid = repaid - 1 WHERE repaid > 0"),
    ("R10", "UPDATE billing_repayment SET repaid_at = NULL"),
    ("R10", "DELETE FROM billing_repayment"),
    ("R10", "UPDATE billing_dispute SET state = 'lost'"),
    ("R10", "UPDATE billing_dispute SET state = 'won'"),
    ("R10", "UPDATE billing_lot SET frozen_at = NULL"),
    ("R10", "UPDATE billing_lot SET frozen_at = expires_at WHERE source = 'bonus'"),
    ("R11", "UPDATE billing_charge SET seat_id = NULL"),
    ("R11", "UPDATE billing_charge SET payer_id = (SELECT max(id) FROM accounts_member)"),
    ("R11", "UPDATE billing_charge SET seat_id = (SELECT max(id) FROM accounts_seat) WHERE seat_id IS NOT NULL"),
    ("R10", "UPDATE billing_shortfall SET amount = 7"),
    ("R14", "UPDATE billing_shortfall SET remaining = 1, closed_at = NULL"),
    ("R14", "UPDATE billing_adjustment SET amount = 4 WHERE amount = 5"),
    ("R14", "UPDATE billing_adjustment SET writes_off_id = NULL, amount = 1 WHERE amount = 0"),
    ("R14", "UPDATE billing_entry SET kind = 'grant' WHERE kind = 'clawback'"),
]


def test_what_was_changed_by_hand_is_found(economy):
    """One history for all of them: each fault is planted, looked for and taken back."""
    missed = []
    for rule, statement in BY_HAND:
        before = transaction.savepoint()
        sql(statement)
        if rule not in rules():
            missed.append(statement)
        transaction.savepoint_rollback(before)
    assert missed == []
    assert rules() == set()


def test_r16_what_waits_beyond_its_limit_is_late(economy):
    events = {"provider": "stripe", "kind": "x", "is_live": True, "received_at": AT}
    PaymentEvent.objects.create(event_id="evt_1", **events)
    PaymentEvent.objects.create(event_id="evt_2", handled_at=AT, **events)
    times = {"due_at": AT, "next_try_at": AT, "not_after": AT + DAY}
    for number, sent_at in enumerate([None, AT]):
        Notice.objects.create(kind="x", key=f"n{number}", address="a@example.org", sent_at=sent_at, **times)
    at = AT + timedelta(minutes=16)
    assert [sentence.partition(" are")[0] for sentence in audit.late(at=at)] == ["1 payment events", "1 mails"]


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
    assert ReconciliationRun.objects.count() == 1, "a dry run leaves none"


def test_the_nightly_task_leaves_its_result_for_the_console(history):
    tasks.verify_ledger()
    assert "no breach" in tasks.jobs.last_success("verify_ledger").outcome


def test_each_run_is_kept_with_what_it_found(history):
    with clock.set_to(AT + 63 * DAY):
        tasks.verify_ledger()
        sql("UPDATE billing_wallet SET balance = balance + 1")
        tasks.verify_ledger()
    clean, broken = ReconciliationRun.objects.order_by("pk")
    assert (clean.kind, clean.seen, clean.differences.count()) == ("ledger", 1, 0)
    assert clean.finished_at == AT + 63 * DAY
    found = broken.differences.get()
    assert (found.rule, found.wallet_id) == ("R1", history.wallet.pk)
    assert "balance 5, lots 4, journal 4" in found.sentence


def test_slices_of_one_audit_are_one_run(history, monkeypatch):
    for _ in range(3):
        world.give(world.make_payer(), 1, at=AT)
    monkeypatch.setattr(audit, "WALLETS_A_CHUNK", 2)
    monkeypatch.setattr(tasks, "SECONDS_A_SLICE", 0)
    later = []
    monkeypatch.setattr(tasks, "hint", lambda task, *args: later.append(args))
    tasks.verify_ledger()
    assert ReconciliationRun.objects.get().finished_at is None
    while later:
        tasks.verify_ledger(*later.pop())
    run = ReconciliationRun.objects.get()
    assert (run.seen, run.finished_at is None) == (4, False)


def test_a_long_audit_goes_on_where_its_slice_ended(history, monkeypatch):
    for _ in range(3):
        world.give(world.make_payer(), 1, at=AT)
    monkeypatch.setattr(audit, "WALLETS_A_CHUNK", 2)
    first = audit.verify(at=AT, seconds=0)
    assert first.wallets == 2
    second = audit.verify(at=AT, after=first.rest_after)
    assert (second.wallets, second.rest_after) == (2, None)
