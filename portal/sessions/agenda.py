"""Looking at one's sessions: what is next, what was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.clock import now
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.models import Session, Teammate, end_of_session

PAST_SHOWN = 50


@dataclass(frozen=True)
class Agenda:
    """A person's sessions in any role: the next one first, then the latest past one first."""

    ahead: list[Session]
    past: list[Session]


def agenda(person: Person) -> Agenda:
    """Read it: two statements, whatever their number."""
    instant = now()
    latest_end = end_of_session()
    over = (latest_end <= int(instant.timestamp())) | Session.cancelled_at.is_null(False)
    ahead = list(sessions_of(person).where(~over).order_by(Session.start))
    past = list(sessions_of(person).where(over).order_by(Session.start.desc()).limit(PAST_SHOWN))
    return Agenda(ahead, past)


def sessions_of(person: Person) -> Any:
    """In any role, with mentor and mentee."""
    invited = Teammate.select(Teammate.session).where((Teammate.email == person.email) & Teammate.left_at.is_null())
    mine = (Session.mentee == person.id) | (Session.mentor == person.id) | (Session.id << invited)
    return (
        Session.select(Session, Mentor, Person)
        .join(Mentor, on=Session.mentor == Mentor.person)
        .switch(Session)
        .join(Person, on=Session.mentee == Person.id)
        .where(mine)
    )
