"""Gifts: a code, a campaign, a survey; once per member and person, never more than the promotion allows."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.cache import cache

from accounts import persons
from accounts.models import Member
from billing import audit, promotions
from billing.models import Lot, Promotion, PromotionUse, Wallet
from billing.promotions import PromotionRefused
from tests.billing import world
from tests.billing.test_races import together
from tests.billing.world import AT, DAY

pytestmark = pytest.mark.django_db


def make(code="AUTUMN", *, kind="code", **facts):
    window = {"starts_at": AT - DAY, "ends_at": AT + DAY}
    return Promotion.objects.create(name="Autumn", code=code, kind=kind, **({"credits": 3} | window | facts))


def use(member, code="autumn", *, at=AT):
    return promotions.use_code(member=member, code=code, at=at)


def why(member, code="autumn", *, at=AT):
    with pytest.raises(PromotionRefused) as refusal:
        use(member, code, at=at)
    return str(refusal.value)


@pytest.fixture(autouse=True)
def _policy(db):
    world.make_policy(promo_life_days=60)


def test_a_code_gives_a_gift_with_a_life_of_its_own():
    member, promotion = world.make_payer(), make(life_days=7)
    used = use(member, " au tumn ")

    lot = Lot.objects.get()
    assert (lot.source, lot.priority, lot.granted, lot.expires_at) == ("promo", 20, 3, AT + 7 * DAY)
    assert (lot.entries.get().key, lot.entries.get().reason) == (f"promo:{promotion.pk}:{member.pk}", "Autumn")
    assert used.promotion.taken == 1
    assert audit.verify(at=AT).breaches == []


def test_without_a_life_of_its_own_the_sites_counts():
    make(kind="survey")
    use(world.make_payer())
    assert (Lot.objects.get().source, Lot.objects.get().expires_at) == ("survey", AT + 60 * DAY)


def test_each_refusal_says_why_and_gives_nothing():
    free, paying = world.make_payer(), world.make_payer()
    world.subscribe(paying, world.make_terms(is_paid=True), at=AT - DAY)
    before = Lot.objects.count()
    make("EVERY")
    make("EARLY", starts_at=AT + timedelta(microseconds=1))
    make("LATE", ends_at=AT)
    make("STOPPED", stopped_at=AT)
    make("FREE", audience="free")
    make("PREMIUM", audience="premium")
    make("FULL", total_limit=1, taken=1)
    make("STAFF", kind="campaign")

    assert why(free, "NONE") == "There is no code NONE."
    assert why(free, "STAFF") == "There is no code STAFF."
    assert why(free, "EARLY") == "Autumn begins on 15 Jan 2026."
    assert why(free, "LATE") == why(free, "STOPPED") == "Autumn is over."
    assert why(paying, "FREE") == "Autumn is for members without a plan."
    assert why(free, "PREMIUM") == "Autumn is for members with a plan."
    assert why(free, "FULL") == "All credits of Autumn are taken."
    assert (Lot.objects.count(), PromotionUse.objects.count()) == (before, 0)
    use(free, "FREE")
    use(paying, "PREMIUM")


def test_once_for_a_member_and_once_for_a_person():
    make(total_limit=5)
    first, again, other = (world.make_payer() for _ in range(3))
    Member.objects.filter(pk=first.pk).update(email="a.da@example.org")
    Member.objects.filter(pk=again.pk).update(email="ada+club@example.org")
    first.refresh_from_db()
    again.refresh_from_db()
    use(first)

    assert why(first) == why(again) == "You have used Autumn already."
    assert not persons.is_same(first.email, other.email)
    use(other)
    assert Promotion.objects.get().taken == 2


def test_a_campaign_reaches_its_audience_once_however_often_the_worker_runs():
    free, paying, late = world.make_payer(), world.make_payer(), world.make_payer()
    Member.objects.update(joined_at=AT - 2 * DAY)
    Member.objects.filter(pk=late.pk).update(joined_at=AT)
    world.subscribe(paying, world.make_terms(is_paid=True), at=AT - DAY)
    make(kind="campaign", audience="free")
    make("LATER", kind="campaign", starts_at=AT + DAY / 2)

    assert promotions.give_campaigns(at=AT) == 1
    assert promotions.give_campaigns(at=AT) == 0
    assert PromotionUse.objects.get().member == free


def test_a_campaign_stops_at_its_limit_and_goes_on_where_a_run_stopped(monkeypatch):
    for _ in range(5):
        world.make_payer()
    Member.objects.update(joined_at=AT - 2 * DAY)
    make(kind="campaign", total_limit=4)
    monkeypatch.setattr(promotions, "MEMBERS_A_RUN", 3)

    assert [promotions.give_campaigns(at=AT) for _ in range(3)] == [3, 1, 0]


def test_a_survey_is_given_to_a_list_of_addresses_once():
    member, promotion = world.make_payer(), make(kind="survey")
    addresses = [f" {member.email.upper()} ", "nobody@example.org", ""]

    assert promotions.give_survey(promotion=promotion, addresses=addresses, at=AT) == (1, 0, 1)
    assert promotions.give_survey(promotion=promotion, addresses=addresses, at=AT) == (0, 1, 1)
    with pytest.raises(PromotionRefused):
        promotions.give_survey(promotion=promotion, addresses=addresses, at=AT + DAY)


def test_the_page_keeps_a_refused_code_with_its_reason_and_slows_guessing(client):
    cache.clear()
    member = world.make_payer()
    Promotion.objects.create(
        name="Now", code="NOW", credits=2, starts_at=AT - DAY, ends_at=AT + 9_000 * DAY, kind="code"
    )
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/credits/codes/", {"code": "nope"})
    assert answer.status_code == 422
    assert "There is no code nope." in answer.content.decode()
    assert 'value="nope"' in answer.content.decode()
    assert client.post("/credits/codes/", {"code": "x" * 41}).status_code == 422
    assert client.post("/credits/codes/", {"code": "now"})["Location"] == "/credits/"
    for _ in range(20):
        answer = client.post("/credits/codes/", {"code": "nope"})
    assert "You tried many codes." in answer.content.decode()
    assert Wallet.objects.get().balance == 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_code_used_in_parallel_gives_once_and_the_total_is_exact():
    """E17: one member twice at once, and many for the last places."""
    make(total_limit=4)
    member, others = world.make_payer(), [world.make_payer() for _ in range(8)]
    results = together([partial(use, one) for one in [member, member, *others]])

    assert sum(isinstance(result, PromotionUse) for result in results) == 4
    assert all(isinstance(result, PromotionUse | PromotionRefused) for result in results), results
    assert (Promotion.objects.get().taken, PromotionUse.objects.count(), Lot.objects.count()) == (4, 4, 4)
    assert audit.verify(at=AT).breaches == []
