"""Calendars as programs write them, and what a person who counts minutes would say is busy in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.availability.busy_file import Busy, busy_in
from portal.availability.openings import instant_of, quarter_of, set_quarters

QUARTER = timedelta(minutes=15)


def calendar(*events: str, head: str = "") -> bytes:
    """A file with these events: their lines without BEGIN and END, a UID for those that have none."""
    bodies = [
        text if "UID:" in text else f"UID:event-{number}@example.org\n{text}" for number, text in enumerate(events)
    ]
    inner = "".join(f"BEGIN:VEVENT\nDTSTAMP:20260101T000000Z\n{body.strip()}\nEND:VEVENT\n" for body in bodies)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//example//EN\n{head}{inner}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def read(data: bytes, first: datetime, *, days: int = 7, zone: str = "Etc/UTC") -> Busy:
    """What is busy in the days from `first` on."""
    return busy_in(data, zone=ZoneInfo(zone), base=quarter_of(first), count=days * 96)


def spans(data: bytes, first: datetime, *, days: int = 7, zone: str = "Etc/UTC") -> list[str]:
    """The same as a person says it: "23 10:00–11:00", on the clock of `zone`."""
    found: list[tuple[datetime, datetime]] = []
    for quarter in set_quarters(read(data, first, days=days, zone=zone).bits, quarter_of(first)):
        start = instant_of(quarter)
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], start + QUARTER)
        else:
            found.append((start, start + QUARTER))
    wall = [(start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))) for start, end in found]
    return [f"{start:%d %H:%M}–{end:%H:%M}" for start, end in wall]


@dataclass(frozen=True)
class Event:
    """A random one: when it begins on the clock of a zone (None: floating), how long it takes, how it repeats."""

    zone: str | None
    begins: datetime
    minutes: int
    times: int = 1
    step: int = 1
    """Days between two of its times."""
    without: frozenset[int] = frozenset()
    """Which of its times do not take place."""
    moved: dict[int, int] = field(default_factory=dict)
    """Which of its times begin so many minutes later."""
    is_free: bool = False

    def lines(self) -> list[str]:
        """The event, and one for each time that was moved."""
        head = [f"UID:{id(self)}@example.org", f"DURATION:PT{self.minutes}M"]
        head += ["TRANSP:TRANSPARENT"] if self.is_free else []
        rule = [f"RRULE:FREQ=DAILY;INTERVAL={self.step};COUNT={self.times}"] if self.times > 1 else []
        rule += [self._at("EXDATE", self._wall(number)) for number in sorted(self.without)]
        series = ["\n".join([*head, self._at("DTSTART", self.begins), *rule])]
        for number, later in self.moved.items():
            start = self._wall(number)
            moved = [self._at("RECURRENCE-ID", start), self._at("DTSTART", start + timedelta(minutes=later))]
            series.append("\n".join([*head, *moved]))
        return series

    def _wall(self, number: int) -> datetime:
        return self.begins + timedelta(days=self.step * number)

    def _at(self, name: str, wall: datetime) -> str:
        return f"{name};TZID={self.zone}:{wall:%Y%m%dT%H%M%S}" if self.zone else f"{name}:{wall:%Y%m%dT%H%M%S}"

    def covers(self, instant: datetime, mentor: ZoneInfo) -> bool:
        """Whether it takes this minute: each of its times is tried, on the clock of its zone."""
        zone = ZoneInfo(self.zone) if self.zone else mentor
        for number in range(self.times):
            wall = self._wall(number) + timedelta(minutes=self.moved.get(number, 0))
            start = wall.replace(tzinfo=zone).astimezone(UTC)
            end = start + timedelta(minutes=self.minutes)
            if number not in self.without and start <= instant < end:
                return not self.is_free
        return False


def minute_by_minute(events: Iterable[Event], first: datetime, *, days: int, zone: str) -> int:
    """The same bitmap, slowly: a quarter is busy where an event takes one of its minutes."""
    bits = 0
    told = list(events)
    for number in range(days * 96):
        start = first + number * QUARTER
        minutes = [start + timedelta(minutes=more) for more in range(15)]
        if any(event.covers(minute, ZoneInfo(zone)) for event in told for minute in minutes):
            bits |= 1 << number
    return bits
