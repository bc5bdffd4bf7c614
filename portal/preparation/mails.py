"""Mails of a preparation and of a conversation."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from portal.clock import now, zone
from portal.errors import Missing
from portal.mail import outbox
from portal.mail.kinds import Kind, kind
from portal.mail.outbox import Outbox
from portal.people.blocks import has_blocked
from portal.people.models import Person, first_name
from portal.preparation.models import Message, Preparation, is_blocked_for
from portal.sessions.mails import is_off, session_of, subject_of
from portal.sessions.models import Session
from portal.sessions.recipients import Recipient, everybody, mentee_of, mentor_of
from portal.sessions.turns import Seat, full_sessions

EXCERPT = 300
"""Characters of a message that a mail brings."""
PATIENCE = timedelta(minutes=1)
"""So long a mail waits for those who were there a moment ago."""


def _is_over(letter: Outbox) -> str:
    """A reminder is of use before the session alone, and for the time that it names."""
    session = session_of(letter)
    if session is not None and _epoch(session.start) != letter.facts["start"]:
        return "the session was moved"
    return is_off(letter) or ("the session has started: too late" if session and now() >= session.start else "")


def _is_read(letter: Outbox) -> str:
    kept = _kept(letter)
    return _is_over(letter) or ("the brief was read" if kept and kept.is_read(kept.session) else "")


def _is_ready(letter: Outbox) -> str:
    kept = _kept(letter)
    return _is_over(letter) or ("they are ready" if kept and kept.is_ready(kept.session) else "")


def _kept(letter: Outbox) -> Preparation | None:
    found: Preparation | None = (
        Preparation.select(Preparation, Session).join(Session).where(Session.ref == letter.facts["ref"]).first()
    )
    return found


def _today(letter: Outbox) -> list[Session]:
    """The sessions of the morning's letter that are still to come that day, in order."""
    day, there = letter.version, zone(letter.zone)
    ahead = (Session.ref << letter.facts["refs"]) & (Session.start > now()) & Session.cancelled_at.is_null()
    found = full_sessions().where(ahead).order_by(Session.start)
    return [session for session in found if session.start.astimezone(there).date().isoformat() == day]


def _are_over(letter: Outbox) -> str:
    return "" if _today(letter) else "the sessions are over"


def _of_today(letter: Outbox) -> dict[str, Any]:
    return {"sessions": [_brief(session) for session in _today(letter)]}


def _is_off_or_gone(letter: Outbox) -> str:
    return is_off(letter) or ("" if _first_unseen(letter) else "what was written is gone")


def _as_written_now(letter: Outbox) -> dict[str, Any]:
    """With the first message that they have not seen: a letter keeps nothing of it."""
    found = _first_unseen(letter)
    if found is None:  # it went after we looked whether it is there
        raise Missing
    text, name, email = found
    excerpt = " ".join(text.split())
    if len(excerpt) > EXCERPT:
        excerpt = f"{excerpt[: EXCERPT - 1]}…"
    return {**_as_it_stands(letter), "excerpt": excerpt, "who": first_name(name) or email}


def _first_unseen(letter: Outbox) -> tuple[str, str, str] | None:
    """The text, and who wrote it, of the first message that it is to tell of."""
    reader = Person.get_or_none(Person.email == letter.recipient)
    unseen = (Session.ref == letter.facts["ref"]) & (Message.id >= letter.facts["message"])
    others = (Person.email != letter.recipient) & ~is_blocked_for(reader.id if reader else 0)
    query = Message.select(Message.text, Person.name, Person.email).join(Session).switch(Message).join(Person)
    found: tuple[str, str, str] | None = query.where(unseen & others).order_by(Message.id).tuples().first()
    return found


def _as_it_stands(letter: Outbox) -> dict[str, Any]:
    """With the time the session has now: it may have been moved since somebody wrote."""
    session = session_of(letter)
    return letter.facts if session is None else {**letter.facts, **_words(session)}


