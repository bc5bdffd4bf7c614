"""From a calendar file (RFC 5545) to busy quarters. Pure: no database, no clock, no network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count as numbers
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar
from icalendar.cal import Component

from portal.availability.openings import between, instant_of, quarter_from, quarter_of

FARTHEST = timedelta(days=1)
"""A floating time or an all-day event is at most so far from the same time in UTC."""

FREE = {"TRANSP": "TRANSPARENT", "STATUS": "CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS": "FREE"}

WEB_PAGE = (
    "This address leads to a web page, not to a calendar. Copy the address that is called iCal or ICS;"
    " it often ends in .ics."
)
NO_CALENDAR = (
    "What is at this address is not a calendar. Copy the address that is called iCal or ICS; it often ends in .ics."
)
CUT_OFF = "The calendar stops in the middle, so we do not use it. We try again by ourselves."
BROKEN = (
    "We cannot make sense of this calendar. Make a new address for it in your calendar program, and give us that one."
)


class Unreadable(Exception):
    """A calendar cannot be read. The message is a sentence to the mentor: what is wrong, and what would be right."""


@dataclass(frozen=True)
class Busy:
    """Quarters that are busy, as a bitmap, and how many events could not be read and take no time."""

    bits: int
    left_out: int = 0


def busy_in(data: bytes, *, zone: ZoneInfo, base: int, count: int) -> Busy:
    """The quarters from `base` to `base + count` that an event touches. All-day events and times without a zone
    follow the wall clock of `zone`. Raises Unreadable where this is no calendar.
    """
    bits = left_out = 0
    for calendar in _calendars(data):
        for events in _series(calendar):
            try:
                bits |= _busy(_repeated(calendar, events, base, count), zone, base, count)
            except MemoryError:
                raise
            except Exception:  # one event that is written wrongly does not hide the others
                left_out += 1
    return Busy(bits, left_out)


def _calendars(data: bytes) -> Sequence[Component]:
    text = data.removeprefix(b"\xef\xbb\xbf").strip()
    if not text.upper().startswith(b"BEGIN:VCALENDAR"):
        raise Unreadable(WEB_PAGE if text.startswith(b"<") else NO_CALENDAR)
    if not text.upper().endswith(b"END:VCALENDAR"):
        raise Unreadable(CUT_OFF)
    try:
        found = Calendar.from_ical(text, multiple=True)
    except MemoryError:
        raise
    except Exception as error:
        raise Unreadable(BROKEN) from error
    if not found or any(calendar.name != "VCALENDAR" for calendar in found):
        raise Unreadable(BROKEN)
    return found


def _series(calendar: Component) -> Iterable[list[Component]]:
    """The events, those of one UID together: an occurrence that was moved replaces one of its series."""
    series: dict[str, list[Component]] = defaultdict(list)
    nameless = numbers()
    for event in calendar.walk("VEVENT"):
        uid = str(event.get("UID", "")) or f"{next(nameless)}"
        if not _is_ours(uid):
            series[uid].append(event)
    return series.values()


def _is_ours(uid: str) -> bool:
    """What the portal has booked it knows itself; from a copy of it, a cancelled session would stay busy."""
    return uid.startswith("session-") and uid.endswith("@portal")


def _repeated(calendar: Component, events: list[Component], base: int, count: int) -> list[Component]:
    """Every occurrence in this time."""
    alone = Calendar()
    if "X-WR-TIMEZONE" in calendar:
        alone["X-WR-TIMEZONE"] = calendar["X-WR-TIMEZONE"]
    alone.subcomponents = events
    first, last = instant_of(base) - FARTHEST, instant_of(base + count) + FARTHEST
    return list(recurring_ical_events.of(alone).between(first, last))


def _busy(events: list[Component], zone: ZoneInfo, base: int, count: int) -> int:
    bits = 0
    for event in filter(_takes_time, events):
        starts, ends = _instant(event["DTSTART"], zone), _instant(event["DTEND"], zone)
        if starts < ends:
            bits |= between(quarter_of(starts), min(quarter_from(ends), base + count), base)
    return bits


def _takes_time(event: Component) -> bool:
    """Unless it is cancelled, or says that it leaves the time free (RFC 5545 3.8.2.7; Outlook has its own way)."""
    return not any(str(event.get(name, "")).upper() == free for name, free in FREE.items())


def _instant(written: Any, zone: ZoneInfo) -> datetime:
    """A date begins at midnight."""
    when: date = written.dt
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day)  # noqa: DTZ001  # its zone comes next
    return when if when.tzinfo else when.replace(tzinfo=zone)
