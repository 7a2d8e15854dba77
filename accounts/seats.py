"""Seats of teams: offered to an address, taken, taken back, given on, parked, limited (domain 5.8).

Knows no plans: `licences`, how many seats are paid for, is told by `billing.pools`, which calls these verbs under the
pool's lock, after posting what was due. Whoever else calls a verb that changes seats has to do the same.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import notices, seat_limits
from accounts.models import Member, Seat, SeatInvitation, SeatMove, Team
from accounts.teams import AlreadySeated, InvitationGone, NoFreeLicence, SeatGone, lock
from accounts.templatetags.postern import deadline_words

INVITATION_LIVES = timedelta(days=14)

Kind = SeatMove.Kind


def seat_of(member: Member) -> Seat | None:
    """The seat that the member holds, parked or not."""
    return Seat.objects.held().filter(member=member).select_related("team").first()


# --- Giving a seat ----------------------------------------------------------------------------------


def invite(*, team: Team, address: str, licences: int, actor: Member, at: datetime) -> SeatInvitation:
    """Offer a seat to an address, by mail, for 14 days. An open offer to it is answered with itself.

    Raises AlreadySeated, NoFreeLicence, NotReallocated, MovesUsedUp.
    """
    with transaction.atomic():
        lock(team)
        offered = _open_offer(team, address.lower(), at=at)
        if offered is not None:
            return offered
        seat_limits.check_room(team, licences=licences, at=at)
        seat_limits.check_assigning(team, licences=licences, at=at)
        return _offer(team, address, licences=licences, actor=actor, at=at)


def withdraw(*, invitation: SeatInvitation, at: datetime) -> None:
    """Take an offer back. Twice is once; raises InvitationGone when the seat is taken."""
    mine = SeatInvitation.objects.filter(pk=invitation.pk)
    mine.filter(taken_at=None, withdrawn_at=None).update(withdrawn_at=at)
    if mine.filter(taken_at__isnull=False).exists():
        raise InvitationGone(_("The seat is taken already."))


def take(*, invitation: SeatInvitation, member: Member, licences: int, at: datetime) -> Seat:
    """`member`, to whom the offer went (`offers_to`), takes the seat; it counts from the next allotment on.

    Twice is once. Raises InvitationGone, AlreadySeated, NoFreeLicence.
    """
    team = invitation.team
    with transaction.atomic():
        lock(team)
        held = seat_of(member)
        if held is not None and held.team_id == team.pk:
            return held
        if held is not None:
            raise AlreadySeated(_("You hold a seat of %(team)s. Leave it first.") % {"team": held.team})
        if team.seats.held().count() >= licences:
            raise NoFreeLicence(_("%(team)s has no free licence left. Ask its admin.") % {"team": team})
        _claim(invitation, at=at)
        return _seated(invitation, member, at=at)


def offers_to(member: Member) -> QuerySet[SeatInvitation]:
    """Offers to the addresses that the member has confirmed, taken and old ones too."""
    confirmed = EmailAddress.objects.filter(user=member, verified=True).values_list("email", flat=True)
    addresses = [address.lower() for address in confirmed]
    return SeatInvitation.objects.filter(address__in=addresses).select_related("team", "invited_by")


# --- Changing a seat --------------------------------------------------------------------------------


def remove(*, seat: Seat, actor: Member, at: datetime) -> Seat:
    """Take a seat back, or leave it (the holder is the actor). What it spent and is owed stays with the team.

    Twice is once.
    """
    with transaction.atomic():
        lock(seat.team)
        if Seat.objects.held().filter(pk=seat.pk).update(left_at=at):
            _note(seat, Kind.REMOVE, actor=actor, at=at)
    seat.refresh_from_db()
    return seat


def reassign(*, seat: Seat, address: str, licences: int, actor: Member, at: datetime) -> SeatInvitation:
    """End a seat and offer its licence to somebody else.

    Raises SeatGone, AlreadySeated, NotReallocated, MovesUsedUp.
    """
    with transaction.atomic():
        lock(seat.team)
        seat_limits.check_moves(seat.team, Kind.REASSIGN, licences=licences, at=at)
        if _open_offer(seat.team, address.lower(), at=at) is not None:
            raise AlreadySeated(_("This address is offered a seat already."))
        _change(seat, left_at=at)
        _note(seat, Kind.REASSIGN, actor=actor, at=at)
        return _offer(seat.team, address, licences=licences, actor=actor, at=at, replaces=seat)


def park(*, seat: Seat, licences: int, actor: Member, at: datetime) -> Seat:
    """The seat keeps its licence, spends nothing and brings no credits. Twice is once.

    Raises SeatGone, NotReallocated, MovesUsedUp.
    """
    return _park(seat, Kind.PARK, parked_at=at, licences=licences, actor=actor, at=at)


def unpark(*, seat: Seat, licences: int, actor: Member, at: datetime) -> Seat:
    """The seat may spend again; it brings credits from the next allotment on. Twice is once. Raises as `park`."""
    return _park(seat, Kind.UNPARK, parked_at=None, licences=licences, actor=actor, at=at)


def set_allowance(*, seat: Seat, allowance: int | None, is_unlimited: bool, actor: Member, at: datetime) -> Seat:
    """Most credits a period for a seat: a number, without limit, or (neither) the allotment of one seat.

    Raises SeatGone.
    """
    with transaction.atomic():
        lock(seat.team)
        held = _held(seat)
        if (held.allowance, held.is_unlimited) != (allowance, is_unlimited):
            _change(held, allowance=allowance, is_unlimited=is_unlimited)
            _note(held, Kind.ALLOWANCE, actor=actor, at=at)
    return held


def _park(seat: Seat, kind: str, *, parked_at: datetime | None, licences: int, actor: Member, at: datetime) -> Seat:
    with transaction.atomic():
        lock(seat.team)
        held = _held(seat)
        if held.is_parked != (parked_at is not None):
            seat_limits.check_moves(seat.team, kind, licences=licences, at=at)
            _change(held, parked_at=parked_at)
            _note(held, kind, actor=actor, at=at)
    return held


# --- What the verbs share ---------------------------------------------------------------------------


def _held(seat: Seat) -> Seat:
    held = Seat.objects.held().filter(pk=seat.pk).select_related("team", "member").first()
    if held is None:
        raise _gone()
    return held


def _change(seat: Seat, **fields: object) -> None:
    if not Seat.objects.held().filter(pk=seat.pk).update(**fields):
        raise _gone()
    for name, value in fields.items():
        setattr(seat, name, value)


def _gone() -> SeatGone:
    return SeatGone(_("This seat was taken back meanwhile."))


def _note(seat: Seat, kind: str, *, actor: Member, at: datetime) -> None:
    SeatMove.objects.create(seat=seat, team_id=seat.team_id, kind=kind, moved_by=actor, moved_at=at)


def _open_offer(team: Team, address: str, *, at: datetime) -> SeatInvitation | None:
    """The open offer to an address; one that is too old makes room for another."""
    offers = SeatInvitation.objects.filter(team=team, address=address, taken_at=None, withdrawn_at=None)
    offers.filter(expires_at__lte=at).update(withdrawn_at=at)
    return offers.first()


def _offer(
    team: Team, address: str, *, licences: int, actor: Member, at: datetime, replaces: Seat | None = None
) -> SeatInvitation:
    address = address.lower()
    seat_limits.check_mails(team, licences=licences, at=at)
    confirmed = EmailAddress.objects.filter(email__iexact=address, verified=True).values("user_id")
    if team.seats.held().filter(Q(member__in=confirmed) | Q(member__email=address)).exists():
        raise AlreadySeated(_("Whoever has this address holds a seat of the team already."))
    expires_at = at + INVITATION_LIVES
    invitation = SeatInvitation.objects.create(
        team=team, address=address, invited_by=actor, invited_at=at, expires_at=expires_at, replaces=replaces
    )
    _mail(invitation)
    return invitation


def _mail(invitation: SeatInvitation) -> None:
    notices.queue(
        address=invitation.address,
        kind="seat_invitation",
        context={
            "team_name": invitation.team.name,
            "admin_name": invitation.invited_by.name,
            "until": deadline_words(invitation.expires_at),
            "path": reverse("billing:seat_invitation", args=[invitation.public_id]),
        },
        key=f"seat:{invitation.public_id}",
        due_at=invitation.invited_at,
        not_after=invitation.expires_at,
    )


def _claim(invitation: SeatInvitation, *, at: datetime) -> None:
    """Claimed by a conditional update: who comes second finds nothing."""
    offers = SeatInvitation.objects.filter(pk=invitation.pk, taken_at=None, withdrawn_at=None, expires_at__gt=at)
    if not offers.update(taken_at=at):
        raise InvitationGone(_("This invitation is no longer open. Ask for another one."))


def _seated(invitation: SeatInvitation, member: Member, *, at: datetime) -> Seat:
    try:
        with transaction.atomic():
            seat = Seat.objects.create(team=invitation.team, member=member, assigned_at=at)
    except IntegrityError as error:
        # Two teams' offers were taken at one moment.
        raise AlreadySeated(_("You hold another seat already.")) from error
    if invitation.replaces_id is None:
        # A seat that is given on was counted when it was.
        _note(seat, Kind.ASSIGN, actor=invitation.invited_by, at=at)
    return seat
