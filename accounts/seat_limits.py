"""How many seats a team may give out, and how often they change hands (domain 5.8, settings `reallocation`,
`reallocations_per_30_days`). Called under the team's lock; `licences` are the seats that are paid for.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import SeatInvitation, SeatMove, Team
from accounts.site_policy import policy_in_force
from accounts.teams import MovesUsedUp, NoFreeLicence, NotReallocated
from accounts.templatetags.postern import deadline_words

SPAN = timedelta(days=30)
# Invitations, withdrawn ones too, that a team may mail in that span, for each licence.
INVITATIONS_PER_LICENCE = 3


def open_offers(team: Team, *, at: datetime) -> QuerySet[SeatInvitation]:
    """What the team offers now; each keeps one licence."""
    waiting = SeatInvitation.objects.filter(team=team, taken_at=None, withdrawn_at=None, expires_at__gt=at)
    return waiting.order_by("invited_at", "pk")


def check_room(team: Team, *, licences: int, at: datetime) -> None:
    taken = team.seats.held().count() + open_offers(team, at=at).count()
    if taken < licences:
        return
    if not licences:
        raise NoFreeLicence(_("The team has no plan that brings seats."))
    words = ngettext(
        "The %(count)s licence is held or offered already.", "All %(count)s licences are held or offered.", licences
    )
    raise NoFreeLicence(words % {"count": licences})


def check_assigning(team: Team, *, licences: int, at: datetime) -> None:
    """A licence that nobody has held yet is given freely; one that is given again counts."""
    offered = open_offers(team, at=at).filter(replaces=None).count()
    if team.seats.count() + offered >= licences:
        check_moves(team, SeatMove.Kind.ASSIGN, licences=licences, at=at, more=offered)


def check_moves(team: Team, kind: str, *, licences: int, at: datetime, more: int = 0) -> None:
    """At most N moves of a kind in 30 days; `more` will count as soon as they are taken."""
    policy = policy_in_force(at)
    if policy.reallocation != "admin":
        raise NotReallocated(_("On this site a licence stays with whoever got it first."))
    limit = policy.reallocations_per_30_days
    room = (licences if limit is None else limit) - more
    moves = SeatMove.objects.filter(team=team, kind=kind, moved_at__gt=at - SPAN).order_by("-moved_at", "-pk")
    newest = list(moves.values_list("moved_at", flat=True)[: max(room, 1)])
    if len(newest) >= room:
        raise _moves_used_up(room + more, from_=newest[-1] + SPAN if newest else at + SPAN)


def _moves_used_up(limit: int, *, from_: datetime) -> MovesUsedUp:
    words = ngettext(
        "Licences change hands %(count)s time in 30 days, and that is used up. It is possible again from %(day)s.",
        "Licences change hands %(count)s times in 30 days, and these are used up. It is possible again from %(day)s.",
        limit,
    )
    return MovesUsedUp(words % {"count": limit, "day": deadline_words(from_)})


def check_mails(team: Team, *, licences: int, at: datetime) -> None:
    """Nobody's address is mailed over and over by inviting and withdrawing."""
    mailed = SeatInvitation.objects.filter(team=team, invited_at__gt=at - SPAN)
    limit = INVITATIONS_PER_LICENCE * max(licences, 1)
    oldest = list(mailed.order_by("-invited_at").values_list("invited_at", flat=True)[:limit])
    if len(oldest) >= limit:
        words = _("The team sent %(count)s invitations in 30 days. It can send more from %(day)s.")
        raise MovesUsedUp(words % {"count": limit, "day": deadline_words(oldest[-1] + SPAN)})
