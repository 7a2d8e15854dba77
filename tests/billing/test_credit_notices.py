"""Members hear once of credits that arrive, come back, are few, or are about to end; the day is their own."""

from datetime import timedelta

import pytest
from django.conf import settings

from accounts import jobs, letters, news
from accounts.clock import FOREVER, set_to
from accounts.models import JobRun, Member, Notice, PageNotice, TeamAdmin
from accounts.models.team import Team
from billing import credit_notices, ledger, subscriptions, tasks
from billing.models import Entry, Lot
from tests.billing import world
from tests.billing.world import AT, DAY, HOUR

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(db):
    return world.make_policy()


def sweep(at=AT, job=tasks.tell_of_credits):
    with set_to(at):
        job()


def told(member):
    """Title and text of the member's notices, oldest first."""
    rows = PageNotice.objects.filter(member=member).order_by("pk")
    return [f"{line.title}. {line.text}" for line in map(news.line, rows)]


def give(member, amount, *, ends, at=AT, reason="Thanks", source="admin"):
    wallet = ledger.lock_wallet(member, at=at)
    return ledger.grant(
        wallet=wallet,
        amount=amount,
        source=source,
        priority=20,
        expires_at=ends,
        key=f"test:{Entry.objects.count()}:{wallet.pk}",
        reason=reason,
        at=at,
    )


def test_credits_that_arrive_say_why_and_how_long_they_stay():
    member = world.make_payer()
    world.subscribe(member, world.make_terms(), at=AT)
    give(member, 3, ends=FOREVER, reason="Outage of 12 Jan")
    give(member, 2, ends=AT + 30 * DAY, reason="Autumn", source="promo")
    sweep()
    sweep(AT + HOUR)

    plan = Lot.objects.get(source="plan").subscription.plan_version.plan
    assert told(member) == [
        f"15 credits arrived. The monthly credits of {plan}. Usable until 15 Apr 2026.",
        "3 credits arrived. From the people who run this site: Outage of 12 Jan.",
        "2 credits arrived. A gift: Autumn. Usable until 14 Feb 2026.",
    ]
    assert Notice.objects.count() == 3


def test_a_credit_that_comes_back_is_told_once_however_many_lots_it_came_from(rules):
    member = world.make_payer()
    give(member, 1, ends=AT + 5 * DAY)
    give(member, 2, ends=AT + 9 * DAY)
    sweep(AT)
    charge = world.charge(member, at=AT, cost=2, policy=rules)
    world.answer([charge], at=AT + HOUR, policy=rules)
    world.settle(member, at=AT + HOUR)
    sweep(AT + HOUR)

    assert told(member)[2:] == ["2 credits are back. Someone answered. Balance 3."]
    assert not Notice.objects.filter(kind="credits_returned").exists()


def test_an_undone_message_and_a_credit_lost_with_the_plan_are_no_news(rules):
    member = world.make_payer()
    subscription = world.subscribe(member, world.make_terms(), at=AT)
    undone, answered = (world.charge(member, at=AT, policy=rules) for _ in range(2))
    ledger.reverse(reference=undone.reference, reason=ledger.UNDONE, at=AT + HOUR)
    world.change(subscription, at=AT + HOUR, cancel_at=AT + 2 * HOUR)
    world.settle(member, at=AT + 2 * HOUR)
    world.answer([answered], at=AT + 3 * HOUR, policy=rules)
    world.settle(member, at=AT + 3 * HOUR)
    sweep(AT + 3 * HOUR)

    assert [line[:18] for line in told(member)] == ["15 credits arrived"]


def test_what_could_not_be_delivered_is_told_with_its_credit(rules):
    member = world.make_payer()
    give(member, 9, ends=FOREVER)
    charge = world.charge(member, at=AT, policy=rules)
    ledger.reverse(reference=charge.reference, reason=ledger.NOT_DELIVERED, at=AT + HOUR)
    gone = world.charge(member, at=AT + HOUR, policy=rules)
    ledger.reverse(reference=gone.reference, reason=ledger.RECIPIENT_GONE, at=AT + HOUR)
    sweep(AT + HOUR)

    assert "Your credit is back. Your message to Someone could not be delivered. Balance 9." in told(member)
    assert "Your credit is back. Someone closed the account. Balance 9." in told(member)


