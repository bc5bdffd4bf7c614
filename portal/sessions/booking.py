"""Booking: an opening becomes a session, once."""

from __future__ import annotations

from dataclasses import dataclass

from portal.availability.claims import claim
from portal.clock import now
from portal.database import lock, write
from portal.errors import Missing, NotAllowedNow
from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions import mails
from portal.sessions.fairness import check_may_book
from portal.sessions.holding import Opening, give_back, held_now, involved, open_to
from portal.sessions.models import Session, SessionEvent
from portal.sessions.turns import Seat, check, seat_at, turn


@dataclass(frozen=True)
class Request:
    """What a mentee asks for: the brief the mentor will read."""

    objective: str
    questions: tuple[str, ...]
    kind: str
    format: str
    link: str = ""
    context: str = ""
    """The next step from the last time, where the two meet again."""


@write
def book(opening: Opening, request: Request, *, mentee: Person, holder: str, hold_ref: str) -> Session:
    """Book `opening` for `mentee`: session, claims, event and letters in one transaction.

    The hold named by `hold_ref` gives its time; without one the opening is taken if it is still
    free. The same `hold_ref` again gives the same session. Raises OpeningTaken, TooManyUpcoming,
    Paused, and NotAllowedNow for one's own opening.
    """
    if mentee.id == opening.mentor.person_id:
        raise NotAllowedNow("You cannot book yourself.")
    lock(Person, involved(opening.mentor, holder, mentee))
    booked = booked_before(hold_ref, mentee)
    if booked is not None:
        return booked
    availability = open_to(opening.mentor)
    check_may_book(mentee)
    held = held_now(hold_ref, holder, opening)
    give_back(holder, mentee)
    session = _create(opening, request, mentee, hold_ref)
    as_of = held.held_at if held else None
    claim(availability, opening.start, opening.length, mentee_id=mentee.id, session=session.id, as_of=as_of)
    SessionEvent.create(session=session, person=mentee, what="booked", at=now())
    mails.booked(session)
    return session


def booked_before(hold_ref: str, mentee: Person) -> Session | None:
    """What this mentee has booked through this hold. Raises Missing where somebody else has."""
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
        context=request.context,
        questions_at=now(),
        revised_at=now(),
        created_at=now(),
    )
    return session


@turn("rebooking", "mentee")
def _why_not_rebook(seat: Seat) -> str:
    if not seat.session.is_cancelled:
        return "Only a cancelled session can be booked anew. Move this one instead."
    return "" if seat.session.objective else "What you wrote for it is no longer kept. Book a new session instead."


def rebook(cancelled: Session, opening: Opening, *, mentee: Person, holder: str, hold_ref: str) -> Session:
    """Book another opening, with the same or another mentor, with all that was written for a session
    that was cancelled. Raises what `book` raises.
    """
    seat = seat_at(cancelled.ref, person=mentee)
    check("rebooking", seat)
    if opening.length != seat.session.length or not offers(opening.mentor, seat.session):
        raise NotAllowedNow("This mentor no longer offers such a session. Choose another time, or somebody else.")
    request = request_of(seat.session, opening.mentor)
    return book(opening, request, mentee=mentee, holder=holder, hold_ref=hold_ref)


def offers(mentor: Mentor, session: Session) -> bool:
    """Whether this mentor would take what a session is for, the way it was to be held."""
    return session.kind in mentor.kinds and session.format in mentor.formats


def request_of(session: Session, mentor: Mentor) -> Request:
    """What the mentee asked for, as they may ask this mentor: the last time was with the mentor of the session."""
    return Request(
        objective=session.objective,
        questions=tuple(session.question_list),
        kind=session.kind,
        format=session.format,
        link=session.link,
        context=session.context if mentor.person_id == session.mentor_id else "",
    )
