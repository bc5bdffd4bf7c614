"""Openings by day: a strip of days to choose from, and the times of the chosen one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.when import DAYS, Reader

MORNING, AFTERNOON, EVENING = 6, 12, 17
"""The hours at which they begin."""
PARTS = (("Night", 0), ("Morning", MORNING), ("Afternoon", AFTERNOON), ("Evening", EVENING))
FULL_DAY = 8
"""Openings from which a day counts as wide open."""


@dataclass(frozen=True)
class Day:
    """A day of the strip: how open it is, from 0 to 3."""

    iso: str
    weekday: str
    number: int
    openness: int
    is_chosen: bool


@dataclass(frozen=True)
class Days:
    """The strip, and the openings of the chosen day by part of the day."""

    chosen: date
    strip: list[Day]
    parts: list[tuple[str, list[datetime]]]


def closest(starts: Iterable[datetime], wanted: datetime, most: int = 3) -> list[datetime]:
    """The `most` starts closest to the one that was wanted, in order of time."""
    return sorted(sorted(starts, key=lambda start: (abs(start - wanted), start))[:most])


def by_day(starts: Iterable[datetime], day: str, reader: Reader) -> Days:
    """These starts in the reader's days. `day` (ISO 8601) is chosen where it has any, else the first that has."""
    days: dict[date, list[datetime]] = defaultdict(list)
    for start in starts:
        days[reader.date(start)].append(start)
    chosen = _chosen_day(day, days, reader)
    return Days(chosen, _strip(days, chosen, reader), _parts(days.get(chosen, []), reader))


def _chosen_day(given: str, days: dict[date, list[datetime]], reader: Reader) -> date:
    try:
        wanted = date.fromisoformat(given)
    except ValueError:
        wanted = None
    if wanted in days:
        return wanted
    return min(days, default=reader.today)


def _strip(days: dict[date, list[datetime]], chosen: date, reader: Reader) -> list[Day]:
    last = max([reader.today + timedelta(days=6), *days])
    strip = []
    day = reader.today
    while day <= last:
        count = len(days.get(day, []))
        openness = 0 if not count else 1 if count <= 2 else 2 if count < FULL_DAY else 3
        strip.append(Day(day.isoformat(), DAYS[day.weekday()], day.day, openness, day == chosen))
        day += timedelta(days=1)
    return strip


def _parts(starts: list[datetime], reader: Reader) -> list[tuple[str, list[datetime]]]:
    parts: dict[str, list[datetime]] = {name: [] for name, _ in PARTS}
    for start in starts:
        hour = start.astimezone(reader.zone).hour
        parts[[name for name, begins in PARTS if begins <= hour][-1]].append(start)
    return [(name, times) for name, times in parts.items() if times]
