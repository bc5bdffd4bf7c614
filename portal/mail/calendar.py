"""A calendar entry (RFC 5545), for pages to download and for mails to carry. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event


@dataclass(frozen=True)
class Entry:
    """One event: the same `uid` each time it is told, and a `sequence` that only rises (3.8.7.4)."""

    uid: str
    sequence: int
    start: int
    """Epoch seconds."""
    length: int
    """Minutes."""
    summary: str
    description: str
    where: str
    path: str
    """Its page, under the address of the portal."""
    is_cancelled: bool


def to_ical(entry: Entry, *, portal_url: str, stamp: datetime) -> bytes:
    """The entry as a file: times in UTC, and CANCELLED once it is."""
    url = portal_url + entry.path
    start = datetime.fromtimestamp(entry.start, UTC)
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", stamp)
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(minutes=entry.length))
    event.add("sequence", entry.sequence)
    event.add("summary", entry.summary)
    event.add("description", f"{entry.description}\n\n{url}")
    event.add("url", url)
    if entry.where:
        event.add("location", entry.where)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Micro-mentoring portal//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
