"""Seats: given by invitation, limited in number and in how often they change hands, and told from when they may."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts import seats, teams
from accounts.models import Member, Notice, PolicyVersion, Seat, SeatInvitation, SeatMove, Team
from billing import pools
from billing.models import Period
from billing.standing import standing
from tests.teams import confirm_address, give_seat, make_team

MakeMember = Callable[..., Member]
DAY = timedelta(days=1)


@pytest.fixture
def boss(make_member: MakeMember) -> Member:
    return make_member("Bea Boss")


@pytest.fixture
def team(boss: Member, at: datetime) -> Team:
    return make_team(boss, licences=2, at=at - 40 * DAY)


def rule(at: datetime, **settings: object) -> None:
    PolicyVersion.objects.create(catalog="t", settings=settings, in_force_from=at, approved_at=at)


def test_a_seat_is_offered_by_mail_and_taken_once_by_whoever_confirmed_the_address(
    team: Team, boss: Member, recipient: Member, outsider: Member, at: datetime
) -> None:
    confirm_address(recipient)
    confirm_address(outsider)
    offer = pools.invite(team=team, address=recipient.email.upper(), actor=boss, at=at)

    assert Notice.objects.get(key=f"seat:{offer.public_id}").address == recipient.email
    assert pools.invite(team=team, address=recipient.email, actor=boss, at=at) == offer
    assert list(seats.offers_to(outsider)) == []
    seat = pools.take(invitation=seats.offers_to(recipient).get(), member=recipient, at=at)
    assert pools.take(invitation=offer, member=recipient, at=at) == seat
    assert (seat.team, seat.member, Seat.objects.count()) == (team, recipient, 1)


@pytest.mark.parametrize("how", ["old", "withdrawn"])
def test_an_offer_that_is_gone_gives_no_seat_and_frees_its_licence(
    team: Team, boss: Member, recipient: Member, at: datetime, how: str
) -> None:
    confirm_address(recipient)
    offer = pools.invite(team=team, address=recipient.email, actor=boss, at=at)
    later = at + timedelta(days=14)
    if how == "withdrawn":
        seats.withdraw(invitation=offer, at=at)
        later = at
    with pytest.raises(teams.InvitationGone):
        pools.take(invitation=offer, member=recipient, at=later)
    assert not Seat.objects.exists()
    assert pools.invite(team=team, address=recipient.email, actor=boss, at=later).pk != offer.pk


def test_no_more_seats_are_held_or_offered_than_there_are_licences(
    team: Team, boss: Member, recipient: Member, at: datetime
) -> None:
    give_seat(team, recipient, at=at)
    pools.invite(team=team, address="next@example.org", actor=boss, at=at)
    with pytest.raises(teams.NoFreeLicence, match="All 2 licences"):
        pools.invite(team=team, address="third@example.org", actor=boss, at=at)
    assert SeatInvitation.objects.count() == 2


def test_a_member_holds_one_seat_of_one_team(
    team: Team, recipient: Member, make_member: MakeMember, at: datetime
) -> None:
    give_seat(team, recipient, at=at)
    other = make_team(make_member("Otto Rival"), licences=1, at=at, name="Rivals")
    with pytest.raises(teams.AlreadySeated, match="Elbe Talent"):
        give_seat(other, recipient, at=at)
    with pytest.raises(teams.AlreadySeated):
        pools.invite(team=team, address=recipient.email, actor=teams.admins_of(team)[0].member, at=at)


def test_a_new_seat_brings_credits_from_the_next_period_on_and_a_parked_one_none(
    team: Team, boss: Member, recipient: Member, outsider: Member, at: datetime
) -> None:
    """Sales Team renews on the 1st; what is due is posted before the seats change, with the seats of then."""
    first, second = give_seat(team, recipient, at=at), give_seat(team, outsider, at=at)
    assert standing(team, at=at).balance == 0
    december, january = (datetime(2026, 12, 2, tzinfo=at.tzinfo), datetime(2027, 1, 2, tzinfo=at.tzinfo))
    february = datetime(2027, 2, 2, tzinfo=at.tzinfo)
    pools.park(seat=first, actor=boss, at=december)
    assert standing(team, at=december).balance == 100
    pools.remove(seat=second, actor=boss, at=january)
    assert standing(team, at=january).balance == 150
    pools.unpark(seat=first, actor=boss, at=january)
    # 50 more, and of the 200 the cap of one seat leaves 150.
    assert standing(team, at=february).balance == 150
    assert list(Period.objects.order_by("n").values_list("seats", flat=True)) == [0, 0, 2, 1]


def test_each_kind_of_move_is_possible_as_often_in_30_days_as_there_are_licences(
    team: Team, boss: Member, recipient: Member, at: datetime
) -> None:
    seat = give_seat(team, recipient, at=at)
    for day in range(2):
        pools.park(seat=seat, actor=boss, at=at + day * DAY)
        pools.unpark(seat=seat, actor=boss, at=at + day * DAY)
    with pytest.raises(teams.MovesUsedUp, match=r"2 times in 30 days.*from 22 Dec 2026, 11:00 UTC"):
        pools.park(seat=seat, actor=boss, at=at + 2 * DAY)
    # To the microsecond: 30 days after the first.
    with pytest.raises(teams.MovesUsedUp):
        pools.park(seat=seat, actor=boss, at=at + 30 * DAY - timedelta(microseconds=1))
    assert pools.park(seat=seat, actor=boss, at=at + 30 * DAY).is_parked


def test_a_licence_is_given_on_by_invitation_and_counts_once(
    team: Team, boss: Member, recipient: Member, outsider: Member, at: datetime
) -> None:
    confirm_address(outsider)
    old = give_seat(team, recipient, at=at)
    offer = pools.reassign(seat=old, address=outsider.email, actor=boss, at=at)
    new = pools.take(invitation=offer, member=outsider, at=at)

    old.refresh_from_db()
    assert (old.left_at, new.member) == (at, outsider)
    kinds = SeatMove.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["assign", "reassign"]
    with pytest.raises(teams.SeatGone):
        pools.reassign(seat=old, address="third@example.org", actor=boss, at=at)


def test_taking_back_and_giving_again_is_no_way_around_the_limit(
    team: Team, boss: Member, recipient: Member, outsider: Member, sender: Member, at: datetime
) -> None:
    for member in (recipient, outsider):
        pools.remove(seat=give_seat(team, member, at=at), actor=boss, at=at)
    with pytest.raises(teams.MovesUsedUp):
        give_seat(team, sender, at=at + DAY)
    assert give_seat(team, sender, at=at + 31 * DAY).member == sender


def test_where_licences_are_not_reallocated_each_is_given_once(
    team: Team, boss: Member, recipient: Member, outsider: Member, sender: Member, at: datetime
) -> None:
    rule(at - DAY, reallocation="off")
    seat = give_seat(team, recipient, at=at)
    for change in (pools.park, pools.unpark):
        if change is pools.unpark:
            Seat.objects.filter(pk=seat.pk).update(parked_at=at)
        with pytest.raises(teams.NotReallocated):
            change(seat=seat, actor=boss, at=at)
    with pytest.raises(teams.NotReallocated):
        pools.reassign(seat=seat, address=outsider.email, actor=boss, at=at)
    pools.remove(seat=seat, actor=boss, at=at)
    give_seat(team, outsider, at=at)
    with pytest.raises(teams.NotReallocated):
        give_seat(team, sender, at=at + 90 * DAY)


def test_nobodys_address_is_mailed_over_and_over(team: Team, boss: Member, at: datetime) -> None:
    for _again in range(6):
        seats.withdraw(invitation=pools.invite(team=team, address="a@example.org", actor=boss, at=at), at=at)
    with pytest.raises(teams.MovesUsedUp, match="6 invitations"):
        pools.invite(team=team, address="a@example.org", actor=boss, at=at)


def test_a_team_keeps_an_admin(
    team: Team, boss: Member, recipient: Member, make_member: MakeMember, at: datetime
) -> None:
    with pytest.raises(teams.LastAdmin):
        teams.dismiss(team=team, member=boss, at=at)
    teams.appoint(team=team, member=recipient, at=at)
    teams.appoint(team=team, member=recipient, at=at)
    teams.dismiss(team=team, member=boss, at=at)
    assert [admin.member for admin in teams.admins_of(team)] == [recipient]
    assert teams.administered_by(boss) is None
    other = teams.found(name="Rivals", admin=make_member("Otto Rival"), at=at)
    with pytest.raises(teams.AlreadyAdministers):
        teams.appoint(team=other, member=recipient, at=at)
