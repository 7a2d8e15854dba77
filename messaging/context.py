"""What the frame of every page shows a member: unread messages, notices, credits. Asked only when drawn."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import news, teams
from accounts.clock import now
from accounts.models import Member, Team
from billing.meter import meter
from billing.standing import standing
from messaging import trays
from messaging.sending_for import holder_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame`: unread, notices; of the wallet used by default balance, may_come_back, lots_meter, team (a pool's name);
    is_team_admin. Nothing for visitors.
    """
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {}
    member = request.user
    return {"frame": SimpleLazyObject(lambda: _frame(member))}


def _frame(member: Member) -> dict[str, Any]:
    at = now()
    holder = holder_of(member)
    credits = standing(holder, at=at)
    return {
        "unread": trays.unread_count(member, at),
        "notices": news.unread_count(member),
        "balance": credits.balance,
        "may_come_back": credits.may_come_back,
        "lots_meter": meter(credits),
        "team": holder.name if isinstance(holder, Team) else "",
        "is_team_admin": teams.administered_by(member) is not None,
    }
