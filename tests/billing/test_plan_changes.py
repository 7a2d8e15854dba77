"""Plans are exchanged: at once or at the term's end, and nothing is gained by going up and down (domain 5.7)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.clock import FOREVER
from accounts.models import Member, PolicyVersion, Seat, Team
from billing import allotments, audit, ledger, plan_changes, subscriptions, sweeps
from billing.catalog import version_in_force
from billing.models import BillCredit, Entry, Lot, PlanVersion, Subscription, Wallet
from billing.plan_changes import FiguresChanged, Kind
from billing.plan_money import unused_share
from billing.standing import standing
from billing.subscriptions import NotOffered, NotRunning, SubscriptionRefused
from tests.billing import world
from tests.billing.world import DAY, MICROSECOND, moment
from tests.conftest import MakeMember
from tests.rewriting import rewrite

APRIL = moment("2026-04-20 09:00")


@pytest.fixture
def member(make_member: MakeMember) -> Member:
    return make_member("Ada Okafor")


def terms(code: str) -> PlanVersion:
    return version_in_force(code, at=APRIL)


def take(member: Member | Team, code: str = "premium-career", *, at: datetime, **other: Any) -> Subscription:
    facts: dict[str, Any] = {"interval": "month", "paid_through": FOREVER, "started_by": None, **other}
    return subscriptions.subscribe(member=member, plan_version=terms(code), at=at, **facts)


def up(held: Subscription, code: str, *, at: datetime, interval: str = "month", **other: Any) -> Subscription:
    facts = {"paid_through": FOREVER, **other}
    return subscriptions.upgrade(subscription=held, version=terms(code), interval=interval, at=at, **facts)


def down(held: Subscription, code: str, *, at: datetime, interval: str = "month") -> plan_changes.Change:
    wanted = {"subscription": held, "version": terms(code), "interval": interval, "at": at}
    return plan_changes.confirm(shown=plan_changes.preview(**wanted).digest, **wanted)


def bought(member: Member, amount: int, *, at: datetime) -> Lot:
    wallet = ledger.lock_wallet(member, at=at)
    ledger.settle(wallet, at=at)
    return ledger.grant(
        wallet=wallet,
        amount=amount,
        source=Lot.Source.PURCHASE,
        priority=Lot.Priority.PURCHASE,
        expires_at=at + 365 * DAY,
        key=f"bought-{wallet.pk}-{at}",
        at=at,
    )


def rule(**settings: Any) -> None:
    PolicyVersion.objects.create(
        catalog="standard", settings=settings, in_force_from=moment("2026-01-01"), approved_at=moment("2026-01-01")
    )


def journal_of(member: Member, *, since: datetime) -> list[tuple[str, int]]:
    lines = Entry.objects.filter(wallet__member=member, occurred_at__gte=since).order_by("seq")
    return list(lines.values_list("kind", "delta"))


def assert_sound(*, at: datetime) -> None:
    """The invariants hold; that no order paid for `bought` credits is this file's own doing."""
    assert [breach for breach in audit.verify(at=at, after=0).breaches if breach.rule != "R10"] == []


# --- At once ------------------------------------------------------------------------------------


def test_career_with_five_and_five_and_ten_bought_becomes_business_with_fifteen_and_ten(member: Member) -> None:
    """The example of domain 5.7, in the preview, in the journal, and in the next allotment."""
    held = take(member, at=moment("2026-03-15 08:00"))
    bought(member, 10, at=moment("2026-04-16 08:00"))
    shown = plan_changes.preview(subscription=held, version=terms("premium-business"), interval="month", at=APRIL)
    assert (shown.held, shown.lost_total, shown.kept_total, shown.balance_after) == (20, 10, 10, 25)
    assert (shown.next_amount, shown.next_at) == (15, moment("2026-05-20 09:00"))
    assert Entry.objects.filter(kind="forfeit").count() == 0
    up(held, "premium-business", at=APRIL)
    assert journal_of(member, since=APRIL) == [("forfeit", -5), ("forfeit", -5), ("grant", 15)]
    seen = standing(member, at=APRIL)
    assert (seen.balance, seen.next_amount, seen.next_at) == (25, 15, moment("2026-05-20 09:00"))
    old, new = Subscription.objects.order_by("pk")
    assert (old.ended_at, new.anchor_at, new.next_n) == (APRIL, APRIL, 1)
    assert Entry.objects.filter(key=f"grant:{new.pk}:0").exists()
    assert_sound(at=APRIL)


