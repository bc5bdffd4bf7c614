"""People of whom it was said twice in 30 days that they did not come, and what a coordinator decides on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zlib import crc32

from peewee import fn

from portal.addresses import is_somebodys
from portal.availability import hours
from portal.clock import now
from portal.database import column, lock, write
from portal.errors import Missing, NotAllowedNow, Stale
from portal.mentors.models import Mentor
from portal.mentors.profile import mentor_of
from portal.moderation import mails
from portal.moderation.decisions import decisions_on, keep
from portal.moderation.models import Decision
from portal.people import pauses
from portal.people.models import Person
from portal.sessions.models import Attendance, Session
from portal.when import date_in_full

WITHIN = timedelta(days=30)
"""Two absences said within this time of each other are looked at."""


@dataclass(frozen=True)
class Absent:
    """Somebody of whom others say that they did not come: the latest first, each with its session."""

    person: Person
    absences: list[Attendance]


@dataclass(frozen=True)
class Record(Absent):
    """What a coordinator knows of a person: when they did not come, as others say, what they answered, what
    was decided, and what is paused now. Nothing of what the sessions were about.
    """

    decisions: list[Decision]
    mentor: Mentor | None
    bookings_until: date | None
    hours_until: date | None

    @property
    def version(self) -> str:
        """Changes with every decision, absence and answer: a decision is on what its page showed."""
        said = [(row.session_id, row.absent_at, row.objection) for row in self.absences]
        facts = (self.decisions[0].id if self.decisions else 0, said)
        return f"{crc32(repr(facts).encode()):08x}"

    @property
    def is_new(self) -> bool:
        """Whether one of two that lie close together waits for a coordinator."""
        return any(
            row.reviewed_at is None and abs(row.absent_at - other.absent_at) <= WITHIN
            for row in self.absences
            for other in self.absences
            if other.session_id != row.session_id
        )

    @property
    def is_paused(self) -> bool:
        """Whether they may book nothing now, or their hours are kept closed."""
        return bool(self.bookings_until or self.hours_until)


def waiting(most: int) -> list[Absent]:
    """Those who wait for a coordinator, with the absences since 30 days before the first that waits; who waits
    longest comes first. Two statements.
    """
    new, other = Attendance, Attendance.alias()
    seconds = int(WITHIN.total_seconds())
    close = other.absent_at.between(new.absent_at - seconds, new.absent_at + seconds)
    pairs = new.select(new.person).join(other, on=(other.person == new.person) & (other.session != new.session) & close)
    due = pairs.where(new.absent_at.is_null(False) & new.reviewed_at.is_null()).group_by(new.person)
    people = column(due.order_by(fn.MIN(new.absent_at), new.person).limit(most))
    absences = _absences_of(people)
    return [Absent(absences[person][0].person, _recent(absences[person])) for person in people]


def _recent(absences: list[Attendance]) -> list[Attendance]:
    waits_since = min(row.absent_at for row in absences if row.reviewed_at is None)
    return [row for row in absences if row.absent_at >= waits_since - WITHIN]


def _absences_of(people: Iterable[int]) -> dict[int, list[Attendance]]:
    mentee = Person.alias()
    query: Any = (
        Attendance.select(Attendance, Person, Session, Mentor, mentee)
        .join(Person, on=Attendance.person == Person.id)
        .switch(Attendance)
        .join(Session)
        .join(Mentor, on=Session.mentor == Mentor.person)
        .switch(Session)
        .join(mentee, on=Session.mentee == mentee.id, attr="mentee")
        .where((Attendance.person << list(people)) & Attendance.absent_at.is_null(False))
        .order_by(Attendance.absent_at.desc(), Attendance.session)
    )
    absences = defaultdict(list)
    for row in query:
        absences[row.person_id].append(row)
    return absences


def record_of(person_id: int) -> Record:
    """What is known of somebody. Raises Missing for who has left."""
    person = Person.get_or_none(Person.id == person_id)
    if person is None or not is_somebodys(person.email):
        raise Missing
    mentor = mentor_of(person)
    return Record(
        person,
        _absences_of([person_id])[person_id],
        decisions_on("person", person_id),
        mentor,
        bookings_until=pauses.paused_until(person),
        hours_until=hours.closed_until(mentor) if mentor else None,
    )


@dataclass(frozen=True)
class Verdict:
    """What of a person is paused, until when, and why."""

    until: date
    reason: str
    bookings: bool = True
    hours: bool = False
    """Of a mentor: no openings before that date."""

    def __str__(self) -> str:
        """ "bookings and hours paused until 1 December 2026" """
        paused = [name for name, is_meant in (("bookings", self.bookings), ("hours", self.hours)) if is_meant]
        return f"{' and '.join(paused)} paused until {date_in_full(self.until)}"


def why_not_pause(record: Record) -> str:
    """Why nothing of theirs can be paused now; empty where it can."""
    return "They are suspended, so there is nothing to pause." if record.person.is_suspended else ""


def why_not_end_pause(record: Record) -> str:
    """Why no pause can be ended now; empty where one can."""
    return "" if record.is_paused else "Nothing of theirs is paused."


@write
def pause(person: Person, verdict: Verdict, *, version: str, coordinator: Person) -> None:
    """Pause them until a date, with a reason that they get by mail. Sessions already booked stay. Raises Stale,
    NotAllowedNow for who is suspended.
    """
    record = begin(person, version)
    _check(why_not_pause(record))
    if verdict.bookings:
        pauses.pause(record.person, verdict.until)
    if verdict.hours and record.mentor is not None:
        hours.close_until(record.mentor, verdict.until)
    decision = end(record, str(verdict), coordinator, verdict.reason)
    mails.paused(record.person, decision, bookings=verdict.bookings, hours=verdict.hours, absent=True)


@write
def leave(person: Person, *, version: str, coordinator: Person) -> None:
    """Leave it at that, for what is known so far. Raises Stale, NotAllowedNow where nothing waits."""
    record = begin(person, version)
    if not record.is_new:
        raise NotAllowedNow("Nothing waits for a decision here.")
    end(record, "left as it is", coordinator)


@write
def end_pause(person: Person, *, reason: str, version: str, coordinator: Person) -> None:
    """Let them book, and their hours be open, again; they get a mail. Raises Stale, NotAllowedNow where
    nothing is paused.
    """
    record = begin(person, version)
    _check(why_not_end_pause(record))
    pauses.resume(record.person)
    if record.mentor is not None and record.hours_until:
        hours.close_until(record.mentor, None)
    mails.pause_ended(record.person, end(record, "pause ended", coordinator, reason))


def _check(sentence: str) -> None:
    if sentence:
        raise NotAllowedNow(sentence)


def begin(person: Person, version: str) -> Record:
    """Begin to decide on somebody, inside a transaction. Raises Stale where the page showed less than is known now."""
    lock(Person, [person.id])
    record = record_of(person.id)
    check_is_current(record, version)
    return record


def check_is_current(record: Record, version: str) -> None:
    """Raises Stale where a page of this version showed something else."""
    if record.version != version:
        raise Stale(
            "Something was decided or said about this person since you opened the page. Nothing was done; look at it"
            " as it is now."
        )


def end(record: Record, what: str, coordinator: Person, reason: str = "") -> Decision:
    """Keep what was decided: nothing of what was known waits any more."""
    person = record.person
    waits = (Attendance.person == person.id) & Attendance.absent_at.is_null(False) & Attendance.reviewed_at.is_null()
    Attendance.update(reviewed_at=now()).where(waits).execute()
    return keep("person", person.id, about=person.name, what=what, coordinator=coordinator, reason=reason)
