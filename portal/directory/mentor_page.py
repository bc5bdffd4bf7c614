"""What the mentor's page shows: length, day and time to choose from, in the reader's zone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.availability.choices import choices
from portal.availability.claims import openings_of
from portal.availability.models import Availability
from portal.clock import zone
from portal.errors import Missing
from portal.feedback.rating import lines_about, standing_of
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.when import DAYS, Reader

PARTS = (("Night", 0), ("Morning", 6), ("Afternoon", 12), ("Evening", 17))
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


def visible_mentor(slug: str, *, person_id: int | None, is_coordinator: bool) -> Mentor:
    """The mentor of this slug: to everyone where the page is public, else to the mentor and to
    coordinators. Raises Missing.
    """
    mentor: Mentor | None = (
        Mentor.select(Mentor, Person)
        .join(Person)
        .where(Mentor.slug == slug, Mentor.published_at.is_null(False))
        .first()
    )
    if mentor is None or not (mentor.is_published or is_coordinator or mentor.person_id == person_id):
        raise Missing
    return mentor


def mentor_page(mentor: Mentor, *, length: int, day: str, reader: Reader, mentee_id: int | None) -> dict[str, Any]:
    """Everything the template needs."""
    offered = openings_of(mentor.person_id)
    row = next((row for row in offered if row.length == length), offered[0] if offered else None)
    starts = choices(row, mentee_id=mentee_id) if row is not None and mentor.is_published else []
    by_day: dict[date, list[datetime]] = defaultdict(list)
    for start in starts:
        by_day[reader.date(start)].append(start)
    chosen = _chosen_day(day, by_day, reader)
    availability = Availability.get_or_none(Availability.mentor == mentor)
    mentors_zone = zone(availability.time_zone if availability else mentor.person.time_zone)
    return {
        "mentor": mentor,
        "lengths": [row.length for row in offered],
        "length": row.length if row is not None else 0,
        "days": _strip(by_day, chosen, reader),
        "parts": _parts(by_day.get(chosen, []), reader),
        "chosen": chosen,
        "their": Reader(mentors_zone, reader.now),
        "standing": standing_of(mentor.person_id),
        "lines": lines_about(mentor.person_id),
    }


def _chosen_day(given: str, by_day: dict[date, list[datetime]], reader: Reader) -> date:
    try:
        wanted = date.fromisoformat(given)
    except ValueError:
        wanted = None
    if wanted in by_day:
        return wanted
    return min(by_day, default=reader.today)


def _strip(by_day: dict[date, list[datetime]], chosen: date, reader: Reader) -> list[Day]:
    last = max([reader.today + timedelta(days=6), *by_day])
    days = []
    day = reader.today
    while day <= last:
        count = len(by_day.get(day, []))
        openness = 0 if not count else 1 if count <= 2 else 2 if count < FULL_DAY else 3
        days.append(Day(day.isoformat(), DAYS[day.weekday()], day.day, openness, day == chosen))
        day += timedelta(days=1)
    return days


def _parts(starts: list[datetime], reader: Reader) -> list[tuple[str, list[datetime]]]:
    parts: dict[str, list[datetime]] = {name: [] for name, _ in PARTS}
    for start in starts:
        hour = start.astimezone(reader.zone).hour
        parts[[name for name, begins in PARTS if begins <= hour][-1]].append(start)
    return [(name, times) for name, times in parts.items() if times]
