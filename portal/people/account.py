"""What a person says of themselves."""

from __future__ import annotations

from portal.database import write
from portal.people.audit import What, record
from portal.people.models import Person


@write
def describe(person: Person, *, name: str, headline: str, time_zone: str) -> None:
    """Change the name and headline mentors see, and the zone times are shown in."""
    person.name, person.headline, person.time_zone = name, headline, time_zone
    person.save(only=[Person.name, Person.headline, Person.time_zone])


def introduce(person: Person, *, name: str) -> None:
    """The name of somebody who has none yet. What people call themselves is not changed by what was typed before
    it was clear who typed it.
    """
    if name and not person.name:
        describe(person, name=name, headline=person.headline, time_zone=person.time_zone)


@write
def make_coordinator(person: Person) -> None:
    """Let this person moderate profiles and run the programme."""
    person.is_coordinator = True
    person.save(only=[Person.is_coordinator])
    record(What.COORDINATOR_MADE, by=None, about=person)
