"""Connections: how two members come to be joined by an invitation, and part again.

An invitation that was ignored, or that went to a member who blocked its sender or is deactivated,
stays "Waiting" for its sender (domain 6.2): to them all three are open, and none can be told apart.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import restrictions
from accounts.busy import short_wait
from accounts.connection_refusals import (
    AlreadyConnected,
    InvitationForbidden,
    InvitationGone,
    InvitationRefused,
    InvitationRests,
    ListFull,
    TooFar,
    WeeklyLimit,
    YouBlocked,
)
from accounts.degrees import connected_ids, connections_of, degrees, mutual_connections, mutual_counts
from accounts.models import Block, Connection, Invitation, Member
from accounts.pairs import either_way, lock_pair, low_and_high
from accounts.site_policy import SitePolicy, policy_in_force

__all__ = [
    "AlreadyConnected",
    "InvitationForbidden",
    "InvitationGone",
    "InvitationRefused",
    "InvitationRests",
    "ListFull",
    "TooFar",
    "WeeklyLimit",
    "YouBlocked",
    "accept",
    "connected_ids",
    "connection_between",
    "connections_of",
    "degrees",
    "disconnect",
    "ignore",
    "invite",
    "invited",
    "mutual_connections",
    "mutual_counts",
    "open_invitation",
    "received",
    "restore",
    "sent",
    "withdraw",
]

# Days before a withdrawn invitation may be repeated (domain 7.11).
REST_DAYS = 21
WEEK = timedelta(days=7)
# What its sender sees as "Waiting".
OPEN = (Invitation.State.PENDING, Invitation.State.IGNORED)


def invite(*, sender: Member, recipient: Member, note: str, at: datetime) -> Invitation:
    """Ask to connect; `note` is clean, at most 300 code points. An open invitation is returned as it is.

    Where the other side has one open, this accepts it. To a blocker or a deactivated member it is
    taken and leads nowhere. Raises a subclass of InvitationRefused.
    """
    with short_wait():
        lock_pair(sender, recipient)
        policy = policy_in_force(at)
        _refuse_pair(sender, recipient)
        theirs = open_invitation(sender=recipient, recipient=sender)
        if theirs and recipient.is_active:
            _connect(recipient, sender, policy=policy, at=at)
            return _decided(theirs)
        if mine := open_invitation(sender=sender, recipient=recipient):
            return mine
        _refuse_limited(sender, at=at)
        _refuse_too_far(sender, recipient, policy=policy)
        _refuse_too_soon(sender, recipient, policy=policy, at=at)
        _refuse_full_lists(sender, recipient, policy=policy)
        return _send(sender, recipient, note=note, at=at)


def accept(*, invitation: Invitation, member: Member, at: datetime) -> Connection:
    """The invited `member` agrees. A second time it answers with the same connection.

    Raises InvitationGone or ListFull.
    """
    with short_wait():
        lock_pair(invitation.sender, member)
        if joined := connection_between(invitation.sender_id, member.pk):
            return joined
        if not _still_open(invitation, recipient=member):
            raise InvitationGone(_("This invitation is no longer open."))
        return _connect(invitation.sender, member, policy=policy_in_force(at), at=at)


def ignore(*, invitation: Invitation, member: Member, at: datetime) -> Invitation:
    """The invited `member` puts it away; its sender is not told. Raises InvitationGone."""
    pending = Invitation.objects.filter(pk=invitation.pk, recipient=member, state=Invitation.State.PENDING)
    return _move(pending, invitation, to=Invitation.State.IGNORED, at=at)


def restore(*, invitation: Invitation, member: Member) -> Invitation:
    """Take `ignore` back. Raises InvitationGone."""
    ignored = Invitation.objects.filter(pk=invitation.pk, recipient=member, state=Invitation.State.IGNORED)
    return _move(ignored.exclude(_is_blocked()), invitation, to=Invitation.State.PENDING, at=None)


def withdraw(*, invitation: Invitation, member: Member, at: datetime) -> Invitation:
    """Its sender, `member`, takes it back and cannot repeat it for 21 days. Raises InvitationGone."""
    waiting = Invitation.objects.filter(pk=invitation.pk, sender=member, state__in=OPEN)
    return _move(waiting, invitation, to=Invitation.State.WITHDRAWN, at=at)


def disconnect(*, member: Member, other: Member, at: datetime) -> None:
    """Part two members; harmless if they are not joined. The other side is not told."""
    with short_wait():
        lock_pair(member, other)
        Connection.objects.filter(**low_and_high(member.pk, other.pk)).delete()


def connection_between(one_id: int, other_id: int) -> Connection | None:
    return Connection.objects.filter(**low_and_high(one_id, other_id)).first()


def open_invitation(*, sender: Member, recipient: Member) -> Invitation | None:
    """The one its sender sees as waiting."""
    return Invitation.objects.filter(sender=sender, recipient=recipient, state__in=OPEN).order_by("-sent_at").first()


def received(member: Member) -> QuerySet[Invitation]:
    """What waits for this member's decision, newest first."""
    return (
        Invitation.objects.filter(recipient=member, state=Invitation.State.PENDING, sender__is_active=True)
        .exclude(_is_blocked())
        .select_related("sender__profile")
        .order_by("-sent_at", "-pk")
    )


def sent(member: Member) -> QuerySet[Invitation]:
    """What this member waits for, newest first: put away or not, it looks the same."""
    return (
        Invitation.objects.filter(sender=member, state__in=OPEN)
        .select_related("recipient__profile")
        .order_by("-sent_at", "-pk")
    )


def invited(member: Member) -> QuerySet[Member]:
    """Whom this member waits for."""
    waiting = Invitation.objects.filter(sender=member, state__in=OPEN)
    return Member.objects.filter(pk__in=waiting.values("recipient"))


