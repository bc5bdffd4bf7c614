"""Turns: what can be done with a booked session, by whom and when, and in one sentence why not.

A turn has the name of its address under the session: `POST /sessions/<ref>/<name>`. Its rule stands
beside its verb. Pages offer what `Seat.can` allows, and verbs go through `take`, which asks the same
rule again: what is offered is what is accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from peewee import JOIN

from portal.clock import now
from portal.database import lock
from portal.errors import Missing, NotAllowedNow, Stale
from portal.mentors.models import Mentor
from portal.people.models import Person, first_name
from portal.prepared import PreparedModels, once_for_each_engine, slot
from portal.sessions.models import Attendance, Session, Teammate


@dataclass(frozen=True)
class Seat:
    """Somebody's place at a session at an instant: what the rules look at."""

    session: Session
    person: Person
    role: str
    """ "mentor", "mentee" or "teammate"."""
    now: datetime
    attendance: dict[int, Attendance]
    """By person; only of those of whom something was said."""
    team: list[Teammate]
    """Those who have not left."""

    @property
    def stage(self) -> str:
        """ "cancelled", "ahead", "soon", "running" or "over"."""
        return self.session.stage(self.now)

    @property
    def is_mentor(self) -> bool:
        """Whether this is the mentor's place."""
        return self.role == "mentor"

    @property
    def is_mentee(self) -> bool:
        """Whether this is the mentee's place."""
        return self.role == "mentee"

    @property
    def other(self) -> Person:
        """The mentee for the mentor; the mentor for everybody else."""
        person: Person = self.session.mentee if self.is_mentor else self.session.mentor.person
        return person

    @property
    def other_name(self) -> str:
        """Under the name they have in this session."""
        return self.session.other_name(self.person)

    @property
    def other_first_name(self) -> str:
        """For sentences."""
        return first_name(self.other_name)

    @property
    def mine(self) -> Attendance | None:
        """What was said about this person's coming."""
        return self.attendance.get(self.person.id)

    @property
    def theirs(self) -> Attendance | None:
        """What was said about the other's coming."""
        return self.attendance.get(self.other.id)

    @property
    def own_teammate(self) -> Teammate | None:
        """This person's row, if they are a teammate."""
        return next((mate for mate in self.team if mate.email == self.person.email), None)

    @property
    def was_held(self) -> bool:
        """Whether it has ended, and nobody stayed away."""
        return self.stage == "over" and not any(row.is_absence for row in self.attendance.values())

    def key(self, *more: object) -> str:
        """Changes whenever what the top of the page says does."""
        minutes = int((self.session.start - self.now).total_seconds()) // 60
        said = [(row.person_id, row.late_at, row.absent_at, row.objection) for row in self.attendance.values()]
        facts = (self.stage, minutes, self.session.sequence, self.session.move_request, sorted(said), more)
        return f"{crc32(repr(facts).encode()):08x}"

    def can(self, name: str) -> bool:
        """Whether this person may take this turn now."""
        turn = TURNS[name]
        return self.role in turn.roles and not turn.why_not(self)


Rule = Callable[[Seat], str]


@dataclass(frozen=True)
class Turn:
    """Who may take it, and the rule that says why not: an empty sentence where nothing speaks against it."""

    roles: frozenset[str]
    why_not: Rule


TURNS: dict[str, Turn] = {}
"""By name; features add theirs when they are imported."""


def turn(name: str, *roles: str) -> Callable[[Rule], Rule]:
    """Make the rule below the one for the turn of this name, open to these roles."""

    def register(rule: Rule) -> Rule:
        TURNS[name] = Turn(frozenset(roles), rule)
        return rule

    return register


def seat_at(ref: str, *, person: Person) -> Seat:
    """The person's place at the session of this name. Raises Missing for those who have none."""
    session = _session(ref)
    if session is None:
        raise Missing
    team = _team(session)
    role = _role(session, person, team)
    if not role:
        raise Missing
    attendance = {row.person_id: row for row in _attendance().models(session=session.id)}
    return Seat(session, person, role, now(), attendance, team)


def _session(ref: str) -> Session | None:
    found: list[Session] = _by_ref().models(ref=ref)
    return found[0] if found else None


@once_for_each_engine
def _by_ref() -> PreparedModels:
    return PreparedModels(full_sessions().where(Session.ref == slot("ref")))


@once_for_each_engine
def _attendance() -> PreparedModels:
    return PreparedModels(Attendance.select().where(Attendance.session == slot("session")))


def full_sessions() -> Any:
    """Sessions, each with its mentor and the accounts of both sides."""
    mentors_account = Person.alias()
    return (
        Session.select(Session, Mentor, mentors_account, Person)
        .join(Mentor, on=Session.mentor == Mentor.person)
        .join(mentors_account, on=Mentor.person == mentors_account.id, attr="person")
        .switch(Session)
        .join(Person, on=Session.mentee == Person.id)
    )


def _team(session: Session) -> list[Teammate]:
    return _those_in().models(session=session.id)


@once_for_each_engine
def _those_in() -> PreparedModels:
    has_account = (Teammate.email == Person.email) & (Person.name != "")
    team = Teammate.select(Teammate, Person).join(Person, JOIN.LEFT_OUTER, on=has_account, attr="account")
    there = (Teammate.session == slot("session")) & Teammate.left_at.is_null()
    return PreparedModels(team.where(there).order_by(Teammate.id))


def _role(session: Session, person: Person, team: list[Teammate]) -> str:
    if person.id == session.mentor_id:
        return "mentor"
    if person.id == session.mentee_id:
        return "mentee"
    return "teammate" if any(mate.email == person.email for mate in team) else ""


def check(name: str, seat: Seat) -> None:
    """Raises Missing for a role that never has this turn, NotAllowedNow with the rule's sentence."""
    if seat.role not in TURNS[name].roles:
        raise Missing
    sentence = TURNS[name].why_not(seat)
    if sentence:
        raise NotAllowedNow(sentence)


def take(name: str, session: Session, *, person: Person, also: list[int] | None = None) -> Seat:
    """Begin a turn, inside its transaction: nobody else changes the session, its two sides or `also`
    until that ends, and the rule holds. Raises Missing, NotAllowedNow, Stale.
    """
    seat = seat_locked(session, person=person, also=also)
    check(name, seat)
    return seat


def seat_locked(session: Session, *, person: Person, also: list[int] | None = None) -> Seat:
    """The place as it is once no other writer is at work on the session."""
    lock(Person, [session.mentor_id, session.mentee_id, *(also or [])])
    seat = seat_at(session.ref, person=person)
    if seat.session.mentee_id != session.mentee_id:
        raise Stale("This session was handed over meanwhile. Look at it again.")
    return seat


def not_started(seat: Seat, what: str) -> str:
    """The sentence for what ends when a session starts."""
    if seat.session.is_cancelled:
        return "This session was cancelled already."
    if seat.now >= seat.session.start:
        return f"This session has started, so it is too late to {what}."
    return ""