def test_by_policy_plan_credits_are_kept_and_the_new_cap_trims(member: Member) -> None:
    rule(on_upgrade="keep")
    held = take(member, at=moment("2026-02-21 08:00"))
    shown = plan_changes.preview(subscription=held, version=terms("premium-business"), interval="month", at=APRIL)
    assert (shown.lost_total, shown.balance_after) == (0, 25)
    up(held, "premium-business", at=APRIL)
    assert journal_of(member, since=APRIL) == [("grant", 15)]
    assert_sound(at=APRIL)


def test_a_year_of_the_same_plan_begins_at_once_and_a_month_at_the_terms_end(member: Member) -> None:
    held = take(member, at=APRIL)
    assert plan_changes.kind_of(held, held.plan_version, "year") == Kind.UPGRADE
    assert plan_changes.kind_of(held, held.plan_version, "month") == Kind.SAME
    held.interval = "year"
    assert plan_changes.kind_of(held, held.plan_version, "month") == Kind.DOWNGRADE
    assert plan_changes.kind_of(held, terms("premium-business"), "month") == Kind.UPGRADE
    assert plan_changes.kind_of(held, terms("recruiter-lite"), "year") == Kind.UPGRADE
    # Paid yearly, and monthly from the end of the year on: one payment more pays one month.
    held.paid_through = held.changes_at = moment("2027-04-20 09:00")
    held.next_interval = "month"
    assert allotments.next_term_end(held) == moment("2027-05-20 09:00")


def test_due_is_the_new_price_without_the_days_that_are_left_and_the_rest_is_owed(member: Member) -> None:
    """Career's month at 39.99 with 20 of 30 days left; a year of Business costs 539.88, and 59.99 the month."""
    start = moment("2026-04-01 09:00")
    held = take(member, at=start, paid_through=moment("2026-05-01 09:00"), paid_at=start)
    day_ten = moment("2026-04-11 09:00")
    assert unused_share(held, at=day_ten) == 3999 * 20 // 30
    assert unused_share(held, at=day_ten + MICROSECOND) == 3999 * 19 // 30
    bill = plan_changes.preview(subscription=held, version=terms("premium-business"), interval="month", at=day_ten).bill
    assert bill is not None
    assert (bill.price, bill.unused, bill.due, bill.credit_after) == (5999, 2666, 3333, 0)
    yearly = up(held, "premium-career", at=day_ten, interval="year", paid_through=day_ten + 365 * DAY, paid_at=day_ten)
    assert BillCredit.objects.count() == 0
    monthly = plan_changes.preview(
        subscription=yearly, version=terms("premium-business"), interval="month", at=day_ten
    ).bill
    assert monthly is not None
    assert (monthly.due, monthly.credit_after) == (0, 12 * 2999 - 5999)
    up(yearly, "premium-business", at=day_ten, paid_through=day_ten + 30 * DAY, paid_at=day_ten)
    assert BillCredit.objects.get().amount == 12 * 2999 - 5999


def test_what_staff_gave_has_no_share_to_set_against_a_price(member: Member) -> None:
    held = take(member, at=APRIL, paid_through=APRIL + 30 * DAY)
    assert unused_share(held, at=APRIL) == 0
    up(held, "premium-business", at=APRIL)
    assert not BillCredit.objects.exists()


def test_an_upgrade_at_the_boundary_comes_after_the_renewal(member: Member) -> None:
    """E9: the allotment of that instant is granted first, and lost with the others."""
    held = take(member, at=moment("2026-03-20 09:00"))
    up(held, "premium-business", at=APRIL)
    assert journal_of(member, since=APRIL) == [("grant", 5), ("forfeit", -5), ("forfeit", -5), ("grant", 15)]
    with pytest.raises(NotRunning):
        subscriptions.cancel(subscription=held, at=APRIL)


def test_up_and_down_and_up_on_one_day_gains_nothing(member: Member) -> None:
    held = take(member, at=APRIL, paid_through=APRIL + 30 * DAY, paid_at=APRIL)
    business = up(held, "premium-business", at=APRIL, paid_through=APRIL + 30 * DAY, paid_at=APRIL)
    assert standing(member, at=APRIL).balance == 15
    down(business, "premium-career", at=APRIL)
    waiting = subscriptions.running(member, at=APRIL)
    assert waiting is not None
    # Up again is only no longer down.
    with pytest.raises(NotOffered, match="This is the plan you hold"):
        plan_changes.preview(subscription=waiting, version=terms("premium-business"), interval="month", at=APRIL)
    plan_changes.withdraw(subscription=waiting, at=APRIL)
    assert standing(member, at=APRIL).balance == 15
    assert sum(BillCredit.objects.values_list("amount", flat=True)) == 0
    assert Subscription.objects.running().get().renews_at is None
    assert_sound(at=APRIL)


