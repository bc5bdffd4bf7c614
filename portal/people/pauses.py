"""Pauses: a coordinator lets somebody book nothing until a date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from portal.clock import now, zone
from portal.database import write
from portal.people.models import Person

LONGEST = timedelta(days=365)
USUAL = timedelta(days=13)
"""So many days from the first possible one a pause ends, unless a coordinator says otherwise."""


def first_and_last_day(person: Person) -> tuple[date, date]:
    """The dates until which this person can be paused: from tomorrow to a year from today, in their zone."""
    today = now().astimezone(zone(person.time_zone)).date()
    return today + timedelta(days=1), today + LONGEST


@write
def pause(person: Person, until: date) -> None:
    """Let them book nothing before this date begins in their zone. Sessions already booked stay."""
    midnight = datetime(until.year, until.month, until.day, tzinfo=zone(person.time_zone))
    Person.update(paused_until=midnight.astimezone(UTC)).where(Person.id == person.id).execute()


@write
def resume(person: Person) -> None:
    """Let them book again."""
    Person.update(paused_until=None).where(Person.id == person.id).execute()


def paused_until(person: Person) -> date | None:
    """The date, in their zone, from which they can book again; None for those who can now."""
    if person.paused_until is None or not person.is_paused(now()):
        return None
    until: date = person.paused_until.astimezone(zone(person.time_zone)).date()
    return until
