"""Booking: an opening becomes a session, once."""

from __future__ import annotations

from dataclasses import dataclass

from portal.availability.claims import claim
from portal.clock import now
from portal.database import lock, write
from portal.errors import Missing, NotAllowedNow, TooManyUpcoming
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions import mails
from portal.sessions.holding import Opening, give_back, held_since, involved, open_to
from portal.sessions.models import Session, SessionEvent

MOST_UPCOMING = 3


@dataclass(frozen=True)
class Request:
    """What a mentee asks for: the brief the mentor will read."""

    objective: str
    questions: tuple[str, ...]
    kind: str
    format: str
    link: str = ""


@write
def book(opening: Opening, request: Request, *, mentee: Person, holder: str, hold_ref: str) -> Session:
    """Book `opening` for `mentee`: session, claims, event and letters in one transaction.

    The hold named by `hold_ref` gives its time; without one the opening is taken if it is still
    free. The same `hold_ref` again gives the same session. Raises OpeningTaken, TooManyUpcoming,
    NotAllowedNow.
    """
    if mentee.id == opening.mentor.person_id:
        raise NotAllowedNow("You cannot book yourself.")
    lock(Person, involved(opening.mentor, holder, mentee))
    booked = _booked_before(hold_ref, mentee)
    if booked is not None:
        return booked
    availability = open_to(opening.mentor)
    _check_upcoming(mentee)
    held_at = held_since(hold_ref, holder, opening)
    give_back(holder, mentee)
    session = _create(opening, request, mentee, hold_ref)
    claim(availability, opening.start, opening.length, mentee_id=mentee.id, session=session.id, as_of=held_at)
    SessionEvent.create(session=session, person=mentee, what="booked", at=now())
    mails.booked(session)
    return session


def _booked_before(hold_ref: str, mentee: Person) -> Session | None:
    booked: Session | None = Session.get_or_none(Session.hold_ref == hold_ref)
    if booked is not None and booked.mentee_id != mentee.id:
        raise Missing
    return booked


def _create(opening: Opening, request: Request, mentee: Person, hold_ref: str) -> Session:
    session: Session = Session.create(
        ref=new_token(),
        hold_ref=hold_ref,
        mentor=opening.mentor,
        mentee=mentee,
        start=opening.start,
        length=opening.length,
        kind=request.kind,
        format=request.format,
        objective=request.objective,
        questions="\n".join(request.questions),
        link=request.link,
        created_at=now(),
    )
    return session


def _check_upcoming(mentee: Person) -> None:
    if upcoming_count(mentee) >= MOST_UPCOMING:
        raise TooManyUpcoming(
            f"You have {MOST_UPCOMING} upcoming sessions, which is as many as one person can have."
            " Cancel one, or book again after the next."
        )


def upcoming_count(mentee: Person) -> int:
    """How many sessions the mentee has ahead."""
    ahead = (Session.mentee == mentee) & Session.cancelled_at.is_null() & (Session.start > now())
    return int(Session.select().where(ahead).count())