def test_few_credits_are_told_as_two_are_left_once_a_day_with_what_comes_next(rules):
    member = world.make_payer()
    world.subscribe(member, world.make_terms(allotment=4), at=AT)
    sweep()
    for hours in (1, 2, 3):
        world.charge(member, at=AT + hours * HOUR, policy=rules)
        sweep(AT + hours * HOUR)

    assert told(member)[1:] == ["You have 2 credits left. 4 more arrive on 15 Feb 2026."]
    assert "/unsubscribe/" in letters.write(Notice.objects.get(kind="credits_low")).body


def test_credits_that_were_few_for_a_moment_are_no_news(rules):
    member = world.make_payer()
    give(member, 3, ends=FOREVER)
    charge = world.charge(member, at=AT, policy=rules)
    ledger.reverse(reference=charge.reference, reason=ledger.UNDONE, at=AT + timedelta(seconds=5))
    sweep(AT + HOUR)
    assert len(told(member)) == 1


def test_a_worker_that_was_away_tells_what_is_still_news():
    member = world.make_payer()
    sweep(AT - DAY)
    give(member, 1, ends=FOREVER, at=AT, reason="Old")
    give(member, 1, ends=FOREVER, at=AT + 3 * DAY, reason="New")
    sweep(AT + 4 * DAY)

    assert [line.rpartition(": ")[2] for line in told(member)] == ["New."]


def test_a_run_that_is_cut_short_is_gone_on_with(monkeypatch):
    member = world.make_payer()
    for number in range(5):
        give(member, 1, ends=FOREVER, reason=str(number))
    monkeypatch.setattr(credit_notices, "CHUNK", 2)
    monkeypatch.setattr(credit_notices, "SECONDS_A_RUN", -1)
    place, seen = credit_notices.Place(AT - DAY, 0), []
    while place is not None:
        count, place = credit_notices.tell_of_entries(after=place, at=AT)
        seen.append(count)
    assert seen == [2, 2, 1, 0]
    sweep()
    assert not JobRun.objects.exists()


def test_a_pools_credits_are_told_to_who_looks_after_the_team():
    team = Team.objects.create(name="Elbe", founded_at=AT)
    admin, former = world.make_payer(), world.make_payer()
    TeamAdmin.objects.create(team=team, member=admin, since=AT)
    TeamAdmin.objects.create(team=team, member=former, since=AT, until=AT)
    give(team, 5, ends=AT + 7 * DAY, reason="Welcome")
    sweep()
    sweep(AT + HOUR, tasks.tell_of_ends)

    assert told(admin)[0].endswith("Welcome. They are in the pool of Elbe. Usable until 22 Jan 2026.")
    assert told(admin)[1].startswith("5 credits end soon. In the pool of Elbe.")
    assert told(former) == []


# --- About to end ---------------------------------------------------------------------------------------


def test_ends_are_told_seven_days_and_one_before_once_a_day_for_all_lots():
    member = world.make_payer()
    for days in (7, 7, 8, 30):
        give(member, days, ends=AT + days * DAY + HOUR, at=AT - 40 * DAY)
    # 15 January, eight o'clock in UTC.
    days = {}
    for hour in range(-2, 24 * 9, 3):
        before = len(told(member))
        sweep(AT + hour * HOUR, tasks.tell_of_ends)
        for line in told(member)[before:]:
            days[(AT + hour * HOUR).strftime("%d %H")] = line

    ending = "can be used until {}. Credits that end first are used first."
    assert days == {
        "15 09": "14 credits end soon. 14 credits " + ending.format("22 Jan 2026"),
        "16 09": "8 credits end soon. 8 credits " + ending.format("23 Jan 2026"),
        "21 09": "14 credits end soon. 14 credits " + ending.format("22 Jan 2026"),
        "22 09": "8 credits end soon. 8 credits " + ending.format("23 Jan 2026"),
    }


