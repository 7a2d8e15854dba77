"""Days as sentences name them, in a member's own zone."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import ngettext, pgettext

from accounts.models import Member

MORNING = time_of_day(9)


def zone_of(member: Member) -> ZoneInfo:
    return ZoneInfo(member.time_zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def day_words(instant: datetime, zone: ZoneInfo) -> str:
    """ "20 Feb 2027"."""
    return dateformat.format(instant.astimezone(zone), pgettext("date format", "j M Y"))


def time_words(instant: datetime, zone: ZoneInfo) -> str:
    """ "09:00"."""
    return dateformat.format(instant.astimezone(zone), "H:i")


def deadline_words(instant: datetime, zone: ZoneInfo, *, at: datetime) -> str:
    """The day of a future instant; with the time of day when that day is today."""
    if local_day(instant, zone) != local_day(at, zone):
        return day_words(instant, zone)
    return f"{day_words(instant, zone)}, {dateformat.format(instant.astimezone(zone), 'H:i')}"


def next_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    """The start of the zone's next day, in UTC; across a clock change that day has 23 or 25 hours."""
    tomorrow = local_day(at, zone) + timedelta(days=1)
    return datetime.combine(tomorrow, time_of_day(), zone).astimezone(UTC)


def at_local(day: date, time: time_of_day, zone: ZoneInfo) -> datetime:
    """That time of day in UTC; a time that a clock change leaves out is an hour later."""
    return datetime.combine(day, time, zone).astimezone(UTC)


def tomorrow_morning(at: datetime, zone: ZoneInfo) -> datetime:
    """Nine o'clock of the zone's next day."""
    return at_local(local_day(at, zone) + timedelta(days=1), MORNING, zone)


def morning_after(instant: datetime, zone: ZoneInfo) -> datetime:
    """Nine o'clock of that day, or of the next one if that is past by then."""
    day = local_day(instant, zone)
    morning = at_local(day, MORNING, zone)
    return morning if morning >= instant else at_local(day + timedelta(days=1), MORNING, zone)


def same_time_of_a_later_day(instant: datetime, zone: ZoneInfo, *, at: datetime) -> datetime:
    """The first day after `at` on which the clock shows the time of `instant`."""
    local = instant.astimezone(zone)
    day = max(local.date(), local_day(at, zone))
    later = at_local(day, local.time(), zone)
    return later if later > at else at_local(day + timedelta(days=1), local.time(), zone)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def next_monday(at: datetime, zone: ZoneInfo) -> datetime:
    """The start of the zone's next week, in UTC."""
    monday = monday_of(local_day(at, zone)) + timedelta(days=7)
    return datetime.combine(monday, time_of_day(), zone).astimezone(UTC)


def wait_words(wait: timedelta) -> str:
    """ "6 h", or "12 min" under an hour; rounded up, so that it is never promised too early."""
    minutes = -(-wait // timedelta(minutes=1))
    if minutes < 60:
        return ngettext("%(minutes)s min", "%(minutes)s min", minutes) % {"minutes": minutes}
    hours = -(-minutes // 60)
    return ngettext("%(hours)s h", "%(hours)s h", hours) % {"hours": hours}


def days_words(span: timedelta) -> str:
    """How long somebody took: "3 days", "5 hours", "1 minute"; rounded down."""
    if span.days:
        return ngettext("%(days)s day", "%(days)s days", span.days) % {"days": span.days}
    hours, minutes = span.seconds // 3600, max(span.seconds // 60, 1)
    if hours:
        return ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}
    return ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": minutes}
