"""A session to prepare for, and to talk about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.people.models import Person
from portal.preparation.conversation import say, shown_to
from portal.sessions.booking import Request, book
from portal.sessions.models import Session
from portal.sessions.turns import Seat, seat_at
from tests.cast import REQUEST, opening
from tests.letters import told

SECOND = timedelta(seconds=1)
MakeSession = Callable[..., Session]


@pytest.fixture
def make(mentor: Mentor, mentee: Person) -> MakeSession:
    """Books Laila for Sam two hours from now."""

    def made(**changes: str) -> Session:
        request = Request(**{**REQUEST.__dict__, **changes})
        return book(opening(mentor, 4), request, mentee=mentee, holder=new_token(), hold_ref=new_token())

    return made


@pytest.fixture
def session(make: MakeSession) -> Session:
    return make()


def seat(session: Session, person: Person) -> Seat:
    return seat_at(session.ref, person=person)


def around(instant: datetime) -> tuple[datetime, datetime, datetime]:
    """A second before, itself, a second after."""
    return instant - SECOND, instant, instant + SECOND


def write(session: Session, person: Person, text: str) -> None:
    say(session, text, person=person, key=new_token())


def seen_by(session: Session, person: Person) -> list[str]:
    return [message["text"] for message in shown_to(seat(session, person)).messages]


def letters() -> list[str]:
    return [to for kind, to in told() if kind == "preparation/message"]
