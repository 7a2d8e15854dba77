"""What is held and owed follows the money: what went back buys nothing, what was paid is not lost or counted twice."""

from datetime import datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from accounts import teams
from accounts.clock import FOREVER
from accounts.models import Member
from billing import prices, subscriptions
from billing.catalog import version_in_force
from billing.conditions import TooFewLicences
from billing.models import Lot, Pack, Subscription, Wallet
from billing.orders import ask_repayment, order_pack
from billing.plan_money import unused_share
from tests.conftest import MakeMember
from tests.payments.buying import Buyer
from tests.teams import give_seat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "invoicing")]


@pytest.fixture
def chief(make_member: MakeMember) -> Member:
    return make_member("Chi Ndlovu")


@pytest.fixture
def buyer(make_member: MakeMember, chief: Member, at: datetime) -> Buyer:
    return Buyer(make_member("Nadia Osei"), chief, at)


def test_a_year_whose_money_a_bank_took_back_leaves_neither_plan_nor_credit_made_of_it(buyer: Buyer) -> None:
    year = buyer.pay(buyer.take("premium-career", "year"))
    assert buyer.pay(buyer.rise("sales-navigator-core", "month")).amount == 0
    left_over = 12 * 2_999 - 9_999
    assert (buyer.plan, buyer.owed) == ("sales-navigator-core", left_over)
    buyer.contest(year)
    # While it is not decided the credit buys nothing.
    assert (buyer.plan, buyer.owed) == ("sales-navigator-core", 0)
    buyer.contest(year, is_lost=True)
    assert (buyer.plan, buyer.owed, buyer.is_clean) == ("", 0, True)


def test_credit_that_was_used_before_its_money_went_back_is_made_up_for_by_what_is_owed_later(buyer: Buyer) -> None:
    year = buyer.pay(buyer.take("premium-career", "year"))
    buyer.pay(buyer.rise("premium-business", "month"))
    lite = buyer.pay(buyer.rise("recruiter-lite", "month"))
    assert (lite.amount, lite.bill_credit_used) == (0, 14_995 - 5_999)
    buyer.repaid(year)
    assert (buyer.plan, buyer.owed) == ("", 0)
    wallet = Wallet.objects.get(member=buyer.member)
    prices.post_bill_credit(
        wallet=wallet, amount=1_000, currency="USD", reason="Owed otherwise", key="other", at=buyer.at
    )
    assert buyer.owed == 1_000
    assert buyer.is_clean


@pytest.mark.parametrize("goes_back", ["first", "second"])
def test_of_two_payments_for_one_plan_the_one_that_stays_is_owed_when_the_other_goes_back(
    buyer: Buyer, goes_back: str
) -> None:
    career = buyer.pay(buyer.take("premium-career", "year"))
    business = buyer.pay(buyer.rise("premium-business", "year"))
    assert (career.amount, business.amount) == (35_988, 12 * 4_499 - 35_988)
    stays, gone = (business, career) if goes_back == "first" else (career, business)
    buyer.repaid(gone)
    assert (buyer.plan, buyer.owed) == ("", stays.amount)
    buyer.repaid(stays)
    assert (buyer.plan, buyer.owed, buyer.is_clean) == ("", 0, True)


def test_days_that_were_used_are_not_owed_when_a_change_of_plan_is_paid_back(buyer: Buyer) -> None:
    buyer.pay(buyer.take("premium-career", "year"))
    business = buyer.pay(buyer.rise("premium-business", "year"))
    buyer.at += timedelta(days=300)
    unused = 53_988 * 65 // 365
    assert business.amount > unused
    buyer.repaid(business)
    assert (buyer.plan, buyer.owed, buyer.is_clean) == ("", 0, True)


def test_what_went_back_in_part_is_set_against_nothing(buyer: Buyer) -> None:
    year = buyer.pay(buyer.take("premium-career", "year"))
    ask_repayment(order=year, amount=20_000, reason="Sorry", actor=buyer.chief, at=buyer.at)
    assert buyer.rise("premium-business", "year").amount == 12 * 4_499 - 15_988
    assert unused_share(buyer.held, at=buyer.at) == 15_988
    buyer.at += timedelta(seconds=1)
    buyer.pay(buyer.rise("premium-business", "month"))
    # A day has begun of the year, and is used.
    left_over = 35_988 * 364 // 365 - 20_000 - 5_999
    assert buyer.owed == left_over
    assert unused_share(buyer.held, at=buyer.at) == 5_999
    ask_repayment(order=year, amount=9_000, reason="Sorry", actor=buyer.chief, at=buyer.at)
    assert (buyer.plan, buyer.owed) == ("premium-business", left_over - 9_000)
    ask_repayment(order=year, amount=6_988, reason="Sorry", actor=buyer.chief, at=buyer.at)
    assert (buyer.plan, buyer.owed, buyer.is_clean) == ("", 0, True)


