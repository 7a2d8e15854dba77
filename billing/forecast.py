"""How long credits last at a member's own pace. Said only from ten sends on, with what it is counted from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Sum

from accounts.models import Member

from .models import Charge, Entry
from .standing import Standing

WINDOW_DAYS = 90
SENDS_MIN = 10
# A pace of three busy days is no pace.
DAYS_MIN = 14
HORIZON = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """`sent` InMails in `days`, for `used` credits net of those that came back. Empty `runs_out_at` = not before
    `until`, which is the next allotment, or a year from now.
    """

    sent: int
    days: int
    used: int
    until: datetime
    has_next: bool
    runs_out_at: datetime | None


def forecast(member: Member, held: Standing, *, at: datetime) -> Forecast | None:
    """None under ten sends in 90 days. Two queries."""
    charges = Charge.objects.filter(wallet__member=member, charged_at__gt=at - timedelta(days=WINDOW_DAYS))
    facts = charges.not_reversed().aggregate(sent=Count("pk"), spent=Sum("cost"), first=Min("charged_at"))
    returned = Entry.objects.filter(kind=Entry.Kind.REFUND, charge__in=charges).aggregate(sum=Sum("delta"))["sum"] or 0
    if facts["sent"] < SENDS_MIN:
        return None
    days = min(max((at - facts["first"]).days + 1, DAYS_MIN), WINDOW_DAYS)
    used = facts["spent"] - returned
    until = held.next_at or at + HORIZON
    return Forecast(
        sent=facts["sent"],
        days=days,
        used=used,
        until=until,
        has_next=held.next_at is not None,
        runs_out_at=_runs_out(held, used=used, days=days, at=at, until=until),
    )


def _runs_out(held: Standing, *, used: int, days: int, at: datetime, until: datetime) -> datetime | None:
    """Day by day: what has ended is lost, what is used is taken from what is used first."""
    left = [(lot.expires_at, lot.remaining) for lot in held.lots]
    taken, day = 0, at
    for number in range(1, (until - at).days + 1):
        day = at + timedelta(days=number)
        need = used * number // days - taken
        taken += need
        left = _spend([(end, credits) for end, credits in left if end > day], need)
        if not left:
            return day
    return None


def _spend(lots: list[tuple[datetime, int]], need: int) -> list[tuple[datetime, int]]:
    rest = []
    for end, credits in lots:
        part = min(credits, need)
        need -= part
        if credits > part:
            rest.append((end, credits - part))
    return rest
