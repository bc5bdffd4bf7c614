"""Taking a person out of the database, for what must outlast them."""

from __future__ import annotations

from portal.people.models import Person


def erase(person: Person) -> None:
    """Their row, which nobody does but by hand: `portal.people.erasing` leaves one without anything personal."""
    Person.delete().where(Person.id == person.id).execute()
