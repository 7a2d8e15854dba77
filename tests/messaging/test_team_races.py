"""Several seats of one team at once: no credit twice, no allowance passed, no licence given twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from accounts.models import Member, Seat, SeatInvitation, Team
from accounts.teams import TeamRefused
from billing import audit, pools
from billing.models import Charge
from billing.standing import standing
from messaging import sending
from messaging.models import Message
from messaging.quotes import Quote
from messaging.refusals import VerdictChanged
from messaging.sending import Sent
from tests.messaging.test_races import at_once
from tests.teams import confirm_address, give_credits, give_seat, make_team

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MakeMember = Callable[..., Member]


@pytest.fixture
def team(make_member: MakeMember, at: datetime) -> Team:
    return make_team(make_member("Bea Boss"), licences=4, at=at - timedelta(days=40))


def write(sender: Member, recipient: Member, team: Team, *, at: datetime, key: str) -> Sent:
    letter = {"subject": "Lead", "body": "Would you talk to us?", "purpose": "job_offer", "send_key": key}
    shown = Quote(code="inmail", cost=1, wallet=team.public_id)
    return sending.send(sender=sender, recipient=recipient, shown=shown, at=at, **letter)


def test_the_last_credit_of_a_pool_is_spent_once_by_four_seats(
    team: Team, make_member: MakeMember, at: datetime
) -> None:
    """Each locks a wallet of their own and the pool; the pool was made before them, so that its lock comes first."""
    holders = [make_member(f"Holder {number}") for number in range(4)]
    for holder in holders:
        give_seat(team, holder, at=at)
    give_credits(team, 1, at=at)
    people = [make_member(f"Person {number}") for number in range(4)]
    pairs = enumerate(zip(holders, people, strict=True))

    results = at_once([partial(write, one, other, team, at=at, key=f"race-{k:04}") for k, (one, other) in pairs])

    refused = [result.verdict.code for result in results if isinstance(result, VerdictChanged)]
    assert refused == ["no_credits"] * 3
    assert (Message.objects.count(), Charge.objects.count(), standing(team, at=at).balance) == (1, 1, 0)
    assert not audit.verify(at=at).breaches


def test_parallel_sends_of_one_seat_pass_no_allowance(team: Team, make_member: MakeMember, at: datetime) -> None:
    holder = make_member("Holder One")
    seat = give_seat(team, holder, at=at)
    give_credits(team, 10, at=at)
    pools.set_allowance(seat=seat, allowance=2, is_unlimited=False, actor=holder, at=at)
    people = [make_member(f"Person {number}") for number in range(6)]

    results = at_once([partial(write, holder, one, team, at=at, key=f"race-{k:04}") for k, one in enumerate(people)])

    refused = [result.verdict.code for result in results if isinstance(result, VerdictChanged)]
    assert refused == ["seat_limit"] * 4
    assert (pools.allowance_of(seat, at=at).used, standing(team, at=at).balance) == (2, 8)


def test_a_seat_parked_while_it_sends_pays_from_the_pool_before_or_not_at_all(
    team: Team, make_member: MakeMember, at: datetime
) -> None:
    holder, other = make_member("Holder One", plan="premium-business"), make_member("Person One")
    seat = give_seat(team, holder, at=at)
    give_credits(team, 1, at=at)

    sent, _parked = at_once(
        [
            partial(write, holder, other, team, at=at, key="race-park"),
            partial(pools.park, seat=seat, actor=holder, at=at),
        ]
    )

    paid = [charge.seat for charge in Charge.objects.all()]
    assert paid == ([] if isinstance(sent, VerdictChanged) else [seat])
    assert standing(holder, at=at).balance == 15


def test_two_admins_give_the_last_licence_once(team: Team, make_member: MakeMember, at: datetime) -> None:
    boss, second = team.admins.get().member, make_member("Sid Second")
    for number in range(3):
        give_seat(team, make_member(f"Holder {number}"), at=at)

    def offer(actor: Member, address: str) -> object:
        try:
            return pools.invite(team=team, address=address, actor=actor, at=at)
        except TeamRefused as refusal:
            return refusal

    results = at_once([partial(offer, boss, "one@example.org"), partial(offer, second, "two@example.org")])

    assert sum(isinstance(result, TeamRefused) for result in results) == 1
    assert SeatInvitation.objects.filter(taken_at=None).count() == 1


def test_one_offer_taken_at_two_places_gives_one_seat(team: Team, make_member: MakeMember, at: datetime) -> None:
    holder = make_member("Holder One")
    confirm_address(holder)
    offer = pools.invite(team=team, address=holder.email, actor=holder, at=at)

    results = at_once([partial(pools.take, invitation=offer, member=holder, at=at)] * 4)

    assert len(set(results)) == 1
    assert Seat.objects.count() == 1
