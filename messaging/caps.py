"""The day's limits of outreach and of conversations started with connections, in the sender's own zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from accounts.models import Member
from messaging.dates import local_day, next_midnight, zone_of
from messaging.models import SendingDay

A_DAY = timedelta(days=1)
LONGEST_DAY = timedelta(hours=25)


def day_of(member: Member, *, at: datetime) -> SendingDay:
    """The member's day at `at` with what is counted, stored or not yet.

    A day that began goes on to its own end, and the first day after a change of zone ends in neither zone before its
    midnight: otherwise one could hop from midnight to midnight.
    """
    zone = zone_of(member)
    day, ends_at = local_day(at, zone), next_midnight(at, zone)
    near = Q(ends_at__gt=at - A_DAY, ends_at__lte=at + LONGEST_DAY)
    rows = list(SendingDay.objects.filter(near | Q(day=day), member=member))
    ends = {row.ends_at: row for row in rows if row.ends_at is not None and abs(row.ends_at - at) <= LONGEST_DAY}
    if running := [end for end in ends if end > at]:
        return ends[min(running)]
    today = next((row for row in rows if row.day == day), None)
    if today is None and ends and (before := ends[max(ends)].zone) != zone.key:
        ends_at = max(ends_at, next_midnight(at, ZoneInfo(before)))
    today = today or SendingDay(member=member, day=day)
    today.zone, today.ends_at = zone.key, ends_at
    return today


def reserve(member: Member, *, cap: int, at: datetime) -> bool:
    """Count one more outreach for the member's day, unless the cap is full: parallel sends never pass it (M7)."""
    today = _today(member, at=at)
    return SendingDay.objects.filter(pk=today.pk, outreach__lt=cap).update(outreach=F("outreach") + 1) == 1


def reserve_open_profile(member: Member, *, cap: int, at: datetime) -> bool:
    """The same for one more of it to an Open Profile."""
    today = _today(member, at=at)
    return SendingDay.objects.filter(pk=today.pk, open_profile__lt=cap).update(open_profile=F("open_profile") + 1) == 1


def reserve_start(member: Member, *, cap: int, at: datetime) -> bool:
    """The same for one more conversation with a connection."""
    today = _today(member, at=at)
    return SendingDay.objects.filter(pk=today.pk, starts__lt=cap).update(starts=F("starts") + 1) == 1


def release(member: Member, *, sent_at: datetime, was_open_profile: bool = False) -> None:
    """An undone message does not count."""
    day = SendingDay.objects.filter(pk=day_of(member, at=sent_at).pk)
    day.filter(outreach__gt=0).update(outreach=F("outreach") - 1)
    if was_open_profile:
        day.filter(open_profile__gt=0).update(open_profile=F("open_profile") - 1)


def _today(member: Member, *, at: datetime) -> SendingDay:
    today = day_of(member, at=at)
    span = {"zone": today.zone, "ends_at": today.ends_at}
    return SendingDay.objects.update_or_create(member=member, day=today.day, defaults=span)[0]
