"""Orders that wait for their money while the plan changes: each pays what it was reckoned for, or nothing."""

from datetime import datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from accounts.busy import try_whole
from accounts.models import Member
from billing import plan_changes
from billing.catalog import version_in_force
from billing.models import BillCredit, Order, Pack, PlanVersion, Subscription, Wallet
from billing.orders import OrderRefused, order_pack, order_upgrade, placing, reconciling
from billing.orders.renewing import invoice_next_terms
from billing.plan_money import unused_share
from billing.subscriptions import SubscriptionRefused
from tests.conftest import MakeMember
from tests.payments.buying import Buyer
from tests.payments.test_races import at_once
from tests.rewriting import rewrite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "invoicing")]


@pytest.fixture
def chief(make_member: MakeMember) -> Member:
    return make_member("Chi Ndlovu")


@pytest.fixture
def buyer(make_member: MakeMember, chief: Member, at: datetime) -> Buyer:
    return Buyer(make_member("Nadia Osei"), chief, at)


def wait_for(buyer: Buyer, code: str, interval: str) -> None:
    """A change that waits for the end of the term."""
    terms = {"version": version_in_force(code, at=buyer.at), "interval": interval}
    shown = plan_changes.preview(subscription=buyer.held, at=buyer.at, **terms)
    plan_changes.confirm(subscription=buyer.held, shown=shown.digest, at=buyer.at, **terms)


def test_of_two_changes_whose_money_comes_the_second_finds_its_plan_gone(buyer: Buyer) -> None:
    """The unused share of the year is set against both prices."""
    buyer.pay(buyer.take("premium-career", "year"))
    dear = buyer.rise("recruiter-lite", "year")
    buyer.pay(buyer.rise("premium-business", "month"))
    left_over = 35_988 - 5_999
    assert (buyer.plan, buyer.owed) == ("premium-business", left_over)
    buyer.at += timedelta(seconds=30)
    assert buyer.pay(dear).mismatch
    assert (buyer.plan, buyer.owed) == ("premium-business", left_over)
    buyer.repaid(dear)
    assert (buyer.plan, buyer.owed, buyer.is_clean) == ("premium-business", left_over, True)


def test_a_change_reckoned_before_another_tab_was_quicker_is_refused(buyer: Buyer) -> None:
    buyer.pay(buyer.take("premium-career", "year"))
    as_read = buyer.held
    buyer.pay(buyer.rise("premium-business", "month"))
    with pytest.raises(OrderRefused):
        buyer.rise("recruiter-lite", "month", subscription=as_read)
    assert (buyer.plan, BillCredit.objects.count()) == ("premium-business", 1)


def test_a_term_that_was_paid_is_of_the_plan_it_was_asked_for_and_the_change_waits_for_its_end(buyer: Buyer) -> None:
    """Not a year for the price of a month, and no month for that of a year."""
    buyer.pay(buyer.take("premium-business", "month"))
    ends = buyer.held.paid_through
    buyer.at = ends - timedelta(days=5)
    invoice_next_terms(at=buyer.at)
    month = Order.objects.get(kind=Order.Kind.RENEWAL)
    wait_for(buyer, "premium-career", "year")
    assert not buyer.pay(month).mismatch
    held = buyer.held
    until = ends + relativedelta(months=1)
    assert (held.plan_version.plan.code, held.paid_through, held.changes_at) == ("premium-business", until, until)
    buyer.at = until - timedelta(days=5)
    invoice_next_terms(at=buyer.at)
    year = Order.objects.filter(kind=Order.Kind.RENEWAL).latest("pk")
    assert year.amount == 35_988
    plan_changes.withdraw(subscription=buyer.held, at=buyer.at)
    assert "another plan" in buyer.pay(year).mismatch
    assert (buyer.held.paid_through, buyer.is_clean) == (until, True)


def pay_ahead_for_less(buyer: Buyer) -> datetime:
    """Recruiter Lite until the end of the term, and the next one paid as Career; answers when that begins."""
    buyer.pay(buyer.take("recruiter-lite", "month"))
    ends = buyer.held.paid_through
    buyer.at = ends - timedelta(days=5)
    wait_for(buyer, "premium-career", "month")
    invoice_next_terms(at=buyer.at)
    assert buyer.pay(Order.objects.get(kind=Order.Kind.RENEWAL)).amount == 3_999
    return ends


def test_a_term_paid_as_the_cheaper_plan_is_none_of_the_dearer_one(buyer: Buyer) -> None:
    ends = pay_ahead_for_less(buyer)
    said = "The next term is paid already, as Career"
    with pytest.raises(SubscriptionRefused, match=said):
        plan_changes.withdraw(subscription=buyer.held, at=buyer.at)
    with pytest.raises(SubscriptionRefused, match=said):
        wait_for(buyer, "premium-business", "month")
    buyer.at = ends
    assert (buyer.is_clean, buyer.plan) == (True, "premium-career")


