"""A mentor, a mentee and a team in sessions of every sort, made once for each database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import clock, create_app, database
from portal.feedback.certificates import issue
from portal.feedback.models import Certificate
from portal.feedback.rating import Answer, rate
from portal.mentors.models import Mentor
from portal.moderation.models import Report
from portal.moderation.reportable import subject_at
from portal.moderation.reporting import report
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions import attendance, team
from portal.sessions.booking import Request, book
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import MONDAY, Visitor, make_mentor, make_person, opening
from tests.conftest import Engine

PROJECT = Request("A plan for the first month", ("Who decides?",), "project", "video", "https://example.org/plan")


@dataclass
class Place:
    """The cast, and the sessions by name."""

    app: Flask
    mentor: Mentor
    cast: dict[str, Person]
    sessions: dict[str, Session]
    certificate: Certificate
    report: Report

    def hand(self, who: str) -> Visitor:
        return Visitor(self.app, self.cast.get(who))

    def post(self, who: str, path: str, data: Any = None, **more: Any) -> TestResponse:
        return self.hand(who).client.post(path, data=data, **more)

    def get(self, who: str, path: str, **headers: str) -> TestResponse:
        return self.hand(who).get(path, headers=headers)

    def path(self, session: str) -> str:
        return f"/sessions/{self.sessions[session].ref}"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def place(
    request: pytest.FixtureRequest, engines: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Four sessions are over, one has begun, two are ahead, one was cancelled. What a test does is undone by the
    test. Tokens are not asked for: tests of their own say that they are.
    """
    engine = engines[request.param]
    url, data = engine.make(), tmp_path_factory.mktemp("data")
    app = create_app(Settings("k" * 32, "http://portal.example.org", "console:", data=data, database_url=url))
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    database.connect()
    with clock.stopped_at(MONDAY):
        yield make_place(app)
    database.disconnect()
    engine.drop(url)


def make_place(app: Flask) -> Place:
    mentor = make_mentor()
    names = {"mentee": "Sam Rivera", "mate": "Toni Berg", "left": "Lee Left", "booker": "Bo Former"}
    cast = {role: make_person(name) for role, name in names.items()}
    cast |= {"mentor": mentor.person, "stranger": make_person("Mallory Quinn")}
    cast["coordinator"] = make_person("Inga Holm", coordinator=True)
    sessions = {name: _book(mentor, cast["mentee"], number) for name, number in (("over", 0), ("away", 4), ("done", 8))}
    clock._stopped = sessions["over"].end
    rate(sessions["over"], Answer("yes", 5, "Write to them", "A line", "Thank you", again=None), mentee=cast["mentee"])
    clock._stopped = sessions["away"].end
    attendance.mark_absent(sessions["away"], person=mentor.person)
    attendance.mark_absent(sessions["away"], person=cast["mentee"])
    clock._stopped = sessions["done"].end
    sessions |= {name: _book(mentor, cast["mentee"], number) for name, number in (("missed", 0), ("now", 1))}
    clock._stopped = sessions["now"].start + timedelta(minutes=5)
    attendance.mark_absent(sessions["missed"], person=mentor.person)
    sessions["ahead"] = _book(mentor, cast["mentee"], 20)
    team.invite(sessions["ahead"], [cast[who].email for who in ("mate", "left")], mentee=cast["mentee"])
    team.leave(sessions["ahead"], person=cast["left"])
    sessions["given"] = _book(mentor, cast["booker"], 24)
    team.invite(sessions["given"], [cast["mate"].email], mentee=cast["booker"])
    (mate,) = sessions["given"].teammate_set
    team.hand_over(sessions["given"], mate.id, mentee=cast["booker"])
    sessions["cancelled"] = _book(mentor, cast["mentee"], 28)
    cancel(sessions["cancelled"], person=mentor.person, reason="Ill")
    part = subject_at(f"sessions/{sessions['over'].ref}/mentor", person=cast["mentee"])
    report(part, person=cast["mentee"], reason="unwelcome", words="They <b>wrote</b> at night.")
    return Place(app, mentor, cast, sessions, issue(mentor), Report.get())


def _book(mentor: Mentor, mentee: Person, number: int) -> Session:
    return book(opening(mentor, number), PROJECT, mentee=mentee, holder=new_token(), hold_ref=new_token())
