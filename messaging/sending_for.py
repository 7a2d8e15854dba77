"""For whom a member writes: the team whose seat they hold, or themselves (domain 5.8). The wallet follows."""

from datetime import datetime
from typing import Any

from accounts import teams
from accounts.models import Member, Seat, Team
from billing import pools
from billing.entitlements import held_at
from billing.standing import standing
from messaging.names import first_name

TEAM, SELF = "team", "self"


def seat_for(member: Member, choice: str = "") -> Seat | None:
    """The seat that pays: the member's active one, unless they chose to write for themselves."""
    if choice == SELF:
        return None
    return Seat.objects.active().filter(member=member).select_related("team").first()


def holder_of(member: Member) -> Member | Team:
    """Whose wallet the member uses if they choose nothing."""
    seat = seat_for(member)
    return member if seat is None else seat.team


def facts_of(member: Member, seat: Seat | None, *, at: datetime) -> dict[str, Any]:
    """What the table of the decision asks about the chosen wallet."""
    credits = standing(member if seat is None else seat.team, at=at)
    return {
        "balance": credits.balance,
        "is_wallet_frozen": credits.held,
        "next_amount": credits.next_amount or 0,
        "next_at": credits.next_at,
        **(_own(member, at=at) if seat is None else _of_seat(member, seat, at=at)),
    }


def _own(member: Member, *, at: datetime) -> dict[str, Any]:
    return {"has_plan": held_at(at).filter(wallet__member=member).exists()}


def _of_seat(member: Member, seat: Seat, *, at: datetime) -> dict[str, Any]:
    allowance = pools.allowance_of(seat, at=at)
    admin = teams.admins_of(seat.team).exclude(member=member).first()
    return {
        "has_plan": held_at(at).filter(wallet__team=seat.team_id).exists(),
        "wallet": seat.team.public_id,
        "allowance": allowance.limit,
        "allowance_left": allowance.left,
        "admin_name": first_name(admin.member.name) if admin else "",
        "admin_handle": admin.member.handle if admin else "",
    }
