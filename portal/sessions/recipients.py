"""Who gets the mails of a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from peewee import JOIN

from portal.database import tuples
from portal.people.models import Person
from portal.sessions.models import Session, Teammate
from portal.sessions.turns import Seat


@dataclass(frozen=True)
class Recipient:
    """One of those who are told, and whom they meet."""

    email: str
    zone: str
    other: str


def everybody(session: Session) -> Iterator[Recipient]:
    """The mentor, the mentee, and the teammates who have not left."""
    yield mentor_of(session)
    yield mentee_of(session)
    there = (Teammate.session == session) & Teammate.left_at.is_null()
    team = Teammate.select(Teammate.email, Person.time_zone).join(
        Person, JOIN.LEFT_OUTER, on=Teammate.email == Person.email
    )
    for row in tuples(team.where(there).order_by(Teammate.id)):
        yield _teammate(session, *row)


def mentor_of(session: Session) -> Recipient:
    """The mentor, who meets the mentee."""
    person = session.mentor.person
    return Recipient(person.email, person.time_zone, session.mentee.name)


def mentee_of(session: Session) -> Recipient:
    """The mentee, who meets the mentor."""
    return Recipient(session.mentee.email, session.mentee.time_zone, session.mentor.name)


def other_side(seat: Seat) -> Recipient:
    """The mentor for the mentee, and the mentee for the mentor."""
    return mentee_of(seat.session) if seat.is_mentor else mentor_of(seat.session)


def teammate_of(session: Session, email: str) -> Recipient:
    """A teammate, who meets the mentor."""
    known = Person.get_or_none(Person.email == email)
    return _teammate(session, email, known.time_zone if known else None)


def _teammate(session: Session, email: str, zone: str | None) -> Recipient:
    # Who has no account yet most likely lives where the one who invites them does.
    return Recipient(email, zone or session.mentee.time_zone, session.mentor.name)