# --- At the term's end --------------------------------------------------------------------------


def test_a_downgrade_waits_for_the_terms_end_and_its_cap_trims_there(member: Member) -> None:
    """Credits stay; the new allotment comes, and what is over the new cap goes, those first that end first."""
    start, end = moment("2026-03-20 09:00"), moment("2026-05-20 09:00")
    held = take(member, "premium-business", at=start, paid_through=end)
    bought(member, 4, at=start)
    shown = down(held, "premium-career", at=APRIL)
    assert (shown.takes_effect_at, shown.is_at_once) == (end, False)
    assert (shown.plan_then, shown.new, shown.cap, shown.could_lose) == (30, 5, 15, 20)
    assert (shown.lost_total, shown.kept_total, shown.balance_after) == (20, 14, 19)
    waiting = subscriptions.running(member, at=APRIL)
    assert waiting is not None and waiting.changes_at == end
    assert journal_of(member, since=APRIL) == [("grant", 15)]
    assert allotments.next_term_end(waiting) == moment("2026-06-20 09:00")
    subscriptions.pay_through(subscription=waiting, until=allotments.next_term_end(waiting), actor=None, at=end - DAY)
    assert sweeps.renew(at=end) == {"grant": 1, "trim": 2}
    assert standing(member, at=end).balance == shown.balance_after
    assert journal_of(member, since=end) == [("grant", 5), ("trim", -15), ("trim", -5)]
    new = subscriptions.running(member, at=end)
    assert new is not None
    assert (new.plan_version.plan.code, new.anchor_at, new.next_version) == ("premium-career", end, None)
    assert_sound(at=end)


def test_an_unpaid_downgrade_ends_with_the_grace(member: Member) -> None:
    end = APRIL + 30 * DAY
    held = take(member, "premium-business", at=APRIL, paid_through=end)
    down(held, "premium-career", at=APRIL)
    seen = subscriptions.running(member, at=end + 6 * DAY)
    assert seen is not None and standing(member, at=end + 6 * DAY).balance == 15
    assert subscriptions.running(member, at=end + 7 * DAY) is None
    assert standing(member, at=end + 7 * DAY).balance == 0


def test_nobody_gets_a_term_by_going_down_while_a_payment_is_missing(member: Member) -> None:
    """The term is over, so the cheaper plan would begin at once, and unpaid: for as long as there is a cheaper one."""
    end = APRIL + 30 * DAY
    held = take(member, "premium-business", at=APRIL, paid_through=end)
    for at in (end, end + 3 * DAY):
        with pytest.raises(SubscriptionRefused, match="A payment for this plan is missing"):
            down(held, "premium-career", at=at)
    assert journal_of(member, since=end) == []
    assert down(held, "premium-career", at=end - MICROSECOND).takes_effect_at == end
    assert Subscription.objects.get().paid_through == end


def test_an_upgrade_and_a_cancellation_end_what_waits(member: Member) -> None:
    end = APRIL + 30 * DAY
    held = take(member, "premium-business", at=APRIL, paid_through=end)
    down(held, "premium-career", at=APRIL)
    assert subscriptions.cancel(subscription=held, at=APRIL) == end
    assert subscriptions.running(member, at=end) is None
    assert standing(member, at=end).balance == 0
    waiting = subscriptions.resume(subscription=held, at=APRIL)
    new = up(waiting, "sales-navigator-core", at=APRIL)
    assert (new.next_version, new.changes_at) == (None, None)
    assert world.settle(member, at=end + DAY).balance == 100