def test_what_a_cancelled_plan_takes_is_told_as_what_ends_by_itself():
    member = world.make_payer()
    held = world.subscribe(member, world.make_terms(), at=AT)
    give(member, 2, ends=FOREVER)
    give(member, 3, ends=AT + 60 * DAY)
    ends_at = subscriptions.cancel(subscription=held, at=AT)
    for days in (8, 7, 6, 2, 1):
        with set_to(ends_at - days * DAY):
            credit_notices.tell_of_ends(since=ends_at - (days + 1) * DAY, at=ends_at - days * DAY)

    ending = "15 credits end soon. 15 credits can be used until 15 Feb 2026. Credits that end first are used first."
    assert told(member) == [ending, ending]
    subscriptions.resume(subscription=held, at=ends_at - DAY)
    credit_notices.tell_of_ends(since=ends_at - 2 * DAY, at=ends_at - HOUR)
    assert len(told(member)) == 2


@pytest.mark.parametrize(
    ("zone", "ends", "hears_at"),
    [
        # New Zealand is 13 hours ahead: its 23 January begins on the 22nd in UTC.
        ("Pacific/Auckland", "2026-01-22 12:00", "2026-01-21 19:00"),
        ("America/Los_Angeles", "2026-01-22 02:00", "2026-01-20 16:00"),
        # Clocks go forward on 29 March in Berlin, back by half an hour on 5 April on Lord Howe.
        ("Europe/Berlin", "2026-03-29 20:00", "2026-03-28 07:00"),
        ("Europe/Berlin", "2026-03-30 20:00", "2026-03-29 06:00"),
        ("Australia/Lord_Howe", "2026-04-06 01:00", "2026-04-04 21:30"),
    ],
)
def test_the_day_and_the_hour_are_the_members(zone, ends, hears_at):
    member = world.make_payer()
    Member.objects.filter(pk=member.pk).update(time_zone=zone)
    moment = world.moment(hears_at)
    give(member, 1, ends=world.moment(ends), at=moment - DAY)
    for at in (moment - timedelta(seconds=1), moment, moment + HOUR):
        credit_notices.tell_of_ends(since=moment - 2 * HOUR, at=at)
        assert bool(told(member)) == (at >= moment)
    assert len(told(member)) == 1


def test_nobody_hears_of_credits_that_are_gone_frozen_or_came_too_late_for_it():
    member = world.make_payer()
    spent, frozen, late = (give(member, 1, ends=AT + DAY, at=AT - number * DAY) for number in (3, 2, 0))
    Lot.objects.filter(pk=frozen.pk).update(frozen_at=AT)
    Lot.objects.filter(pk=spent.pk).update(remaining=0)
    Lot.objects.filter(pk=late.pk).update(effective_at=AT + timedelta(seconds=1))
    sweep(AT + HOUR, tasks.tell_of_ends)
    assert told(member) == []


def test_a_missed_morning_is_made_up_and_told_once():
    member = world.make_payer()
    give(member, 1, ends=AT + DAY + HOUR, at=AT - 9 * DAY)
    give(member, 2, ends=AT + 2 * DAY + HOUR, at=AT - 9 * DAY)
    JobRun.objects.create(job="tell_of_ends", started_at=AT - HOUR, succeeded=True)
    sweep(AT + DAY + timedelta(minutes=30), tasks.tell_of_ends)
    sweep(AT + DAY + HOUR, tasks.tell_of_ends)

    assert len(told(member)) == 1
    assert "1 credit can be used until 16 Jan 2026. 2 credits can be used until 17 Jan 2026." in told(member)[0]
    assert jobs.last_success("tell_of_ends").started_at == AT + DAY + HOUR


def test_telling_is_never_before_money():
    routes = list(settings.CELERY_TASK_ROUTES)
    assert routes.index("billing.tasks.tell_*") < routes.index("billing.*")
