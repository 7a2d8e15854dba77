"""A block is silent: what the blocked side sees is what an unanswered invitation looks like."""

from datetime import datetime, timedelta

import pytest

from accounts import blocks, connections
from accounts.models import Block, Connection, Invitation, Member


def test_a_block_ends_the_connection(ada: Member, ben: Member, at: datetime) -> None:
    Connection.objects.create(low=ada, high=ben, connected_at=at)
    blocks.block(blocker=ben, blocked=ada, at=at)
    assert not Connection.objects.exists()
    assert blocks.blocked_ids_either_way(ada.pk) == {ben.pk}
    assert blocks.blocked_ids_either_way(ben.pk) == {ada.pk}


def test_blocking_twice_is_one_block(ada: Member, ben: Member, at: datetime) -> None:
    first = blocks.block(blocker=ben, blocked=ada, at=at)
    assert blocks.block(blocker=ben, blocked=ada, at=at + timedelta(days=1)) == first
    assert Block.objects.count() == 1


def test_nobody_blocks_themselves(ada: Member, at: datetime) -> None:
    with pytest.raises(blocks.BlockRefused):
        blocks.block(blocker=ada, blocked=ada, at=at)


def test_an_invitation_to_a_blocker_waits_for_ever_and_is_never_shown(ada: Member, ben: Member, at: datetime) -> None:
    blocks.block(blocker=ben, blocked=ada, at=at)
    invitation = connections.invite(sender=ada, recipient=ben, note="Hello", at=at)
    assert list(connections.sent(ada)) == [invitation]
    assert not connections.received(ben).exists()
    blocks.unblock(blocker=ben, blocked=ada)
    assert not connections.received(ben).exists()


def test_an_invitation_to_a_deactivated_member_looks_the_same(ada: Member, ben: Member, at: datetime) -> None:
    Member.objects.filter(pk=ben.pk).update(is_active=False)
    ben.refresh_from_db()
    invitation = connections.invite(sender=ada, recipient=ben, note="Hello", at=at)
    assert list(connections.sent(ada)) == [invitation]
    Member.objects.filter(pk=ben.pk).update(is_active=True)
    assert not connections.received(ben).exists()


def test_a_former_connection_who_is_deactivated_can_be_invited_without_a_hint(
    ada: Member, ben: Member, at: datetime
) -> None:
    Connection.objects.create(low=ada, high=ben, connected_at=at)
    Member.objects.filter(pk=ben.pk).update(is_active=False)
    ben.refresh_from_db()
    assert connections.invite(sender=ada, recipient=ben, note="", at=at).state == Invitation.State.IGNORED


def test_a_pending_invitation_to_the_blocker_goes_on_waiting(ada: Member, ben: Member, at: datetime) -> None:
    invitation = connections.invite(sender=ada, recipient=ben, note="", at=at)
    blocks.block(blocker=ben, blocked=ada, at=at)
    assert list(connections.sent(ada)) == [invitation]
    assert not connections.received(ben).exists()
    with pytest.raises(connections.InvitationGone):
        connections.restore(invitation=invitation, member=ben)
    with pytest.raises(connections.InvitationGone):
        connections.accept(invitation=invitation, member=ben, at=at)


def test_the_blockers_own_invitation_looks_withdrawn(ada: Member, ben: Member, at: datetime) -> None:
    invitation = connections.invite(sender=ada, recipient=ben, note="", at=at)
    blocks.block(blocker=ada, blocked=ben, at=at)
    assert not connections.received(ben).exists()
    with pytest.raises(connections.InvitationGone):
        connections.accept(invitation=invitation, member=ben, at=at)
    assert not Connection.objects.exists()


def test_both_may_block_and_each_lifts_only_their_own(ada: Member, ben: Member, at: datetime) -> None:
    blocks.block(blocker=ada, blocked=ben, at=at)
    blocks.block(blocker=ben, blocked=ada, at=at)
    blocks.unblock(blocker=ada, blocked=ben)
    assert list(blocks.blocked_by(ben)) == [ada]
    assert not blocks.blocked_by(ada).exists()
