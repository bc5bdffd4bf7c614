"""The first ten minutes: late, or not there, and the other side's word on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import peewee

from portal.database import write
from portal.people.models import Person
from portal.sessions import mails
from portal.sessions.changes import note
from portal.sessions.models import PATIENCE, RATED, SOON, Attendance, Session, SessionEvent
from portal.sessions.turns import Seat, take, turn

REPORTABLE = timedelta(hours=24)
"""So long after the end it can be said that somebody did not come."""
OBJECTABLE = timedelta(days=14)
"""So long after the end that can be objected to."""


@turn("late-notice", "mentor", "mentee")
def _why_not_late(seat: Seat) -> str:
    if seat.session.is_cancelled:
        return "This session was cancelled, so nobody waits for you."
    if seat.now < seat.session.start - SOON:
        return "You can say that you are late from 15 minutes before the session."
    if seat.now >= seat.session.start + PATIENCE:
        return "Ten minutes have passed. Write a message instead."
    return "You have said so already." if seat.mine and seat.mine.late_at else ""


@write
def say_late(session: Session, *, person: Person) -> None:
    """Tell the other side that one is 5 minutes late."""
    seat = take("late-notice", session, person=person)
    _say(seat, person.id, late_at=seat.now)
    note(seat, "late")
    mails.late(seat)


@turn("absence", "mentor", "mentee")
def _why_not_absent(seat: Seat) -> str:
    if seat.session.is_cancelled:
        return "This session was cancelled, so nobody had to come."
    if seat.now < seat.session.start + PATIENCE:
        return "Give them ten minutes from the start."
    if seat.now >= seat.session.end + REPORTABLE:
        return "This can be said until a day after the session."
    if seat.theirs and seat.theirs.absent_at:
        return "You have said so already."
    return "This session has been rated, so you did meet." if _was_rated(seat.session) else ""


def _was_rated(session: Session) -> bool:
    rated = (SessionEvent.session == session) & (SessionEvent.what == RATED)
    return bool(SessionEvent.select().where(rated).exists())


@write
def mark_absent(session: Session, *, person: Person) -> None:
    """Say that the other side did not come. They are told, and may object once."""
    seat = take("absence", session, person=person)
    _say(seat, seat.other.id, absent_at=seat.now)
    note(seat, "did not come")
    mails.did_not_come(seat)


@turn("objection", "mentor", "mentee")
def _why_not_object(seat: Seat) -> str:
    if seat.mine is None or seat.mine.absent_at is None:
        return "Nobody has said that you did not come."
    if seat.mine.objection:
        return "You have objected already. It is kept."
    if seat.now >= seat.session.end + OBJECTABLE:
        return "You could object for 14 days, and they are over."
    return ""


@write
def object_to(session: Session, *, person: Person, objection: str) -> None:
    """Say, once, that one did come or why one could not."""
    seat = take("objection", session, person=person)
    _say(seat, person.id, objection=objection)
    note(seat, "objected")
    mails.objected(seat, objection)


def was_missed() -> Any:
    """Whether somebody did not come to a session, as the other says and they do not deny, in SQL."""
    stands = Attendance.absent_at.is_null(False) & (Attendance.objection == "")
    return peewee.fn.EXISTS(Attendance.select(Attendance.session).where((Attendance.session == Session.id) & stands))


def _say(seat: Seat, person_id: int, **said: object) -> None:
    Attendance.insert(session=seat.session, person=person_id).on_conflict(
        action="nothing", conflict_target=[Attendance.session, Attendance.person]
    ).execute()
    row = (Attendance.session == seat.session) & (Attendance.person == person_id)
    Attendance.update(**said).where(row).execute()
