"""Blocks: a silent separation of two members. Nothing tells the blocked side of it (domain 6.2)."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.busy import short_wait
from accounts.models import Block, Connection, Invitation, Member
from accounts.pairs import lock_pair, low_and_high


class BlockRefused(Exception):
    """Nothing was written; the text is a sentence for the member who asked."""


def block(*, blocker: Member, blocked: Member, at: datetime) -> Block:
    """Separate two members: their connection ends, invitations between them lead nowhere any more.

    A second time it answers with the block that stands. Raises BlockRefused for oneself.
    """
    if blocker.pk == blocked.pk:
        raise BlockRefused(_("This is you."))
    with short_wait():
        lock_pair(blocker, blocked)
        made, _is_new = Block.objects.get_or_create(blocker=blocker, blocked=blocked, defaults={"blocked_at": at})
        Connection.objects.filter(**low_and_high(blocker.pk, blocked.pk)).delete()
        # Theirs goes on looking as if it waited; ours looks withdrawn.
        _end_invitations(sender=blocked, recipient=blocker, to=Invitation.State.IGNORED, at=at)
        _end_invitations(sender=blocker, recipient=blocked, to=Invitation.State.WITHDRAWN, at=at)
        return made


def unblock(*, blocker: Member, blocked: Member) -> None:
    """Take a block back; what it ended stays ended."""
    Block.objects.filter(blocker=blocker, blocked=blocked).delete()


def blocked_by(member: Member) -> QuerySet[Member]:
    """Whom this member blocked."""
    return Member.objects.filter(pk__in=Block.objects.filter(blocker=member).values("blocked"))


def blocked_ids_either_way(member_id: int) -> set[int]:
    """Everybody this member blocked or was blocked by. For decisions, never for a page."""
    made = Block.objects.filter(blocker=member_id).values_list("blocked", flat=True)
    suffered = Block.objects.filter(blocked=member_id).values_list("blocker", flat=True)
    return set(made.union(suffered))


def _end_invitations(*, sender: Member, recipient: Member, to: Invitation.State, at: datetime) -> None:
    Invitation.objects.filter(
        sender=sender, recipient=recipient, state__in=[Invitation.State.PENDING, Invitation.State.IGNORED]
    ).exclude(state=to).update(state=to, decided_at=at)
