"""What can be reported: a mentor's public page, a line on it, and in a session, the others and what they wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portal.directory.mentor_page import visible_mentor
from portal.errors import Missing, NotAllowedNow
from portal.feedback.rating import mark_of, rating_of, shown_line
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.preparation.conversation import message_for
from portal.preparation.preparing import prepared
from portal.sessions.apart import others_in
from portal.sessions.changes import author_of_brief
from portal.sessions.models import Session
from portal.sessions.turns import Seat, seat_at


@dataclass(frozen=True)
class Subject:
    """One of these, as it is now."""

    kind: str
    thing: str
    """Which it is, of all there are."""
    person: Person | None
    """Who is reported; None where a teammate has no account yet, or the writer has left."""
    name: str = ""
    """What the reader calls them; empty where the reader may not know."""
    text: str = ""
    mentor: Mentor | None = None
    session: Session | None = None


def subject_at(path: str, *, person: Person) -> Subject:
    """What has this place: "mentors/laila-mansour", "mentors/laila-mansour/lines/0a1b…", "sessions/x7…/message-7".
    Raises Missing for what this person cannot see, NotAllowedNow for what is their own.
    """
    match path.split("/"):
        case ["mentors", slug]:
            return _profile(slug, person)
        case ["mentors", slug, "lines", mark]:
            return _line(slug, mark, person)
        case ["sessions", ref, part]:
            return _part_of_session(ref, part, person)
    raise Missing


def _profile(slug: str, person: Person) -> Subject:
    """A mentor's public page. Coordinators decide on a hidden one where they see it, so it is not there for them."""
    mentor = visible_mentor(slug, person_id=person.id, is_coordinator=False)
    if mentor.person_id == person.id:
        raise NotAllowedNow("This is your own page.")
    said = (mentor.name, mentor.headline, mentor.pronouns, mentor.topic_names, mentor.about)
    text = "\n".join(filter(None, said))
    return Subject("profile", f"mentor {mentor.person_id}", mentor.person, mentor.name, text, mentor)


def _line(slug: str, mark: str, person: Person) -> Subject:
    mentor = visible_mentor(slug, person_id=person.id, is_coordinator=False)
    rating = shown_line(mentor.person_id, mark)
    if rating is None:
        raise Missing
    thing = f"mentor {mentor.person_id} line {mark_of(rating.line)}"
    return Subject("line", thing, rating.session.mentee, text=rating.line, mentor=mentor)


def _part_of_session(ref: str, part: str, person: Person) -> Subject:
    """One of the others ("mentor", "mentee", "teammate-17"), or something that they wrote ("brief", "message-7")."""
    seat = seat_at(ref, person=person)
    whom = others_in(seat).get(part)
    if whom is not None:
        return _in(seat, part, "person", whom)
    kind, _, number = part.partition("-") if part.startswith(("message-", "question-")) else (part, "", "")
    found = PARTS[kind](seat, _number(number)) if kind in PARTS else None
    if found is None:
        raise Missing
    return _in(seat, part, kind, *found)


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _in(seat: Seat, part: str, kind: str, person: Person | None, text: str = "") -> Subject:
    is_mentor = person is not None and person.id == seat.session.mentor_id
    name = seat.session.mentor.name if is_mentor else person.name or person.email if person else ""
    return Subject(kind, f"session {seat.session.id} {part}", person, name, text, session=seat.session)


Found = tuple[Person | None, str] | None
"""Who wrote it, and what."""


def _brief(seat: Seat, _number: int) -> Found:
    session = seat.session
    said = (session.objective, session.questions, session.link, session.context)
    return None if seat.is_mentee else (author_of_brief(session), "\n".join(filter(None, said)))


def _question(seat: Seat, number: int) -> Found:
    asked = (mate for mate in seat.team if mate.id == number and mate.question and mate != seat.own_teammate)
    mate = next(asked, None)
    return (mate.account, mate.question) if mate else None


def _preparation(seat: Seat, _number: int) -> Found:
    both = prepared(seat)
    text = "\n".join(filter(None, (both.line, *both.links)))
    return (seat.session.mentor.person, text) if text and not seat.is_mentor else None


def _message(seat: Seat, number: int) -> Found:
    message = message_for(seat, number)
    return (message.person if message.person_id else None, message.text) if message else None


def _thank_you(seat: Seat, _number: int) -> Found:
    rating = rating_of(seat.session) if seat.is_mentor else None
    return (seat.session.mentee, rating.thank_you) if rating and rating.thank_you else None


def _cancellation(seat: Seat, _number: int) -> Found:
    by, why = seat.session.cancelled_by, seat.session.cancel_reason
    return (by, why) if why and by != seat.person else None


def _move_request(seat: Seat, _number: int) -> Found:
    why = seat.session.move_request
    return (seat.session.mentor.person, why) if why and seat.is_mentee else None


def _objection(seat: Seat, _number: int) -> Found:
    answer = seat.theirs.objection if seat.theirs and seat.role != "teammate" else ""
    return (seat.other, answer) if answer else None


PARTS: dict[str, Callable[[Seat, int], Found]] = {
    "brief": _brief,
    "question": _question,
    "preparation": _preparation,
    "message": _message,
    "thank-you": _thank_you,
    "cancellation": _cancellation,
    "move-request": _move_request,
    "objection": _objection,
}
"""By kind. Each says what there is of it for the one in this place, and None where there is none for them."""
