"""The time zones that members can live in: those of the IANA database named after places, and UTC."""

import zoneinfo
from functools import cache

AREAS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@cache
def time_zones() -> tuple[str, ...]:
    """In alphabetical order, UTC first."""
    return ("UTC", *sorted(zone for zone in _known() if zone.startswith(AREAS)))


def is_time_zone(name: str) -> bool:
    """Whether instants can be shown in it; older names such as "GMT" still can."""
    return name in _known()


@cache
def _known() -> frozenset[str]:
    # Asked once: it walks the folders of the time zone database.
    return frozenset(zoneinfo.available_timezones())
