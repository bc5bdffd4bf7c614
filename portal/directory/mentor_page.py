"""What the mentor's page shows: length, day and time to choose from, in the reader's zone."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.availability.choices import choices
from portal.availability.claims import openings_of
from portal.availability.days import by_day
from portal.availability.models import Availability
from portal.availability.weeks import full_weeks
from portal.clock import zone
from portal.errors import Missing
from portal.feedback.rating import lines_about, standing_of
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.when import Reader


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
    availability = Availability.get_or_none(Availability.mentor == mentor)
    their = Reader(zone(availability.time_zone if availability else mentor.person.time_zone), reader.now)
    return {
        "mentor": mentor,
        "lengths": [row.length for row in offered],
        "length": row.length if row is not None else 0,
        "days": by_day(starts, day, reader),
        "their": their,
        "standing": standing_of(mentor.person_id),
        "lines": lines_about(mentor.person_id),
        "weekly_cap": availability.weekly_cap if availability else None,
        "full": [_week(monday, their.today) for monday in full_weeks(availability)] if availability else [],
    }


def _week(monday: date, today: date) -> str:
    away = (monday - today).days
    if away > 7:
        return f"the week of {monday.day} {monday:%B}"
    return "next week" if away > 0 else "this week"