def _refuse_pair(sender: Member, recipient: Member) -> None:
    if sender.pk == recipient.pk:
        raise YouBlocked(_("This is you."))
    if Block.objects.filter(blocker=sender, blocked=recipient).exists():
        raise YouBlocked(_("You blocked %(n)s.") % {"n": recipient.name})
    if connection_between(sender.pk, recipient.pk) and recipient.is_active:
        raise AlreadyConnected(_("You and %(n)s are connected.") % {"n": recipient.name})


def _refuse_limited(sender: Member, *, at: datetime) -> None:
    limits = restrictions.limits_of(sender, at=at)
    if limits.restricted_until is not None:
        values = {"date": _day(limits.restricted_until)}
        raise InvitationForbidden(_("You cannot invite anybody until %(date)s: see your standing.") % values)


def _refuse_too_far(sender: Member, recipient: Member, *, policy: SitePolicy) -> None:
    """Whoever has no connection yet has no degrees to count: they begin anywhere, within the weekly limit."""
    if policy.invitation_max_degree is None or not connected_ids(sender.pk):
        return
    # A block ends a connection and a closed account is nobody's: both are as far as their other paths (domain 6.2).
    if recipient.pk not in degrees(sender, [recipient.pk]):
        raise TooFar(
            _(
                "You can invite people up to the 3rd degree: whom connections of your connections know. "
                "Only your first connection may be anyone."
            )
        )


def _refuse_too_soon(sender: Member, recipient: Member, *, policy: SitePolicy, at: datetime) -> None:
    withdrawn_after = at - timedelta(days=REST_DAYS)
    withdrawn = (
        Invitation.objects.filter(sender=sender, recipient=recipient, state=Invitation.State.WITHDRAWN)
        .filter(decided_at__gt=withdrawn_after)
        .order_by("-decided_at")
        .first()
    )
    if withdrawn and withdrawn.decided_at:
        raise InvitationRests(
            _("You withdrew an invitation to %(n)s. You can invite again from %(date)s.")
            % {"n": recipient.name, "date": _day(withdrawn.decided_at + timedelta(days=REST_DAYS))}
        )
    _refuse_too_many(sender, policy=policy, at=at)


def _refuse_too_many(sender: Member, *, policy: SitePolicy, at: datetime) -> None:
    limit = policy.invitations_per_week
    if limit is None:
        return
    this_week = Invitation.objects.filter(sender=sender, sent_at__gt=at - WEEK).order_by("-sent_at")
    # The invitation that has to leave the seven days before there is room for one more.
    blocking = this_week.values_list("sent_at", flat=True)[limit - 1 : limit].first() if limit else at
    if blocking:
        raise WeeklyLimit(
            ngettext(
                "You sent %(k)s invitation in seven days, the most there can be. You can invite again from %(date)s.",
                "You sent %(k)s invitations in seven days, the most there can be. You can invite again from %(date)s.",
                limit,
            )
            % {"k": limit, "date": _day(blocking + WEEK)}
        )


def _refuse_full_lists(sender: Member, recipient: Member, *, policy: SitePolicy) -> None:
    if policy.max_connections is None:
        return
    if _count(sender) >= policy.max_connections:
        raise ListFull(_("Your list of connections is full (%(k)s).") % {"k": policy.max_connections})
    if _count(recipient) >= policy.max_connections:
        raise ListFull(_("%(n)s's list of connections is full.") % {"n": recipient.name})


def _count(member: Member) -> int:
    return Connection.objects.filter(Q(low=member) | Q(high=member)).count()


def _send(sender: Member, recipient: Member, *, note: str, at: datetime) -> Invitation:
    # The block is asked for in any case: a query less would tell who left.
    leads_nowhere = Block.objects.filter(blocker=recipient, blocked=sender).exists() or not recipient.is_active
    state = Invitation.State.IGNORED if leads_nowhere else Invitation.State.PENDING
    decided_at = at if leads_nowhere else None
    return Invitation.objects.create(
        sender=sender, recipient=recipient, note=note, sent_at=at, state=state, decided_at=decided_at
    )


def _still_open(invitation: Invitation, *, recipient: Member) -> bool:
    return (
        Invitation.objects.filter(pk=invitation.pk, recipient=recipient, state__in=OPEN, sender__is_active=True)
        .exclude(_is_blocked())
        .exists()
    )


def _connect(inviter: Member, member: Member, *, policy: SitePolicy, at: datetime) -> Connection:
    """Under the lock of the pair. Every open invitation between them is answered by it."""
    _refuse_full_lists(member, inviter, policy=policy)
    connection, _made = Connection.objects.get_or_create(
        **low_and_high(inviter.pk, member.pk), defaults={"connected_at": at}
    )
    Invitation.objects.filter(either_way(inviter.pk, member.pk, near="sender", far="recipient"), state__in=OPEN).update(
        state=Invitation.State.ACCEPTED, decided_at=at
    )
    return connection


def _move(
    waiting: QuerySet[Invitation], invitation: Invitation, *, to: Invitation.State, at: datetime | None
) -> Invitation:
    if not waiting.update(state=to, decided_at=at):
        raise InvitationGone(_("This invitation is no longer open."))
    return _decided(invitation)


def _decided(invitation: Invitation) -> Invitation:
    invitation.refresh_from_db(fields=["state", "decided_at"])
    return invitation


def _is_blocked() -> Exists:
    return Exists(
        Block.objects.filter(
            Q(blocker=OuterRef("sender"), blocked=OuterRef("recipient"))
            | Q(blocker=OuterRef("recipient"), blocked=OuterRef("sender"))
        )
    )


def _day(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "j M Y")