def test_the_money_of_an_order_that_could_not_be_granted_goes_back_without_the_plan(buyer: Buyer) -> None:
    first, second = buyer.take("premium-career", "month"), buyer.take("premium-business", "month")
    buyer.pay(second)
    # Given up, and paid all the same before the sweep came.
    buyer.at += timedelta(seconds=30)
    buyer.pay(first)
    assert first.mismatch
    buyer.repaid(first)
    assert buyer.plan == "premium-business"
    buyer.repaid(second)
    assert (buyer.plan, buyer.is_clean) == ("", True)


def test_a_plan_that_staff_gave_since_outlives_the_money_of_the_one_before(buyer: Buyer) -> None:
    career = buyer.pay(buyer.take("premium-career", "month"))
    subscriptions.end(subscription=buyer.held, at=buyer.at)
    terms = version_in_force("premium-business", at=buyer.at)
    until = buyer.at + relativedelta(years=1)
    subscriptions.subscribe(
        member=buyer.member, plan_version=terms, interval="year", paid_through=until, started_by=None, at=buyer.at
    )
    buyer.repaid(career)
    assert (buyer.plan, buyer.owed) == ("premium-business", 0)


def test_seats_that_were_given_out_while_a_change_waited_for_its_money_need_their_licences(
    buyer: Buyer, make_member: MakeMember
) -> None:
    team = teams.found(name="Elbe Talent", admin=buyer.member, at=buyer.at)
    buyer.pay(buyer.take("sales-navigator-team", "month", team=team, seats=4))
    held = Subscription.objects.get(wallet__team=team)
    order = buyer.rise("recruiter-corporate", "month", subscription=held, seats=2)
    for name in ("Mei Tanaka", "Karim Haddad", "Tomas Lind"):
        give_seat(team, make_member(name), at=buyer.at)
    assert "holds 3 seats" in buyer.pay(order).mismatch
    assert Subscription.objects.running().get(wallet__team=team) == held
    subscriptions.end(subscription=held, at=buyer.at)
    by_staff = {"interval": "month", "paid_through": FOREVER, "started_by": None, "seats": 2, "at": buyer.at}
    with pytest.raises(TooFewLicences):
        subscriptions.subscribe(member=team, plan_version=held.plan_version, **by_staff)


def test_a_plan_that_staff_gave_and_extended_has_no_share_to_set_against_another(buyer: Buyer, chief: Member) -> None:
    terms = version_in_force("premium-business", at=buyer.at)
    given = {"interval": "month", "paid_through": buyer.at + timedelta(days=30), "started_by": chief, "at": buyer.at}
    held = subscriptions.subscribe(member=buyer.member, plan_version=terms, **given)
    until = buyer.at + timedelta(days=365)
    subscriptions.pay_through(subscription=held, until=until, actor=chief, at=buyer.at)
    assert buyer.rise("sales-navigator-core", "month").amount == 9_999


def test_a_part_of_the_money_takes_no_credits_that_bill_credit_paid(buyer: Buyer) -> None:
    buyer.pay(buyer.take("premium-business", "month"))
    wallet, pack = Wallet.objects.get(member=buyer.member), Pack.objects.get(credits=100)
    prices.post_bill_credit(wallet=wallet, amount=6_000, currency="USD", reason="Owed", key="owed", at=buyer.at)
    order = buyer.pay(order_pack(buyer=buyer.member, pack=pack, form_key="p" * 14, at=buyer.at))
    bought = Lot.objects.filter(order_line__order=order)
    left = []
    for _part in range(2):
        ask_repayment(order=order, amount=2_000, reason="Sorry", actor=buyer.chief, at=buyer.at)
        left.append((bought.get().remaining, buyer.owed, buyer.is_clean))
    assert left == [(80, 0, True), (0, 6_000, True)]
