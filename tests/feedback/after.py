"""A session that is over, and what is said of it."""

from __future__ import annotations

import re

from flask import Flask

from portal.feedback.rating import Answer, rate
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.attendance import mark_absent, object_to
from portal.sessions.models import Session
from tests.cast import Visitor, make_session
from tests.conftest import Time

STEP = "Send the counter tonight"


def over(mentor: Mentor, mentee: Person, world: Time, *, length: int = 15) -> Session:
    """A session that has just ended."""
    booked = make_session(mentor, mentee, length=length)
    world.set(booked.end)
    return booked


def rated(
    mentor: Mentor, mentee: Person, world: Time, *, length: int = 15, reached: str = "yes", **answer: object
) -> Session:
    """A session that has just ended, and is rated."""
    session = over(mentor, mentee, world, length=length)
    given: dict[str, object] = {"next_step": STEP, **answer}
    rate(session, Answer(reached, 5, **given), mentee=mentee)  # type: ignore[arg-type]
    return session


def absence(session: Session, *, objected: bool = False) -> None:
    """The mentor says that the mentee did not come, who may object."""
    mark_absent(session, person=session.mentor.person)
    if objected:
        object_to(session, person=session.mentee, objection="I was there")


def main_of(app: Flask, person: Person, path: str) -> str:
    """What the page says, below its head and without what is read out once."""
    text = Visitor(app, person).get(path).text.split("<main", 1)[1].split("</main>")[0]
    return re.sub(r'<p class="flash".*?</p>', "", text)
