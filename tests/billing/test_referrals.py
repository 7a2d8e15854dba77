"""Who brings somebody gets a bonus with the newcomer's first paid plan, and gives it back if that money goes back."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.clock import FOREVER, set_to
from accounts.models import Member
from billing import audit, referrals
from billing.models import Entry, Lot, Order, Referral, ReferralLink, Shortfall
from tests.accounts.test_signup import code_of, sign_up, type_code
from tests.billing import world
from tests.billing.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(db):
    world.make_policy(referral_bonus=5, promo_life_days=60)


def brought(by=None, *, address="new@example.org", at=AT):
    link = referrals.make_link(member=by or world.make_payer())
    newcomer = Member.objects.create_user(email=address, name="New")
    return referrals.join(code=link.code, member=newcomer, at=at)


def paid(referral, *, at=AT, number=1):
    order = Order.objects.create(
        buyer=referral.referred,
        kind="plan",
        state="paid",
        provider="manual",
        amount=1000,
        currency="USD",
        created_at=at,
        paid_at=at,
        lapses_at=FOREVER,
        invoice_number=number,
    )
    referrals.on_plan_paid(order=order, at=at)
    return order


def repaid(order, amount=1000, *, at):
    order.repaid = amount
    order.save(update_fields=["repaid"])
    referrals.on_repaid(order=order, at=at)
    return referrals.settle_due(at=at)


def test_the_first_paid_plan_brings_the_bonus_once():
    referral = brought()
    assert referrals.settle_due(at=AT) == 0
    paid(referral)
    paid(referral, at=AT + DAY, number=2)
    assert [referrals.settle_due(at=AT) for _ in range(2)] == [1, 0]

    lot = Lot.objects.get()
    assert (lot.wallet.member, lot.source, lot.priority, lot.granted) == (referral.referrer, "referral", 20, 5)
    assert lot.expires_at == AT + 60 * DAY
    assert lot.entries.get().key == f"referral:{referral.referred_id}"
    assert audit.verify(at=AT).breaches == []


def test_nobody_brings_oneself_nor_one_person_twice():
    ada = world.make_payer()
    Member.objects.filter(pk=ada.pk).update(email="ada@example.org")
    ada.refresh_from_db()
    assert brought(ada, address="a.d.a+2@example.org") is None
    assert brought(ada, address="ben@example.org") is not None
    assert brought(ada, address="b.en+x@example.org") is None
    assert referrals.join(code="nobody", member=world.make_payer(), at=AT) is None


def test_money_back_within_thirty_days_takes_back_what_is_left_and_leaves_no_debt():
    referral = brought()
    order = paid(referral)
    referrals.settle_due(at=AT)
    world.charge(referral.referrer, at=AT + DAY, cost=2)

    assert repaid(order, 400, at=AT + 2 * DAY) == 0
    assert repaid(order, at=AT + 30 * DAY - timedelta(microseconds=1)) == 1
    assert repaid(order, at=AT + 3 * DAY) == 0
    assert world.balance(referral.referrer) == 0
    assert [entry.delta for entry in Entry.objects.filter(kind="clawback")] == [-3]
    assert not Shortfall.objects.exists()
    assert audit.verify(at=AT).breaches == []


def test_after_thirty_days_the_bonus_stays():
    referral = brought()
    order = paid(referral)
    referrals.settle_due(at=AT)
    assert repaid(order, at=AT + 30 * DAY) == 0
    assert world.balance(referral.referrer) == 5


def test_money_that_is_back_before_the_worker_came_brings_nothing():
    referral = brought()
    order = paid(referral)
    assert repaid(order, at=AT + DAY) == 0
    assert not Lot.objects.exists()


def test_the_link_is_remembered_until_the_address_is_confirmed(client):
    link = referrals.make_link(member=world.make_payer())
    answer = client.get(f"/r/{link.code}/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/signup/")
    assert answer.cookies["brought_by"]["httponly"]
    sign_up(client)
    assert not Referral.objects.exists()
    type_code(client, code_of("dora@example.org"))

    referral = Referral.objects.get()
    assert (referral.referrer, referral.referred.email) == (link.member, "dora@example.org")


def test_a_forged_or_old_cookie_and_a_wrong_link_bring_nobody(client):
    link = referrals.make_link(member=world.make_payer())
    assert client.get("/r/nobody/").status_code == 404
    client.cookies["brought_by"] = f"{link.code}:x"
    sign_up(client)
    type_code(client, code_of("dora@example.org"))
    assert EmailAddress.objects.get(email="dora@example.org").verified
    assert not Referral.objects.exists()


def test_where_nobody_can_pay_or_join_no_link_is_offered(client, settings):
    client.force_login(world.make_payer(), backend="django.contrib.auth.backends.ModelBackend")
    with set_to(AT):
        assert client.get("/credits/refer/").status_code == 404
        assert b"Whoever brings a member" not in client.get("/help/credits/").content
        settings.PAYMENT_PROVIDER = "manual"
        assert b"Whoever brings a member" in client.get("/help/credits/").content
        assert client.get("/credits/refer/").status_code == 200
        settings.SIGNUP_OPEN = False
        assert client.get("/credits/refer/").status_code == 404
        assert client.post("/credits/refer/link/").status_code == 404
    assert not ReferralLink.objects.exists()


def test_looking_makes_no_link_asking_does(client, settings):
    settings.PAYMENT_PROVIDER = "manual"
    member = world.make_payer()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    with set_to(AT):
        assert "Make my link" in client.get("/credits/refer/").content.decode()
        assert not ReferralLink.objects.exists()
        client.post("/credits/refer/link/")
        client.post("/credits/refer/link/")
        html = client.get("/credits/refer/").content.decode()
    assert f"/r/{ReferralLink.objects.get(member=member).code}/" in html
    assert "You get 5 credits" in html
