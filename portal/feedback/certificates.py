"""Certificates: what a mentor had given on the day it was made, with a code that a coordinator can check."""

from __future__ import annotations

import re
import secrets

from portal.clock import now
from portal.database import lock, write
from portal.errors import Missing, NotAllowedNow
from portal.feedback.impact import impact_of
from portal.feedback.models import Certificate
from portal.mentors.models import Mentor
from portal.people.models import Person

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None of them looks like another on paper: no 0, O, 1, I, L, U."""
_CODE = re.compile(f"([{LETTERS}]{{4}})" * 3)


@write
def issue(mentor: Mentor) -> Certificate:
    """Certify what the mentor has given until now. With nothing new since the last time, it is the same one.
    Raises NotAllowedNow before the first session.
    """
    lock(Person, [mentor.person_id])
    given = impact_of(mentor.person_id)
    if given.since is None:
        raise NotAllowedNow("You can make a certificate after your first session.")
    facts = {
        "name": mentor.name,
        "sessions": given.sessions,
        "minutes": given.minutes,
        "reached": given.reached or 0,
        "since": given.since,
    }
    latest = latest_of(mentor.person_id)
    if latest is not None and facts.items() <= latest.__data__.items():
        return latest
    made: Certificate = Certificate.create(code=_new_code(), mentor=mentor, issued_at=now(), **facts)
    return made


def latest_of(mentor_id: int) -> Certificate | None:
    """The one that was made last."""
    own = Certificate.select().where(Certificate.mentor == mentor_id)
    latest: Certificate | None = own.order_by(Certificate.issued_at.desc(), Certificate.sessions.desc()).first()
    return latest


def _new_code() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def find(typed: str) -> Certificate | None:
    """The certificate of this code, however it was typed: case, blanks and dashes do not count."""
    parts = _CODE.fullmatch(re.sub(r"[\W_]", "", typed).upper())
    if parts is None:
        return None
    found: Certificate | None = (
        Certificate.select(Certificate, Mentor, Person)
        .join(Mentor)
        .join(Person)
        .where(Certificate.code == "-".join(parts.groups()))
        .first()
    )
    return found


def certificate_for(code: str, *, person: Person, is_coordinator: bool) -> Certificate:
    """The certificate of this code: to its mentor and to coordinators. Raises Missing."""
    found = find(code)
    if found is None or not (is_coordinator or found.mentor_id == person.id):
        raise Missing
    return found
