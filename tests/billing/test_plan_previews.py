"""What a preview of a change shows is what the ledger then does: lots, dates, balance, next allotment, bill."""

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.clock import FOREVER
from billing import plan_changes, subscriptions, sweeps
from billing.models import BillCredit, Entry, Lot, PlanVersion, Wallet
from billing.plan_preview import Change
from billing.standing import standing
from tests.billing import world
from tests.billing.twin import ANCHORS
from tests.billing.world import DAY, MICROSECOND, moment

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EXAMPLES = 300 if os.environ.get("POSTERN_DEEP") == "1" else 25

TERMS: list[dict[str, Any]] = [
    {"allotment": 5, "cap": 12, "price_billed_monthly": 3999, "price_billed_yearly": 2999},
    {"allotment": 15, "cap": 20, "price_billed_monthly": 5999, "price_billed_yearly": 4499},
    {"allotment": 4, "renewal": "reset", "cap": None, "price_billed_monthly": 1000, "price_billed_yearly": 900},
    {
        "allotment": 30,
        "cap": 45,
        "allotment_clock": "calendar_month",
        "first_partial_month": "prorated",
        "annual_bonus_credits": 7,
        "price_billed_monthly": 9999,
        "price_billed_yearly": 7999,
    },
    {"allotment": 0, "cap": None, "price_billed_monthly": 500, "price_billed_yearly": 400},
]
NEVER_SEEN = {Lot.Source.RETURN}


class Story:
    """A wallet with a past, a change that is wanted of it, and when."""

    def __init__(self, draw: Any) -> None:
        self.policy = world.make_policy(
            on_upgrade=draw(st.sampled_from(["forfeit", "keep"])),
            cancel_effect=draw(st.sampled_from(["term_end", "term_end", "at_once"])),
            purchased_on_cancel=draw(st.sampled_from(["keep", "forfeit"])),
        )
        self.member = world.make_payer()
        self.versions: list[PlanVersion] = [world.make_terms(**terms) for terms in TERMS]
        start = moment(draw(st.sampled_from(ANCHORS)))
        interval = draw(st.sampled_from(["month", "year"]))
        paid = draw(st.sampled_from([FOREVER, start + 40 * DAY, start + 400 * DAY]))
        held = subscriptions.subscribe(
            member=self.member,
            plan_version=draw(st.sampled_from(self.versions)),
            interval=interval,
            paid_through=paid,
            paid_at=None if paid == FOREVER else start,
            started_by=None,
            at=start,
        )
        self.at = start + timedelta(hours=draw(st.integers(0, 24 * 46)))
        if draw(st.booleans()):
            world.give(self.member, draw(st.integers(1, 6)), at=start, life=draw(st.integers(1, 90)) * DAY)
        self._spend(draw, start)
        seen = subscriptions.running(self.member, at=self.at)
        self.held = seen or held
        self.is_running = seen is not None

    def _spend(self, draw: Any, start: Any) -> None:
        cost = draw(st.integers(0, 4))
        if not 0 < cost <= world.settle(self.member, at=start).balance:
            return
        charge = world.charge(self.member, at=start, cost=cost, policy=self.policy)
        if draw(st.booleans()):
            world.answer([charge], at=start, policy=self.policy, due_at=start + draw(st.integers(0, 60)) * DAY)


def balance_of(story: Story, at: Any) -> int:
    return standing(story.member, at=at).balance


def lines_of(change: Change) -> list[tuple[str, int, Any]]:
    """Source, credits and end of every lot that should be there then."""
    lines = [(str(line.lot.source), line.amount, line.at) for line in (*change.kept, *change.gained)]
    return sorted(line for line in lines if line[0] not in NEVER_SEEN)


def assert_it_came_so(story: Story, change: Change) -> None:
    """Of what was there and what the change brought. Allotments and returns in between are in the balance."""
    at = change.takes_effect_at
    lots = standing(story.member, at=at).lots
    held = [(str(lot.source), lot.remaining, lot.expires_at) for lot in lots if lot.source not in NEVER_SEEN]
    between = [line for line in sorted(held) if line not in lines_of(change)]
    came = Entry.objects.filter(wallet__member=story.member, kind="grant", occurred_at__gt=story.at, occurred_at__lt=at)
    assert len(between) <= came.count()
    assert [line for line in lines_of(change) if line not in held] == []
    assert balance_of(story, at) == change.balance_after
    losses = Entry.objects.filter(wallet__member=story.member, kind__in=["forfeit", "trim"], occurred_at=at)
    lost = -sum(losses.values_list("delta", flat=True))
    assert lost >= change.lost_total + change.also_lost
    if not change.is_at_once:
        assert lost == change.lost_total + change.also_lost


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), months_later=st.booleans())
def test_what_a_preview_shows_is_what_happens(data: Any, months_later: bool) -> None:
    story = Story(data.draw)
    if not story.is_running:
        return
    if data.draw(st.integers(0, 3)) == 0:
        change = plan_changes.preview_of_cancelling(subscription=story.held, at=story.at)
        assert subscriptions.cancel(subscription=story.held, at=story.at) == change.takes_effect_at
    else:
        change = changed(story, data)
        if change is None:
            return
    settle_at = change.takes_effect_at + (200 * DAY if months_later else timedelta(0))
    if months_later:
        # Nobody came and no worker ran: the journal says what it would have said.
        before = len(world.journal(story.member))
        world.settle(story.member, at=settle_at)
        assert balance_then(story, change) == change.balance_after
        assert len(world.journal(story.member)) >= before
    else:
        sweeps.renew(at=settle_at)
        assert_it_came_so(story, change)


def changed(story: Story, data: Any) -> Change | None:
    version = data.draw(st.sampled_from(story.versions))
    interval = data.draw(st.sampled_from(["month", "year"]))
    wanted: dict[str, Any] = {"subscription": story.held, "version": version, "interval": interval, "at": story.at}
    try:
        change = plan_changes.preview(**wanted)
    except subscriptions.SubscriptionRefused:
        return None
    entries = Entry.objects.filter(wallet__member=story.member).count()
    assert plan_changes.preview(**wanted).digest == change.digest
    assert Entry.objects.filter(wallet__member=story.member).count() == entries
    plan_changes.confirm(shown=change.digest, **wanted)
    assert change.bill is not None
    owed = BillCredit.objects.filter(wallet__member=story.member).values_list("amount", flat=True)
    assert sum(owed) == (change.bill.credit_after if change.kind == "upgrade" else 0)
    held = subscriptions.running(story.member, at=story.at)
    assert held is not None
    if change.bill.next_price_at and not change.is_at_once:
        subscriptions.pay_through(subscription=held, until=change.bill.next_price_at, actor=None, at=story.at)
    elif change.kind == "downgrade" and change.bill.next_price_at:
        until = max(change.bill.next_price_at, story.at + MICROSECOND)
        subscriptions.pay_through(subscription=held, until=until, actor=None, at=story.at)
    assert_next_allotment(story, change)
    return change


def assert_next_allotment(story: Story, change: Change) -> None:
    """The first period that begins after the change, if its term is paid: told beforehand, and then so."""
    seen = standing(story.member, at=change.takes_effect_at)
    if seen.next_at is not None:
        assert (seen.next_amount, seen.next_at) == (change.next_amount, change.next_at)


def balance_then(story: Story, change: Change) -> int:
    """Read off the journal, which was written much later."""
    at = change.takes_effect_at
    entries = Entry.objects.filter(wallet__member=story.member, occurred_at__lte=at).order_by("seq")
    last = entries.last()
    assert Wallet.objects.get(member=story.member).balance >= 0
    return last.balance_after if last else 0
