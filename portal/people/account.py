"""What a person says of themselves."""

from __future__ import annotations

from portal.database import write
from portal.people.models import Person
from portal.prepared import PreparedModels, once_for_each_engine, slot


def person_of(key: str) -> Person | None:
    """Who is signed in, by what the cookie remembers."""
    found: list[Person] = _by_id().models(id=int(key))
    return found[0] if found else None


@once_for_each_engine
def _by_id() -> PreparedModels:
    return PreparedModels(Person.select().where(Person.id == slot("id")))


@write
def describe(person: Person, *, name: str, headline: str, time_zone: str) -> None:
    """Change the name and headline mentors see, and the zone times are shown in."""
    person.name, person.headline, person.time_zone = name, headline, time_zone
    person.save(only=[Person.name, Person.headline, Person.time_zone])


@write
def make_coordinator(person: Person) -> None:
    """Let this person moderate profiles and run the programme."""
    person.is_coordinator = True
    person.save(only=[Person.is_coordinator])