def test_the_unused_share_of_a_term_paid_ahead_is_what_was_paid_for_it(buyer: Buyer) -> None:
    days = (pay_ahead_for_less(buyer) - buyer.held.anchor_at).days
    assert unused_share(buyer.held, at=buyer.at) == 14_995 * 5 // days + 3_999
    assert unused_share(buyer.held, at=buyer.at + timedelta(days=4, hours=1)) == 3_999


def test_of_a_term_and_the_next_one_whose_money_both_went_back_nothing_stays(buyer: Buyer) -> None:
    pay_ahead_for_less(buyer)
    first, ahead = Order.objects.order_by("pk")
    buyer.contest(ahead, is_lost=True)
    assert (buyer.plan, buyer.owed) == ("", 14_995 * 5 // 30)
    buyer.contest(first, is_lost=True)
    assert (buyer.owed, buyer.is_clean) == (0, True)


def test_nobody_goes_down_to_a_plan_that_only_staff_give(buyer: Buyer) -> None:
    buyer.pay(buyer.take("premium-business", "month"))
    rewrite(PlanVersion.objects.filter(plan__code="premium-career"), price_billed_monthly=0, price_billed_yearly=0)
    with pytest.raises(SubscriptionRefused, match="staff give it"):
        wait_for(buyer, "premium-career", "month")


def test_an_order_that_credit_paid_wholly_and_nothing_can_be_granted_for_gives_the_credit_back(buyer: Buyer) -> None:
    buyer.pay(buyer.take("premium-career", "year"))
    buyer.pay(buyer.rise("premium-business", "month"))
    owed = buyer.owed
    # The plan is over by the time it is paid for: a payment of nothing, that nobody could send back.
    order = Order.objects.get(kind=Order.Kind.UPGRADE)
    Order.objects.filter(pk=order.pk).update(state=Order.State.PENDING, bill_credit_used=700)
    BillCredit.objects.create(
        wallet=Wallet.objects.get(),
        amount=-700,
        currency="USD",
        reason="x",
        key=f"order:{order.pk}",
        posted_at=buyer.at,
    )
    assert buyer.pay(order).mismatch
    assert buyer.owed == owed


def test_a_plan_begins_anew_at_once_a_few_times_in_a_month_only(buyer: Buyer) -> None:
    """Each beginning brings a whole allotment and costs a day."""
    buyer.pay(buyer.take("premium-career", "month"))
    for code in ("premium-business", "sales-navigator-core", "recruiter-lite", "recruiter-corporate"):
        buyer.pay(buyer.rise(code, "month"))
        buyer.at += timedelta(hours=1)
    with pytest.raises(OrderRefused, match="began anew 5 times in 30 days"):
        buyer.rise("recruiter-corporate", "year")
    buyer.at += placing.BEGINNINGS_SPAN - timedelta(hours=4)
    assert buyer.rise("recruiter-corporate", "year").amount > 0


def test_credit_used_before_its_money_went_back_is_shown_to_staff(buyer: Buyer) -> None:
    year = buyer.pay(buyer.take("premium-career", "year"))
    buyer.pay(buyer.rise("premium-business", "month"))
    pack = Pack.objects.get(credits=100)
    order = order_pack(buyer=buyer.member, pack=pack, form_key="p" * 14, at=buyer.at)
    assert (order.amount, order.state) == (0, Order.State.PAID)
    buyer.repaid(year)
    found = reconciling.reconcile(at=buyer.at).differences.get()
    assert found.wallet == Wallet.objects.get()
    assert found.sentence == "$100 of bill credit was used that is no longer owed"


@pytest.mark.django_db(transaction=True)
def test_two_tabs_change_a_plan_once(buyer: Buyer) -> None:
    buyer.pay(buyer.take("premium-career", "year"))
    held, refused = buyer.held, []

    def rise(code: str) -> None:
        terms = {"version": version_in_force(code, at=buyer.at), "interval": "month", "form_key": f"{code:x<14}"[:14]}
        try:
            try_whole(lambda: order_upgrade(buyer=buyer.member, subscription=held, at=buyer.at, **terms))
        except OrderRefused as refusal:
            refused.append(refusal)

    at_once(*[lambda code=code: rise(code) for code in ("premium-business", "sales-navigator-core")])
    assert len(refused) == 1
    now_held = Subscription.objects.running().get()
    assert now_held.plan_version.plan.code in {"premium-business", "sales-navigator-core"}
    assert buyer.owed == 35_988 - now_held.plan_version.price_billed_monthly
    assert buyer.is_clean
