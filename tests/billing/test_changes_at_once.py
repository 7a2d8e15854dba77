"""What happens at once leads to more only: nobody comes round in a circle with a whole allotment at each step."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from dateutil.relativedelta import relativedelta

from accounts import teams
from accounts.models import Team
from billing import plan_changes, subscriptions
from billing.catalog import version_in_force
from billing.models import Subscription
from billing.models.subscription import Interval
from billing.plan_changes import Kind, kind_of
from tests.conftest import MakeMember

pytestmark = pytest.mark.django_db

PER_SEAT = ("sales-navigator-team", "recruiter-corporate")


@pytest.fixture
def team(make_member: MakeMember, at: datetime) -> Team:
    return teams.found(name="Elbe Talent", admin=make_member("Lena Brandt"), at=at)


@pytest.fixture
def held(team: Team, at: datetime) -> Subscription:
    """A hundred licences, paid a moment ago for a month."""
    return subscriptions.subscribe(
        member=team,
        plan_version=version_in_force("sales-navigator-team", at=at),
        interval="month",
        paid_through=at + relativedelta(months=1),
        started_by=None,
        seats=100,
        provider="manual",
        paid_at=at,
        at=at,
    )


def test_a_year_for_fewer_licences_waits_for_the_end_of_the_month_and_leaves_nothing_over(
    held: Subscription, at: datetime
) -> None:
    change = plan_changes.preview(
        subscription=held, version=held.plan_version, interval="year", seats=1, at=at + timedelta(hours=1)
    )
    assert (change.kind, change.takes_effect_at) == (Kind.DOWNGRADE, held.paid_through)
    assert change.bill is not None
    assert change.bill.credit_after == 0
    assert kind_of(held, held.plan_version, "year", 100) == kind_of(held, held.plan_version, "year", 101) == "upgrade"


def test_no_circle_of_changes_at_once_exists(held: Subscription, at: datetime) -> None:
    """37 of the one cost less than 15 of the other by the month, and more by the year."""
    versions = [version_in_force(code, at=at) for code in PER_SEAT]
    states = [
        Subscription(wallet=held.wallet, plan_version=version, interval=interval, seats=seats)
        for version, interval, seats in product(versions, Interval.values, (1, 2, 5, 15, 37, 100))
    ]
    up = {
        one: {
            other
            for other, state in enumerate(states)
            if kind_of(states[one], state.plan_version, state.interval, state.seats) == Kind.UPGRADE
        }
        for one in range(len(states))
    }
    assert up[0]
    while ends := {one for one, to in up.items() if not to}:
        up = {one: to - ends for one, to in up.items() if one not in ends}
    assert up == {}