def test_what_is_cancelled_is_not_changed_and_a_contract_is_staffs(member: Member) -> None:
    held = take(member, "premium-business", at=APRIL)
    subscriptions.cancel(subscription=held, at=APRIL)
    cancelled = subscriptions.running(member, at=APRIL)
    assert cancelled is not None
    with pytest.raises(SubscriptionRefused, match="Take the cancellation back first"):
        plan_changes.preview(subscription=cancelled, version=terms("premium-career"), interval="month", at=APRIL)
    cancelled.cancel_at, cancelled.contract_allotment = None, 120
    with pytest.raises(NotOffered, match="a contract"):
        plan_changes.preview(subscription=cancelled, version=terms("premium-career"), interval="month", at=APRIL)
    with pytest.raises(NotOffered, match="To hold Free, cancel"):
        plan_changes.preview(subscription=held, version=terms("free"), interval="month", at=APRIL)


def test_what_was_shown_has_to_hold(member: Member) -> None:
    held = take(member, "premium-business", at=APRIL, paid_through=APRIL + 30 * DAY)
    wanted: dict[str, Any] = {"subscription": held, "version": terms("premium-career"), "interval": "month"}
    shown = plan_changes.preview(at=APRIL, **wanted)
    assert plan_changes.preview(at=APRIL + timedelta(minutes=5), **wanted).digest == shown.digest
    world.charge(member, at=APRIL)
    with pytest.raises(FiguresChanged) as refused:
        plan_changes.confirm(at=APRIL, shown=shown.digest, **wanted)
    assert (refused.value.change.plan_then, refused.value.change.may_return) == (14, 1)
    assert Subscription.objects.get().changes_at is None
    plan_changes.confirm(at=APRIL, shown=refused.value.change.digest, **wanted)
    assert Subscription.objects.get().changes_at == APRIL + 30 * DAY


# --- Cancelling ---------------------------------------------------------------------------------


def test_cancelled_on_3_june_the_plan_credits_go_on_the_12th_and_answers_on_the_20th_bring_back_bought_ones(
    member: Member,
) -> None:
    """The example of domain 5.7: 22 plan and 10 bought credits."""
    start, end = moment("2026-04-12 10:00"), moment("2026-06-12 10:00")
    held = take(member, "premium-business", at=start, paid_through=end)
    bought(member, 11, at=start)
    policy = world.make_policy()
    charges = [world.charge(member, at=moment("2026-05-20 10:00"), cost=8, policy=policy)]
    charges += [world.charge(member, at=moment("2026-06-02 10:00"), cost=23, policy=policy)]
    # 30 plan credits and 11 bought: 8 plan, then 22 plan and 1 bought are out; 22 come back.
    world.answer(charges[:1], at=moment("2026-06-02 11:00"), policy=policy)
    third = moment("2026-06-03 12:00")
    shown = plan_changes.preview_of_cancelling(subscription=held, at=third)
    assert (shown.lost_total, shown.kept_total, shown.takes_effect_at) == (8, 10, end)
    assert subscriptions.cancel(subscription=held, at=third) == end
    world.settle(member, at=end)
    assert world.balance(member) == 10
    world.answer(charges[1:], at=moment("2026-06-20 10:00"), policy=policy)
    world.settle(member, at=moment("2026-06-20 10:00"))
    lines = journal_of(member, since=moment("2026-06-20"))
    assert sorted(lines) == sorted([("refund", 7), ("forfeit", -7), ("refund", 15), ("forfeit", -15), ("refund", 1)])
    assert world.balance(member) == 11
    assert_sound(at=moment("2026-06-20 10:00"))


def test_by_policy_a_cancellation_takes_effect_at_once_and_takes_what_was_bought(member: Member) -> None:
    rule(cancel_effect="at_once", purchased_on_cancel="forfeit")
    held = take(member, at=APRIL)
    bought(member, 10, at=APRIL)
    world.give(member, 3, at=APRIL)
    shown = plan_changes.preview_of_cancelling(subscription=held, at=APRIL + DAY)
    assert (shown.is_at_once, shown.lost_total, shown.kept_total) == (True, 15, 3)
    assert subscriptions.cancel(subscription=held, at=APRIL + DAY) == APRIL + DAY
    assert standing(member, at=APRIL + DAY).balance == 3
    assert_sound(at=APRIL + DAY)


def test_after_the_end_a_new_plan_brings_none_of_the_old_credits_back(member: Member) -> None:
    """E11."""
    held = take(member, at=APRIL)
    ends_at = subscriptions.cancel(subscription=held, at=APRIL)
    take(member, at=ends_at + DAY)
    assert standing(member, at=ends_at + DAY).balance == 5
    assert Subscription.objects.count() == 2


# --- Seats, contracts, bonuses, payments --------------------------------------------------------