SOON = kind("preparation/soon", "A session starts soon", unless=_is_over)
QUESTIONS_OPEN = kind("preparation/questions_open", "Questions wait to be read", readers="mentor", unless=_is_read)
GET_READY = kind("preparation/get_ready", "Get ready for a session", unless=_is_ready)
BRIEFS = kind(
    "preparation/briefs", "In the morning: the sessions of the day", readers="mentor", unless=_are_over, words=_of_today
)
PREPARED = kind("preparation/prepared", "Your mentor wrote back before a session", unless=is_off, words=_as_it_stands)
MESSAGE = kind("preparation/message", "Messages", unless=_is_off_or_gone, words=_as_written_now)


def prepared(seat: Seat, line: str, links: tuple[str, ...]) -> None:
    """To the mentee: what the mentor wrote. Not to one who has blocked the mentor."""
    mentee = seat.session.mentee
    if has_blocked(mentee.id, seat.session.mentor_id):
        return
    version = f"at {_epoch(seat.now)} {crc32(repr((line, links)).encode()):08x}"
    words = {**_words(seat.session), "line": line, "links": list(links), "who": first_name(seat.session.mentor.name)}
    subject = subject_of(seat.session.id)
    outbox.put(PREPARED, subject=subject, version=version, to=mentee.email, zone=mentee.time_zone, words=words)


def message(seat: Seat, key: int, *, to: str, zone: str, shown: int, may_see: bool) -> None:
    """To another: somebody wrote the message `key`. `shown` is the last message they saw: all that come until they look
    again are one mail. To those who were there a moment ago (`may_see`) it goes a little later, unless they look again.
    """
    later = PATIENCE if may_see else timedelta()
    outbox.put(
        MESSAGE,
        subject=subject_of(seat.session.id),
        version=_after(shown),
        to=to,
        zone=zone,
        words={**_words(seat.session), "message": key},
        later=later,
    )


def seen(seat: Seat, shown: int) -> None:
    """They look: the mail on its way about what came after the message `shown` is not needed."""
    outbox.take_back(MESSAGE, subject=subject_of(seat.session.id), version=_after(shown), to=seat.person.email)


def soon(session: Session, hours: int) -> None:
    """To everybody who comes: it starts soon, and how one gets there."""
    for to in everybody(session):
        _remind(SOON, session, to, hours, other=to.other, format=session.format, where=session.place)


def questions_open(session: Session, hours: int) -> None:
    """To a mentor who has not read the questions."""
    brief = {"objective": session.objective, "questions": session.question_list}
    _remind(QUESTIONS_OPEN, session, mentor_of(session), hours, **brief)


def get_ready(session: Session, hours: int) -> None:
    """To a mentee who has not said that they are ready."""
    _remind(GET_READY, session, mentee_of(session), hours, questions=session.question_list)


def _remind(about: Kind, session: Session, to: Recipient, hours: int, **words: Any) -> None:
    words = {"ref": session.ref, "start": _epoch(session.start), "length": session.length, "other": to.other, **words}
    version = f"{_epoch(session.start)} {hours} h ahead"
    outbox.put(about, subject=subject_of(session.id), version=version, to=to.email, zone=to.zone, words=words)


def briefs(sessions: list[Session], *, day: date) -> None:
    """To a mentor, in the morning: the brief of each session of the day."""
    to = mentor_of(sessions[0])
    words = {"refs": [session.ref for session in sessions]}
    subject = f"day of mentor {sessions[0].mentor_id}"
    outbox.put(BRIEFS, subject=subject, version=day.isoformat(), to=to.email, zone=to.zone, words=words)


def _brief(session: Session) -> dict[str, Any]:
    return {
        "ref": session.ref,
        "start": _epoch(session.start),
        "length": session.length,
        "mentee": session.mentee.name,
        "objective": session.objective,
        "questions": session.question_list,
        "link": session.link,
    }


def _after(shown: int) -> str:
    return f"after {shown}"


def _words(session: Session) -> dict[str, Any]:
    return {"ref": session.ref, "start": _epoch(session.start), "length": session.length}


def _epoch(instant: datetime) -> int:
    return int(instant.timestamp())
