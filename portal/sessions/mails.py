"""Mails about sessions, to each side in its own zone, with the calendar entry where it changes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from portal.clock import now
from portal.mail import outbox
from portal.mail.kinds import Kind, kind
from portal.mail.outbox import Outbox
from portal.people.models import Person
from portal.sessions.feed import uses_feed
from portal.sessions.ical import entry_of
from portal.sessions.models import PATIENCE, Session
from portal.sessions.recipients import Recipient, everybody, mentee_of, mentor_of, other_side, teammate_of
from portal.sessions.turns import Seat, full_sessions


def is_off(letter: Outbox) -> str:
    """Nothing is sent for a session that was cancelled meanwhile but the word of that, nor to who left it."""
    session = session_of(letter)
    if session is None or session.is_cancelled:
        return "the session was cancelled"
    return "" if letter.recipient in {to.email for to in everybody(session)} else "they are no longer part of it"


def session_of(letter: Outbox) -> Session | None:
    """The session that a letter is about, as it stands."""
    found: Session | None = full_sessions().where(Session.ref == letter.facts["ref"]).first()
    return found


def _is_overtaken(letter: Outbox) -> str:
    """What a calendar was told later counts: a letter that was given up, and is sent again, brings nothing old."""
    same = (Outbox.subject == letter.subject) & (Outbox.recipient == letter.recipient)
    later = (Outbox.id > letter.id) & (Outbox.state == "sent") & (Outbox.kind << [kind.name for kind in FOR_CALENDARS])
    return "something newer was sent" if Outbox.select().where(same & later).exists() else ""


def _is_off_or_overtaken(letter: Outbox) -> str:
    return is_off(letter) or _is_overtaken(letter)


def _is_off_or_shut_out(letter: Outbox) -> str:
    """Who is suspended has no use for a seat."""
    reader = Person.get_or_none(Person.email == letter.recipient)
    return "they are suspended" if reader and reader.is_suspended else _is_off_or_overtaken(letter)


def _is_handed_over_anew(letter: Outbox) -> str:
    """Who handed a session over learns it all the same: it is in their calendar."""
    return _is_overtaken(letter) if letter.facts["by_you"] else _is_off_or_overtaken(letter)


def _is_moved_or_off(letter: Outbox) -> str:
    session = session_of(letter)
    return is_off(letter) or ("it was moved" if session and not session.move_request else "")


def _tell_anew(letter: Outbox) -> None:
    """What takes an entry out of a calendar is told all the same, without whoever left."""
    session = session_of(letter)
    if session is None or session.start <= now():
        return
    if letter.kind == "sessions/cancelled" and session.cancelled_by:
        cancelled(session, by=session.cancelled_by)
    elif letter.kind == "sessions/cancelled":
        called_off(session, without=None)
    else:
        no_longer_part(session, letter.recipient)


def _with_the_giver(letter: Outbox) -> dict[str, Any]:
    """As they are called by now: they may have left."""
    giver = Person.get_or_none(Person.id == letter.facts.get("giver"))
    return {**letter.facts, "by": giver.name} if giver else letter.facts


def _is_long_ago(letter: Outbox) -> str:
    waits_no_longer = now() >= datetime.fromtimestamp(letter.facts["start"], UTC) + PATIENCE
    return is_off(letter) or ("the ten minutes are over" if waits_no_longer else "")


BOOKED_MENTOR = kind("sessions/booked_mentor", "Somebody booked you", needed=True, unless=_is_off_or_overtaken)
BOOKED_MENTEE = kind("sessions/booked_mentee", "You booked", needed=True, unless=_is_off_or_overtaken)
CANCELLED = kind("sessions/cancelled", "A session was cancelled", needed=True, anew=_tell_anew)
MOVED = kind("sessions/moved", "A session was moved", needed=True, unless=_is_off_or_overtaken)
MOVE_ASKED = kind("sessions/move_asked", "Your mentor asks for another time", needed=True, unless=_is_moved_or_off)
LATE = kind("sessions/late", "Somebody is 5 minutes late", needed=True, unless=_is_long_ago)
DID_NOT_COME = kind("sessions/did_not_come", "Somebody says that you did not come", needed=True)
OBJECTED = kind("sessions/objected", "An answer to that", needed=True)
INVITED = kind("sessions/invited", "You are invited to a session", needed=True, unless=_is_off_or_shut_out)
NO_LONGER_PART = kind(
    "sessions/no_longer_part",
    "You are no longer part of a session",
    needed=True,
    unless=_is_overtaken,
    anew=_tell_anew,
)
HANDED_OVER = kind(
    "sessions/handed_over",
    "A session was handed over",
    needed=True,
    unless=_is_handed_over_anew,
    words=_with_the_giver,
)
FOR_CALENDARS = (BOOKED_MENTOR, BOOKED_MENTEE, CANCELLED, MOVED, INVITED, NO_LONGER_PART, HANDED_OVER)
"""They bring an entry, change it, or take it away."""


def booked(session: Session) -> None:
    """To the mentor with the brief, and to the mentee as a receipt."""
    _tell(session, BOOKED_MENTOR, mentor_of(session), calendar=True)
    _tell(session, BOOKED_MENTEE, mentee_of(session), calendar=True)


def cancelled(session: Session, *, by: Person) -> None:
    """To all: what was called off, by whom, and why."""
    for to in everybody(session):
        _tell_off(session, to, **_who(session, to, by))


def called_off(session: Session, *, without: Person | None) -> None:
    """To all: nobody in it called it off. Only who is shut out is told that this is why."""
    for to in everybody(session):
        is_shut_out = without is not None and to.email == without.email
        _tell_off(session, to, by="", by_you=False, whom=to.other, is_shut_out=is_shut_out)


def _tell_off(session: Session, to: Recipient, **who: Any) -> None:
    _tell(session, CANCELLED, to, calendar=True, is_mentee=to.email == session.mentee.email, **who)


def moved(session: Session, *, before: datetime, by: Person) -> None:
    """To all: when it is now, and when it was."""
    was = int(before.timestamp())
    for to in everybody(session):
        _tell(session, MOVED, to, calendar=True, before=was, **_who(session, to, by))


def move_asked(session: Session) -> None:
    """To the mentee: the mentor asks for another time, and why."""
    _tell(session, MOVE_ASKED, mentee_of(session), request=session.move_request)


def late(seat: Seat) -> None:
    """To the other side: five minutes late."""
    _tell(seat.session, LATE, other_side(seat), who=seat.person.first_name)


def did_not_come(seat: Seat) -> None:
    """To the one who did not come: that it was said, and that they may object."""
    _tell(seat.session, DID_NOT_COME, other_side(seat))


def objected(seat: Seat, objection: str) -> None:
    """To the one who said that the other did not come: their answer."""
    _tell(seat.session, OBJECTED, other_side(seat), who=seat.person.first_name, objection=objection)


def invited(session: Session, email: str) -> None:
    """To a teammate: what it is about, when, and the calendar entry."""
    to = teammate_of(session, email)
    _tell(session, INVITED, to, calendar=True, has_accepted=False)


def no_longer_part(session: Session, email: str) -> None:
    """To a teammate who left, or was taken out: the calendar entry goes."""
    to = teammate_of(session, email)
    _tell(session, NO_LONGER_PART, to, calendar=False)


def handed_over(session: Session, *, by: Person) -> None:
    """To all: whose session it is now; the one who handed it over loses the calendar entry."""
    for to in everybody(session):
        whom = "you" if to.email == session.mentor.person.email else session.mentor.name
        taker = "you" if to.email == session.mentee.email else session.mentee.name
        _tell(session, HANDED_OVER, to, calendar=True, giver=by.id, by_you=False, whom=whom, taker=taker)
    giver = Recipient(by.email, by.time_zone, session.mentor.name)
    names = {"whom": session.mentor.name, "taker": session.mentee.name}
    _tell(session, HANDED_OVER, giver, calendar=False, giver=by.id, by_you=True, **names)


def subject_of(session_id: int) -> str:
    """What all letters about one session tell of: each reader gets them in order."""
    return f"session {session_id}"


def _who(session: Session, to: Recipient, by: Person) -> dict[str, Any]:
    """Who did it, and with whom that one was to meet, as the reader calls them."""
    by_you = to.email == by.email
    is_side = to.email in (session.mentor.person.email, session.mentee.email)
    whom = session.other_name(by)
    return {"by_you": by_you, "by": by.first_name, "whom": "you" if is_side and not by_you else whom}


def _tell(session: Session, kind: Kind, to: Recipient, *, calendar: bool | None = None, **more: Any) -> None:
    """`calendar`: True brings the entry, False takes it away, None leaves it. To those who have the session in
    their feed no mail brings it.
    """
    entry = None
    if calendar is not None and not uses_feed(to.email, session):
        entry = asdict(entry_of(session, other=to.other, is_cancelled=None if calendar else True))
    outbox.put(
        kind,
        subject=subject_of(session.id),
        version=session.sequence,
        to=to.email,
        zone=to.zone,
        words={
            "ref": session.ref,
            "start": int(session.start.timestamp()),
            "length": session.length,
            "mentor": session.mentor.name,
            "mentee": session.mentee.name,
            "mentee_headline": session.mentee.headline,
            "other": to.other,
            "kind": session.kind,
            "format": session.format,
            "where": session.place,
            "objective": session.objective,
            "questions": session.question_list,
            "link": session.link,
            "reason": session.cancel_reason,
            "calendar": entry,
            **more,
        },
    )
