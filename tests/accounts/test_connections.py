"""Inviting, accepting, ignoring, withdrawing, parting."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connections as databases

from accounts import blocks, connections
from accounts.models import Connection, Invitation, Member, PolicyVersion

State = Invitation.State


def invited(ada: Member, ben: Member, at: datetime) -> Invitation:
    return connections.invite(sender=ada, recipient=ben, note="We met at Frontfest.", at=at)


def test_an_accepted_invitation_connects(ada: Member, ben: Member, at: datetime) -> None:
    invitation = invited(ada, ben, at)
    assert list(connections.received(ben)) == [invitation]
    connection = connections.accept(invitation=invitation, member=ben, at=at)
    assert connection == connections.connection_between(ada.pk, ben.pk)
    assert not connections.received(ben).exists()
    assert connections.connected_ids(ada.pk) == {ben.pk}
    assert connections.connected_ids(ben.pk) == {ada.pk}


def test_accepting_twice_makes_one_connection(ada: Member, ben: Member, at: datetime) -> None:
    invitation = invited(ada, ben, at)
    first = connections.accept(invitation=invitation, member=ben, at=at)
    assert connections.accept(invitation=invitation, member=ben, at=at) == first
    assert Connection.objects.count() == 1


def test_only_the_invited_member_accepts(ada: Member, ben: Member, cleo: Member, at: datetime) -> None:
    invitation = invited(ada, ben, at)
    for stranger in (ada, cleo):
        with pytest.raises(connections.InvitationGone):
            connections.accept(invitation=invitation, member=stranger, at=at)
        with pytest.raises(connections.InvitationGone):
            connections.ignore(invitation=invitation, member=stranger, at=at)
    for stranger in (ben, cleo):
        with pytest.raises(connections.InvitationGone):
            connections.withdraw(invitation=invitation, member=stranger, at=at)
    assert not Connection.objects.exists()


def test_inviting_who_invited_me_accepts(ada: Member, ben: Member, at: datetime) -> None:
    invitation = invited(ada, ben, at)
    assert connections.invite(sender=ben, recipient=ada, note="", at=at) == invitation
    assert connections.connection_between(ada.pk, ben.pk)
    assert not connections.sent(ada).exists()


def test_inviting_who_invited_me_accepts_after_i_ignored_it(ada: Member, ben: Member, at: datetime) -> None:
    connections.ignore(invitation=invited(ada, ben, at), member=ben, at=at)
    connections.invite(sender=ben, recipient=ada, note="", at=at)
    assert connections.connection_between(ada.pk, ben.pk)


def test_a_second_invitation_is_the_first_one(ada: Member, ben: Member, at: datetime) -> None:
    assert invited(ada, ben, at) == invited(ada, ben, at + timedelta(hours=1))
    assert Invitation.objects.count() == 1


def test_an_ignored_invitation_waits_for_its_sender(ada: Member, ben: Member, at: datetime) -> None:
    invitation = invited(ada, ben, at)
    connections.ignore(invitation=invitation, member=ben, at=at)
    assert not connections.received(ben).exists()
    assert list(connections.sent(ada)) == [invitation]
    assert invited(ada, ben, at + timedelta(days=1)) == invitation


def test_ignoring_can_be_taken_back(ada: Member, ben: Member, at: datetime) -> None:
    invitation = invited(ada, ben, at)
    connections.ignore(invitation=invitation, member=ben, at=at)
    connections.restore(invitation=invitation, member=ben)
    assert list(connections.received(ben)) == [invitation]


def test_a_withdrawn_invitation_rests_for_21_days(ada: Member, ben: Member, at: datetime) -> None:
    invitation = invited(ada, ben, at)
    connections.withdraw(invitation=invitation, member=ada, at=at)
    with pytest.raises(connections.InvitationGone):
        connections.accept(invitation=invitation, member=ben, at=at)
    rested = at + timedelta(days=21)
    with pytest.raises(connections.InvitationRests, match="13 Dec 2026"):
        invited(ada, ben, rested - timedelta(microseconds=1))
    assert invited(ada, ben, rested).state == State.PENDING


def test_the_weekly_limit_is_of_seven_days(
    ada: Member, rules: Callable[..., PolicyVersion], person: Callable[..., Member], at: datetime
) -> None:
    rules(invitations_per_week=2)
    people = [person(f"Person {n}") for n in range(4)]
    invited(ada, people[0], at)
    invited(ada, people[1], at + timedelta(days=1))
    with pytest.raises(connections.WeeklyLimit, match="29 Nov 2026"):
        invited(ada, people[2], at + timedelta(days=2))
    invited(ada, people[2], at + timedelta(days=7))
    with pytest.raises(connections.WeeklyLimit):
        invited(ada, people[3], at + timedelta(days=7))


def test_no_limit_and_no_invitation_at_all_are_settings(
    ada: Member, ben: Member, cleo: Member, rules: Callable[..., PolicyVersion], at: datetime
) -> None:
    rules(invitations_per_week=0)
    with pytest.raises(connections.WeeklyLimit):
        invited(ada, ben, at)
    rules(invitations_per_week=None, max_connections=None)
    invited(ada, ben, at)
    invited(ada, cleo, at)


def test_a_full_list_takes_nobody_more(
    ada: Member, ben: Member, cleo: Member, rules: Callable[..., PolicyVersion], at: datetime
) -> None:
    rules(max_connections=1)
    waiting = invited(cleo, ben, at)
    connections.accept(invitation=invited(ada, ben, at), member=ben, at=at)
    with pytest.raises(connections.ListFull, match="Your list"):
        invited(ada, cleo, at)
    connections.withdraw(invitation=waiting, member=cleo, at=at - timedelta(days=30))
    with pytest.raises(connections.ListFull, match="Ben Haddad's list"):
        invited(cleo, ben, at)
    assert Connection.objects.count() == 1


def test_nobody_invites_themselves_or_whom_they_blocked_or_know(ada: Member, ben: Member, at: datetime) -> None:
    with pytest.raises(connections.InvitationRefused):
        invited(ada, ada, at)
    blocks.block(blocker=ada, blocked=ben, at=at)
    with pytest.raises(connections.YouBlocked, match="You blocked Ben Haddad"):
        invited(ada, ben, at)
    blocks.unblock(blocker=ada, blocked=ben)
    connections.accept(invitation=invited(ada, ben, at), member=ben, at=at)
    with pytest.raises(connections.AlreadyConnected):
        invited(ada, ben, at)


def test_disconnecting_parts_both_and_is_harmless_twice(ada: Member, ben: Member, at: datetime) -> None:
    connections.accept(invitation=invited(ada, ben, at), member=ben, at=at)
    connections.disconnect(member=ben, other=ada, at=at)
    connections.disconnect(member=ada, other=ben, at=at)
    assert not Connection.objects.exists()
    assert invited(ada, ben, at).state == State.PENDING


def test_the_lists_of_invitations_take_one_query(
    ada: Member, person: Callable[..., Member], at: datetime, django_assert_num_queries: Callable[..., object]
) -> None:
    for n in range(8):
        invited(person(f"Inviter {n}"), ada, at + timedelta(minutes=n))
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        names = [(row.sender.name, row.sender.profile.headline) for row in connections.received(ada)]
    assert names[0][0] == "Inviter 7"


def together(*acts: Callable[[], object]) -> list[object]:
    """Run in threads that start at one instant; what each gave or raised."""
    gate = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = acts[number]()
        except connections.InvitationRefused as refusal:
            results[number] = refusal
        finally:
            databases.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_both_inviting_at_once_are_connected_once(ada: Member, ben: Member, at: datetime) -> None:
    together(
        lambda: connections.invite(sender=ada, recipient=ben, note="", at=at),
        lambda: connections.invite(sender=ben, recipient=ada, note="", at=at),
    )
    assert Connection.objects.count() == 1
    assert not Invitation.objects.exclude(state=State.ACCEPTED).exists()


@pytest.mark.django_db(transaction=True)
def test_accepting_eight_times_at_once_connects_once(ada: Member, ben: Member, at: datetime) -> None:
    invitation = invited(ada, ben, at)
    results = together(*[lambda: connections.accept(invitation=invitation, member=ben, at=at)] * 8)
    assert len({result.pk for result in results if isinstance(result, Connection)}) == 1
    assert Connection.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_accepting_while_the_other_blocks_leaves_no_connection(ada: Member, ben: Member, at: datetime) -> None:
    invitation = invited(ada, ben, at)
    together(
        lambda: connections.accept(invitation=invitation, member=ben, at=at),
        lambda: blocks.block(blocker=ada, blocked=ben, at=at),
    )
    assert not Connection.objects.exists()
    assert not connections.received(ben).exists()


@pytest.mark.django_db(transaction=True)
def test_parallel_invitations_stay_within_the_weekly_limit(
    ada: Member, rules: Callable[..., PolicyVersion], person: Callable[..., Member], at: datetime
) -> None:
    rules(invitations_per_week=3)
    people = [person(f"Person {n}") for n in range(8)]
    results = together(*[lambda other=other: invited(ada, other, at) for other in people])
    assert Invitation.objects.filter(sender=ada).count() == 3
    assert sum(isinstance(result, connections.WeeklyLimit) for result in results) == 5
