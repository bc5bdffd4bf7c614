"""The only reader of the wall clock, and the time zones.

Everything else asks `now()`. A demo may move the clock on; tests may stop it.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

# The system's copy of the zone rules is often a year old and then wrong for a dozen zones
# (Vancouver and Casablanca among them), so the one from PyPI counts.
zoneinfo.reset_tzpath([])

_ahead = timedelta()
_stopped: datetime | None = None


def now() -> datetime:
    """The current instant in UTC, to the second."""
    instant = _stopped if _stopped is not None else datetime.now(UTC)
    return instant.replace(microsecond=0) + _ahead


def set_ahead(ahead: timedelta) -> None:
    """Let the clock run this far ahead of the real one. Demo programmes only."""
    global _ahead  # noqa: PLW0603  # the one clock of a process
    _ahead = ahead


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """Stop the clock at `instant` (aware), for tests."""
    global _stopped  # noqa: PLW0603  # the one clock of a process
    before, _stopped = _stopped, instant.astimezone(UTC)
    try:
        yield
    finally:
        _stopped = before


@cache
def zone_names() -> frozenset[str]:
    """Every IANA zone name that the rules in use know."""
    return frozenset(zoneinfo.available_timezones())


# Browsers still report some zones under names their places no longer use (CLDR keeps the oldest).
_RENAMED = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Louisville": "America/Kentucky/Louisville",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Europe/Kiev": "Europe/Kyiv",
    "UTC": "Etc/UTC",
}


def zone(name: str | None) -> ZoneInfo:
    """The zone of that IANA name, under the name in use today; UTC for an unknown one."""
    name = _RENAMED.get(name or "", name)
    return ZoneInfo(name) if name in zone_names() else ZoneInfo("Etc/UTC")
