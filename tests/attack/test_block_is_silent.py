"""A blocked person tries to find out: no answer, no size, no statement differs from a mentor without openings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.availability import hours
from portal.availability.hours import Plan
from portal.feedback.rating import Answer, rate
from portal.feedback.wishes import wish
from portal.mentors.models import Mentor
from portal.people import blocks
from portal.people.models import Person
from portal.sessions.models import Session
from tests.cast import ALL_WEEK, BOOKING, Visitor, make_session, opening, value_of
from tests.conftest import Time
from tests.feedback.secrecy import statements

OPEN = Plan("Etc/UTC", ALL_WEEK, lengths=(15, 30, 60), notice=0)
CLOSED = replace(OPEN, weekly=())


def as_read(page: str) -> str:
    """Without the tokens, which differ each time."""
    return re.sub(r'name="(?:csrf_token|hold|key)"[^>]*value="[^"]+"|X-CSRFToken": "[^"]+"', "", page)


def seen(app: Flask, person: Person, wanted: str, session: Session) -> dict[str, object]:
    """All that somebody sees who tries everything to get an opening, and what the database was asked."""
    visitor, path = Visitor(app, person), f"/sessions/{session.ref}"
    data = {**BOOKING, "csrf_token": visitor.token(), "opening": wanted, "hold": "x"}
    tries: dict[str, Callable[[], TestResponse]] = {
        "mentor": lambda: visitor.get("/mentors/laila-mansour"),
        "longer": lambda: visitor.get("/mentors/laila-mansour?length=30"),
        "hold": lambda: visitor.client.post("/holds", data=data),
        "book": lambda: visitor.client.post("/sessions", data=data),
        "session": lambda: visitor.get(path),
        "where to": lambda: visitor.get(f"{path}/move"),
        "move": lambda: visitor.client.post(f"{path}/move", data=data),
        "sessions": lambda: visitor.get("/sessions"),
    }
    found: dict[str, object] = {}
    for name, attempt in tries.items():
        with statements() as run:
            answer = attempt()
        found[name] = (answer.status_code, as_read(answer.text), run)
    return found


def test_block_looks_like_no_openings_in_answers_and_in_work(app: Flask, mentor: Mentor, mentee: Person) -> None:
    session, wanted = make_session(mentor, mentee, number=12), value_of(opening(mentor, 2))
    assert 'class="opening"' in Visitor(app, mentee).get("/mentors/laila-mansour").text
    hours.save(CLOSED, mentor=mentor)
    closed = seen(app, mentee, wanted, session)
    hours.save(OPEN, mentor=mentor)
    blocks.block(mentee, person=mentor.person)
    apart = seen(app, mentee, wanted, session)
    assert [name for name in closed if closed[name] != apart[name]] == []


@pytest.mark.parametrize("by", ["mentor", "mentee"])
def test_block_after_a_double_yes_takes_nothing_from_who_is_blocked(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, by: str
) -> None:
    session = make_session(mentor, mentee)
    world.set(session.end)
    rate(session, Answer("yes", 5, "Write", again=True), mentee=mentee)
    wish(session, mentor=mentor.person, again=True)
    sides = {"mentor": mentor.person, "mentee": mentee}
    other = "mentee" if by == "mentor" else "mentor"
    world.pass_(minutes=1)
    blocks.block(sides[other], person=sides[by])
    pages = {who: Visitor(app, person).get(f"/sessions/{session.ref}").text for who, person in sides.items()}
    assert {who: "You both want to meet again" in page for who, page in pages.items()} == {by: False, other: True}
    assert 'name="opening"' not in pages["mentee"]
