"""A change of zone gives no second day's worth of messages (domain 8.1)."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging import caps

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
# Late in the evening of UTC: in Kiritimati the next day began long ago.
LATE = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


def move(member, zone):
    member.time_zone = zone
    member.save(update_fields=["time_zone"])


def used_up(member, *, at):
    return not caps.reserve(member, cap=1, at=at)


def test_a_full_day_stays_full_in_another_zone_until_its_own_midnight(sender):
    noon = LATE - 11 * HOUR
    assert caps.reserve(sender, cap=1, at=noon)

    for zone in ("Pacific/Kiritimati", "Pacific/Midway", "Asia/Tokyo"):
        move(sender, zone)
        assert used_up(sender, at=noon + HOUR)

    assert caps.reserve(sender, cap=1, at=LATE + HOUR)


def test_nobody_hops_from_midnight_to_midnight(sender):
    caps.reserve(sender, cap=1, at=LATE)
    # An hour later the Azores still have the day that is used up.
    move(sender, "Atlantic/Azores")
    assert caps.reserve(sender, cap=1, at=LATE + HOUR) is False

    move(sender, "Asia/Tokyo")
    assert caps.reserve(sender, cap=1, at=LATE + 2 * HOUR)
    for hours, zone in ((3, "Atlantic/Azores"), (11, "Pacific/Kiritimati"), (20, "Pacific/Midway")):
        move(sender, zone)
        assert used_up(sender, at=LATE + hours * HOUR)


def test_an_undone_message_is_taken_from_the_day_on_which_it_went(sender):
    caps.reserve(sender, cap=2, at=LATE)
    move(sender, "Pacific/Kiritimati")

    caps.release(sender, sent_at=LATE)

    assert caps.day_of(sender, at=LATE).outreach == 0
