"""Taking a person out of the database, for what must outlast them."""

from __future__ import annotations

from portal.database import db, is_postgres
from portal.people.models import Person


def erase(person: Person) -> None:
    """Their row alone. PostgreSQL asks the trigger of a session's history even where there is none of theirs."""
    if is_postgres():
        db.execute_sql("drop trigger if exists session_event_kept on session_event")
    Person.delete().where(Person.id == person.id).execute()
