"""What the frame of every page shows a signed-in member: unread messages and credits. Asked only when drawn."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.clock import now
from accounts.models import Member
from billing.meter import meter
from billing.standing import standing
from messaging import trays


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame`: unread, balance, may_come_back, lots_meter; nothing for visitors, nor before anybody is known."""
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {}
    member = request.user
    return {"frame": SimpleLazyObject(lambda: _frame(member))}


def _frame(member: Member) -> dict[str, Any]:
    at = now()
    credits = standing(member, at=at)
    return {
        "unread": trays.unread_count(member, at),
        "balance": credits.balance,
        "may_come_back": credits.may_come_back,
        "lots_meter": meter(credits),
    }
