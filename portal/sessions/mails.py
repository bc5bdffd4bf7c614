"""Mails about sessions, to each side in its own zone."""

from __future__ import annotations

from typing import Any

from portal.mail import outbox
from portal.people.models import Person
from portal.sessions.models import Session


def booked(session: Session) -> None:
    """To the mentor with the brief, and to the mentee as a receipt."""
    _tell(session, "sessions/booked_mentor", session.mentor.person)
    _tell(session, "sessions/booked_mentee", session.mentee)


def cancelled(session: Session, *, by: Person) -> None:
    """To both: what was called off, by whom, and why."""
    for person in (session.mentor.person, session.mentee):
        _tell(session, "sessions/cancelled", person, by_you=person.id == by.id, by=by.first_name)


def _tell(session: Session, kind: str, person: Person, **more: Any) -> None:
    outbox.put(
        kind,
        subject=f"session {session.id} version {session.sequence}",
        to=person.email,
        zone=person.time_zone,
        words={
            "ref": session.ref,
            "start": int(session.start.timestamp()),
            "length": session.length,
            "mentor": session.mentor.name,
            "mentee": session.mentee.name,
            "mentee_headline": session.mentee.headline,
            "other": session.other_name(person),
            "kind": session.kind,
            "format": session.format,
            "objective": session.objective,
            "questions": session.question_list,
            "link": session.link,
            "reason": session.cancel_reason,
            **more,
        },
    )
