"""Calendar entries (RFC 5545): mailed as invitations (iTIP, RFC 5546), served as a feed, or downloaded. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vText

ALARM = timedelta(minutes=15)
"""So long before the start a calendar speaks up."""
REFRESH = timedelta(hours=1)
"""How often a calendar is asked to look at a feed again."""


class _Text(vText):
    r"""Text, every letter of it: left to itself, icalendar takes the `\N` of `C:\New` for the end of a line."""

    def to_ical(self) -> bytes:
        """Escaped as RFC 5545 3.3.11 has it."""
        return re.sub(r"[\\;,]", r"\\\g<0>", str(self)).replace("\n", "\\n").encode()


@dataclass(frozen=True)
class Entry:
    """One event: the same `uid` each time it is told, and a `sequence` that only rises (3.8.7.4)."""

    uid: str
    sequence: int
    revised: int
    """When it was last changed; epoch seconds, as `start`."""
    start: int
    length: int
    """Minutes."""
    summary: str
    description: str
    where: str
    path: str
    """Its page, under the address of the portal."""
    is_cancelled: bool


def invitation(
    entry: Entry, *, to: str, sender: str, zone: ZoneInfo, portal_url: str, has_accepted: bool = True
) -> bytes:
    """What a mail carries, so that a calendar adds the entry, changes it, or takes it away: a REQUEST from `sender`,
    which `to` has accepted by booking or offering it, or a CANCEL.
    """
    event = _event(entry, zone, portal_url)
    organizer, attendee = (vCalAddress(f"mailto:{address}") for address in (sender, to))
    organizer.params["CN"] = "Micro-mentoring"
    stands = "ACCEPTED" if has_accepted else "NEEDS-ACTION"
    attendee.params.update(CN=to, ROLE="REQ-PARTICIPANT", PARTSTAT=stands, RSVP="FALSE")
    event.add("organizer", organizer)
    event.add("attendee", attendee)
    return _calendar([event], [entry], zone, method="CANCEL" if entry.is_cancelled else "REQUEST")


def published(entries: Sequence[Entry], *, zone: ZoneInfo, portal_url: str, name: str = "") -> bytes:
    """Entries to look at: a file to download, or, with a name, a feed. The same entries give the same bytes."""
    events = [_event(entry, zone, portal_url) for entry in entries]
    return _calendar(events, entries, zone, method="PUBLISH", name=name)


def _event(entry: Entry, zone: ZoneInfo, portal_url: str) -> Event:
    url = portal_url + entry.path
    start = datetime.fromtimestamp(entry.start, UTC)
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", datetime.fromtimestamp(entry.revised, UTC))
    event.add("dtstart", _local(start, zone))
    event.add("dtend", _local(start + timedelta(minutes=entry.length), zone))
    event.add("sequence", entry.sequence)
    event.add("summary", _Text(entry.summary))
    event.add("description", _Text(f"{entry.description}\n\n{url}"))
    event.add("url", url)
    if entry.where:
        event.add("location", _Text(entry.where))
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    if not entry.is_cancelled:
        event.add_component(_alarm(entry.summary))
    return event


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    """On the wall clock of `zone`, but in UTC where that is UTC: it needs no rules."""
    return instant if _is_utc(zone) else instant.astimezone(zone)


def _is_utc(zone: ZoneInfo) -> bool:
    return zone.key in ("Etc/UTC", "UTC")


def _alarm(summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _Text(summary))
    alarm.add("trigger", -ALARM)
    return alarm


def _calendar(
    events: Iterable[Event], entries: Sequence[Entry], zone: ZoneInfo, *, method: str, name: str = ""
) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Micro-mentoring portal//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("name", name)  # RFC 7986 5.1, and below what calendars read before it
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    if entries and not _is_utc(zone):
        years = [datetime.fromtimestamp(entry.start, UTC).year for entry in entries]
        calendar.add_component(_rules(zone, min(years), max(years)))
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


@lru_cache(maxsize=512)
def _rules(zone: ZoneInfo, first: int, last: int) -> Timezone:
    """The VTIMEZONE for these years; one made for all times is long and takes long."""
    return Timezone.from_tzinfo(zone, zone.key, first_date=date(first - 1, 1, 1), last_date=date(last + 2, 1, 1))
