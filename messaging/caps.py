"""The day's limits of outreach and of conversations started with connections, in the sender's own zone."""

from datetime import datetime

from django.db.models import F

from accounts.models import Member
from messaging.dates import local_day, zone_of
from messaging.models import SendingDay


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
    day = SendingDay.objects.filter(member=member, day=local_day(sent_at, zone_of(member)))
    day.filter(outreach__gt=0).update(outreach=F("outreach") - 1)
    if was_open_profile:
        day.filter(open_profile__gt=0).update(open_profile=F("open_profile") - 1)


def _today(member: Member, *, at: datetime) -> SendingDay:
    return SendingDay.objects.get_or_create(member=member, day=local_day(at, zone_of(member)))[0]
