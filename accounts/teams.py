"""Teams: what one is, who looks after it, and why a change to it is refused (domain 5.8)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member, Team, TeamAdmin


class TeamRefused(Exception):
    """Nothing was written; the text is a sentence for whoever asked."""


class AlreadyAdministers(TeamRefused):
    """A member administers one team."""


class LastAdmin(TeamRefused):
    """A team has somebody who looks after it."""


class AlreadySeated(TeamRefused):
    """A member holds one seat."""


class NoFreeLicence(TeamRefused):
    """Every licence that is paid for is held or offered."""


class MovesUsedUp(TeamRefused):
    """As many moves of this kind in 30 days as are allowed; says from when the next one is."""


class NotReallocated(TeamRefused):
    """On this site a licence stays with whoever got it first."""


class InvitationGone(TeamRefused):
    """It was taken, withdrawn or is too old."""


class SeatGone(TeamRefused):
    """The seat was taken back or given on meanwhile."""


def found(*, name: str, admin: Member, at: datetime) -> Team:
    """A new team, looked after by `admin`; `name` is a clean line. Raises AlreadyAdministers."""
    with transaction.atomic():
        team = Team.objects.create(name=name, founded_at=at)
        appoint(team=team, member=admin, at=at)
    return team


def appoint(*, team: Team, member: Member, at: datetime) -> TeamAdmin:
    """`member` looks after the team too. Twice is once. Raises AlreadyAdministers for another team's admin."""
    earlier = TeamAdmin.objects.filter(member=member, until=None).first()
    if earlier is None:
        try:
            with transaction.atomic():
                return TeamAdmin.objects.create(team=team, member=member, since=at)
        except IntegrityError:
            # Another request was quicker.
            earlier = TeamAdmin.objects.get(member=member, until=None)
    if earlier.team_id != team.pk:
        raise AlreadyAdministers(_("%(member)s looks after another team.") % {"member": member})
    return earlier


def dismiss(*, team: Team, member: Member, at: datetime) -> None:
    """`member` no longer looks after the team. Twice is once. Raises LastAdmin."""
    with transaction.atomic():
        lock(team)
        admins = set(admins_of(team).values_list("member_id", flat=True))
        if admins == {member.pk}:
            raise LastAdmin(_("A team needs an admin. Appoint another one first."))
        TeamAdmin.objects.filter(team=team, member=member, until=None).update(until=at)


def admins_of(team: Team) -> QuerySet[TeamAdmin]:
    """Who looks after the team now, longest first."""
    return TeamAdmin.objects.filter(team=team, until=None).select_related("member").order_by("since", "pk")


def administered_by(member: Member) -> Team | None:
    """The team that the member looks after."""
    return Team.objects.filter(admins__member=member, admins__until=None).first()


def lock(team: Team) -> None:
    """Of one team's changes one goes on at a time: what is counted afterwards stays true."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