def test_a_pool_receives_the_allotment_of_each_active_seat(make_member: MakeMember) -> None:
    team = Team.objects.create(name="Nordlicht", founded_at=APRIL)
    people = [make_member(f"Seat {number}") for number in range(3)]
    seats = [Seat.objects.create(team=team, member=one, assigned_at=APRIL) for one in people]
    Seat.objects.filter(pk=seats[2].pk).update(parked_at=APRIL)
    held = take(team, "sales-navigator-team", at=APRIL, seats=3)
    assert standing(team, at=APRIL).balance == 100
    assert (held.periods.get().seats, held.seats) == (2, 3)
    world.settle(team, at=moment("2026-08-01"))  # type: ignore[arg-type]
    # Two of 150 are most that the pool holds.
    assert Wallet.objects.get(team=team).balance == 300
    assert_sound(at=moment("2026-08-01"))


def test_a_contract_says_its_own_figure_from_its_own_day(member: Member) -> None:
    day = moment("2026-01-31 00:00")
    with pytest.raises(NotOffered, match="100 to 150"):
        take(member, "recruiter-corporate", at=APRIL, contract_allotment=99)
    with pytest.raises(NotOffered, match="has no contracts"):
        take(member, "recruiter-lite", at=APRIL, contract_allotment=100)
    with pytest.raises(NotOffered, match="counts from the day"):
        take(member, "recruiter-lite", at=APRIL, anchor_at=day)
    held = take(member, "recruiter-corporate", at=APRIL, contract_allotment=120, anchor_at=day)
    starts = list(held.periods.order_by("n").values_list("starts_at", flat=True))
    assert starts == [moment("2026-01-31"), moment("2026-02-28"), moment("2026-03-31")]
    assert standing(member, at=APRIL).balance == 360
    # Four allotments of the contract are the cap.
    assert world.settle(member, at=APRIL + 90 * DAY).balance == 480
    assert_sound(at=APRIL + 90 * DAY)


def test_a_years_bonus_comes_with_each_term_and_ends_with_it(member: Member) -> None:
    """Outside the cap; by calendar month too, whose periods begin on other days than the term."""
    rewrite(PlanVersion.objects.filter(plan__code="sales-navigator-core"), annual_bonus_credits=10)
    take(member, "sales-navigator-core", at=APRIL, interval="year")
    assert standing(member, at=APRIL).balance == 60
    bonus = Lot.objects.get(source="bonus")
    assert (bonus.priority, bonus.expires_at) == (Lot.Priority.PLAN, moment("2027-04-20 09:00"))
    year = moment("2027-04-20 09:00")
    world.settle(member, at=year)
    assert journal_of(member, since=year) == [("expire", -10), ("grant", 10)]
    assert Wallet.objects.get().balance == 160
    assert_sound(at=year)


def test_by_terms_the_life_of_credits_begins_with_a_late_payment(member: Member) -> None:
    rewrite(PlanVersion.objects.filter(plan__code="premium-career"), credit_life_from="payment")
    end = APRIL + 30 * DAY
    held = take(member, at=APRIL, paid_through=end, paid_at=APRIL)
    late = end + 3 * DAY
    subscriptions.pay_through(subscription=held, until=end + 60 * DAY, actor=None, at=late)
    first, second = Lot.objects.order_by("effective_at")
    assert (first.expires_at, second.effective_at, second.expires_at) == (APRIL + 90 * DAY, end, late + 90 * DAY)


def test_a_change_that_waits_carries_a_cancellation_into_the_plan_it_begins(member: Member) -> None:
    """Paid ahead: the cheaper plan begins, and ends when it was cancelled to."""
    end = APRIL + 30 * DAY
    held = take(member, "premium-business", at=APRIL, paid_through=end)
    down(held, "premium-career", at=APRIL)
    subscriptions.pay_through(subscription=held, until=end + 30 * DAY, actor=None, at=APRIL + DAY)
    # The old plan brings nothing more, though it is paid beyond the change.
    assert standing(member, at=APRIL + DAY).next_at is None
    assert subscriptions.cancel(subscription=held, at=APRIL + 2 * DAY) == end + 30 * DAY
    world.settle(member, at=end + DAY)
    middle = subscriptions.running(member, at=end + DAY)
    assert middle is not None and middle.plan_version.plan.code == "premium-career"
    assert subscriptions.running(member, at=end + 30 * DAY) is None
    assert_sound(at=end + DAY)
