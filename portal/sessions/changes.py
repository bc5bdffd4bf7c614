"""What can be changed until a session starts: called off, moved, asked to move, other questions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.availability.choices import moves_to
from portal.availability.claims import claim, release_session
from portal.clock import now
from portal.database import write
from portal.errors import OpeningTaken
from portal.limits import limits
from portal.people.models import Person
from portal.sessions import mails
from portal.sessions.holding import give_back, involved, open_to
from portal.sessions.models import ASKED_ELSE, HANDED_OVER, Attendance, Session, SessionEvent
from portal.sessions.turns import Seat, check, not_started, seat_locked, take, turn


@turn("cancellation", "mentor", "mentee")
def _why_not_cancel(seat: Seat) -> str:
    return not_started(seat, "cancel it")


@write
def cancel(session: Session, *, person: Person, reason: str) -> None:
    """Call it off before it starts: the time is free at once, and all others get `reason`.

    Cancelled once, it stays so: the second of two cancellations is refused.
    """
    seat = take("cancellation", session, person=person)
    release_session(session.id)
    changed = keep(seat, "cancelled", cancelled_at=seat.now, cancelled_by=person, cancel_reason=reason, move_request="")
    mails.cancelled(changed, by=person)


@write
def call_off(session: Session, *, without: Person) -> None:
    """Call it off because a coordinator has shut out one of the two: nobody in it did that."""
    seat = take("cancellation", session, person=without)
    release_session(session.id)
    mails.called_off(keep(seat, "called off", cancelled_at=seat.now, move_request=""), without=without)


@turn("move", "mentee")
def _why_not_move(seat: Seat) -> str:
    return not_started(seat, "move it") or _moved_enough(seat)


def _moved_enough(seat: Seat) -> str:
    most = limits().moves
    if seat.session.moves < most:
        return ""
    return f"This session has been moved {'once' if most == 1 else f'{most} times'}, which is as often as it can be."


@write
def move(session: Session, start: datetime, *, mentee: Person) -> None:
    """Move it to another opening of the same mentor, of the same length: the old time is free at once.

    Who said that they are late for the old time has said nothing of the new one. Sent twice, it is moved once.
    Raises OpeningTaken; then it stays where it was.
    """
    seat = seat_locked(session, person=mentee, also=involved(session.mentor, "", mentee))
    if seat.is_mentee and seat.session.start == start and seat.session.moves and not seat.session.is_cancelled:
        return
    check("move", seat)
    availability = open_to(session.mentor)
    if start == seat.session.start:
        raise OpeningTaken("It is at this time already.")
    give_back("", mentee)
    release_session(session.id)
    claim(availability, start, session.length, mentee_id=mentee.id, session=session.id)
    Attendance.delete().where(Attendance.session == session.id).execute()
    changed = keep(seat, "moved", start=start, moves=seat.session.moves + 1, move_request="")
    mails.moved(changed, before=seat.session.start, by=mentee)


def other_openings(session: Session) -> list[datetime]:
    """Where the mentee could move it, in order."""
    mentor, mentee = session.mentor_id, session.mentee_id
    return moves_to(session.id, session.start, session.length, mentor_id=mentor, mentee_id=mentee)


@turn("move-request", "mentor")
def _why_not_ask_to_move(seat: Seat) -> str:
    if seat.session.move_request and not not_started(seat, "move it"):
        return "You have asked to move this session already."
    return not_started(seat, "move it") or _moved_enough(seat)


@write
def ask_to_move(session: Session, *, mentor: Person, reason: str) -> None:
    """Ask the mentee to pick another time. Until they do, the session stays where it is."""
    seat = take("move-request", session, person=mentor)
    Session.update(move_request=reason).where(Session.id == session.id).execute()
    note(seat, "asked to move")
    mails.move_asked(Session.get_by_id(session.id))


@turn("questions", "mentee")
def _why_not_ask_else(seat: Seat) -> str:
    return not_started(seat, "change the questions")


@write
def change_questions(session: Session, questions: tuple[str, ...], *, mentee: Person) -> None:
    """Ask something else, until the session starts."""
    seat = take("questions", session, person=mentee)
    text = "\n".join(questions)
    if text != seat.session.questions:
        Session.update(questions=text, questions_at=seat.now).where(Session.id == session.id).execute()
        note(seat, ASKED_ELSE)


def author_of_brief(session: Session) -> Person:
    """Who answers for the objective and the questions: who changed them last, or else who booked it, whoever has it
    now.
    """
    events = SessionEvent.select(SessionEvent, Person).join(Person).where(SessionEvent.session == session)
    changed = events.where(SessionEvent.what == ASKED_ELSE).order_by(SessionEvent.id.desc()).first()
    given = changed or events.where(SessionEvent.what == HANDED_OVER).order_by(SessionEvent.id).first()
    author: Person = given.person if given else session.mentee
    return author


def keep(seat: Seat, what: str, **changes: Any) -> Session:
    """Change what calendars show: their next version. Returns the session as it is now."""
    raised = Session.sequence + 1
    Session.update(sequence=raised, revised_at=seat.now, **changes).where(Session.id == seat.session.id).execute()
    note(seat, what)
    changed: Session = Session.get_by_id(seat.session.id)
    return changed


def note(seat: Seat, what: str) -> None:
    """Write into the session's history who did what."""
    SessionEvent.create(session=seat.session, person=seat.person, what=what, at=now())
