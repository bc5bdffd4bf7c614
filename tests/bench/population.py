"""A programme of any size: the demo's 200 mentors through the import, then copies of their rows."""

from __future__ import annotations

import random
from pathlib import Path

from portal import database, schema
from portal.availability import hours
from portal.availability.hours import Plan
from portal.availability.models import Availability, Openings
from portal.database import db, rows, write
from portal.mentors.models import Mentor, MentorExpertise
from portal.people.models import Person
from portal.people.signing_in import person_with
from portal.programme.imports import import_mentors

MENTORS = Path(__file__).parents[2] / "portal" / "demo" / "mentors.csv"
APART = 100_000
"""Ids of one copy lie this far from those of the next."""


def populate(url: str, mentors: int) -> None:
    """Fill an empty database with this many published mentors with hours, and 300 mentees."""
    database.open_database(url)
    database.connect()
    schema.migrate()
    _originals()
    for copy in range(1, mentors // 200):
        _copy(copy)
    _mentees()
    db.execute_sql("analyze")
    database.disconnect()


@write
def _originals() -> None:
    chance = random.Random(11)
    with MENTORS.open(encoding="utf-8", newline="") as file:
        import_mentors(file, publish=True)
    for mentor in Mentor.select():
        days = chance.sample(range(7), 3)
        starts = [chance.randrange(8 * 4, 18 * 4) * 15 for _ in days]
        weekly = tuple((day, start, start + 120) for day, start in zip(days, starts, strict=True))
        hours.save(
            Plan(mentor.person.time_zone, weekly, lengths=chance.choice(((15, 30), (15, 30, 60)))), mentor=mentor
        )


@write
def _copy(number: int) -> None:
    shift = number * APART
    for model, keys in (
        (Person, ("id",)),
        (Mentor, ("person",)),
        (MentorExpertise, ("mentor",)),
        (Availability, ("mentor",)),
        (Openings, ("mentor",)),
    ):
        originals = rows(model.select().where(getattr(model, keys[0]) <= APART).order_by(getattr(model, keys[0])))
        for row in originals:
            row[keys[0]] += shift
            row.update({name: f"{row[name]}-{number}" for name in ("email", "slug") if name in row})
        for start in range(0, len(originals), 100):
            model.insert_many(originals[start : start + 100]).execute()


@write
def _mentees() -> None:
    for number in range(300):
        person = person_with(f"mentee-{number}@example.org")
        person.name = f"Mentee {number}"
        person.save()
