"""What can be done with a booked session until it starts."""

from __future__ import annotations

from portal.availability.claims import release_session
from portal.clock import now
from portal.database import lock, write
from portal.errors import Missing, NotAllowedNow
from portal.people.models import Person
from portal.sessions import mails
from portal.sessions.models import Session, SessionEvent


def find_session(ref: str, *, person: Person) -> Session:
    """The session of this name, for its mentor and its mentee. Raises Missing for anyone else."""
    session: Session | None = Session.get_or_none(Session.ref == ref)
    if session is None or person.id not in (session.mentor_id, session.mentee_id):
        raise Missing
    return session


@write
def cancel(session: Session, *, person: Person, reason: str) -> None:
    """Call it off before it starts: the time is free at once, and the other side gets `reason`.

    Cancelled once, it stays so: the second of two cancellations is refused.
    """
    lock(Person, [session.mentor_id, session.mentee_id])
    instant = now()
    cancelled = (
        Session.update(cancelled_at=instant, cancelled_by=person, cancel_reason=reason, sequence=Session.sequence + 1)
        .where((Session.id == session.id) & Session.cancelled_at.is_null() & (Session.start > instant))
        .execute()
    )
    if not cancelled:
        raise NotAllowedNow(_why_not(Session.get_by_id(session.id), "cancel"))
    release_session(session.id)
    SessionEvent.create(session=session, person=person, what="cancelled", at=instant)
    mails.cancelled(Session.get_by_id(session.id), by=person)


@write
def change_questions(session: Session, questions: tuple[str, ...], *, mentee: Person) -> None:
    """Ask something else, until the session starts."""
    if session.mentee_id != mentee.id:
        raise Missing
    changed = (
        Session.update(questions="\n".join(questions))
        .where((Session.id == session.id) & Session.cancelled_at.is_null() & (Session.start > now()))
        .execute()
    )
    if not changed:
        raise NotAllowedNow(_why_not(Session.get_by_id(session.id), "change the questions of"))


def _why_not(session: Session, what: str) -> str:
    if session.is_cancelled:
        return "This session was cancelled already."
    return f"This session has started, so it is too late to {what} it."
