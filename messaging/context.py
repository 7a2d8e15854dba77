"""What the frame of every page shows a member: unread messages, notices, credits. Asked only when drawn."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import news
from accounts.clock import now
from accounts.models import Member
from billing.meter import meter
from billing.standing import standing
from messaging import trays


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame`: unread, notices, balance, may_come_back, lots_meter; nothing for visitors."""
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {}
    member = request.user
    return {"frame": SimpleLazyObject(lambda: _frame(member))}


def _frame(member: Member) -> dict[str, Any]:
    at = now()
    credits = standing(member, at=at)
    return {
        "unread": trays.unread_count(member, at),
        "notices": news.unread_count(member),
        "balance": credits.balance,
        "may_come_back": credits.may_come_back,
        "lots_meter": meter(credits),
    }
