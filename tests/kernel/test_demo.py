"""The demo: a programme that looks lived in, a clock to move, nothing of it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal import clock, create_app, database
from portal.demo.clock import follow, move_on
from portal.demo.people import ROLES
from portal.demo.seed import seed
from portal.feedback.models import Rating, Standing
from portal.feedback.unrated import to_rate
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor, Revision
from portal.people.models import Person
from portal.people.signing_in import person_with
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import MONDAY, Visitor, make_mentor, make_session
from tests.conftest import Time
from tests.people.signing import who


@pytest.fixture
def demo(settings: Settings, world: Time) -> Iterator[Flask]:
    """A demo with its three people, and no more."""
    make_mentor()
    for role, address in ROLES.items():
        Person.update(name=role).where(Person.id == person_with(address).id).execute()
    made = create_app(replace(settings, demo=True))
    made.testing = True
    database.connect()
    yield made
    clock.set_ahead(timedelta())


def shifted(settings: Settings) -> str:
    return (settings.data / "demo-clock").read_text()


def test_seed_fills_a_programme_tells_nobody_and_leaves_each_role_something_to_do(world: Time) -> None:
    seed()
    published = Mentor.select().where(Mentor.status == "published").count()
    assert (published >= 200, Outbox.select().count()) == (True, 0)
    held = Session.select()
    assert held.count() >= 30
    assert [session.ref for session in held if session.end > world.now] == []
    assert Rating.select().count() >= 30
    assert sum(standing.ratings for standing in Standing.select()) == Rating.select().count()
    assert Revision.select().where(Revision.status == "submitted").count() == 2
    sam, laila, inga = (Person.get(Person.email == ROLES[role]) for role in ("mentee", "mentor", "coordinator"))
    assert (len(to_rate(sam)), inga.is_coordinator, sam.is_coordinator) == (1, True, False)
    assert Session.select().where(Session.mentor == laila.id).count() > 0


def test_continue_as_signs_in_and_goes_on(demo: Flask) -> None:
    for role, address in ROLES.items():
        visitor = Visitor(demo)
        answer = visitor.post(f"/demo/continue/{role}", {"next": "/sessions"})
        assert (role, answer.status_code, answer.location) == (role, 303, "/sessions")
        assert who(visitor) == address
    visitor = Visitor(demo)
    assert visitor.post("/demo/continue/mentee", {"next": "//evil.example"}).location == "/"
    assert visitor.post("/demo/continue/admin").status_code == 404
    assert visitor.get("/demo/continue/mentee").status_code == 405


def test_continue_as_is_offered_where_one_signs_in(demo: Flask) -> None:
    page = Visitor(demo).get("/sign-in").text
    assert [f'action="/demo/continue/{role}"' in page for role in ROLES] == [True] * 3
    assert 'action="/demo/clock"' in page


@pytest.mark.parametrize(
    ("to", "seconds"), [("hour", 3600), ("day", 86_400), ("week", 604_800), ("start", 3600), ("end", 3600)]
)
def test_clock_moves_on_for_all_processes(demo: Flask, settings: Settings, to: str, seconds: int) -> None:
    """To a session's start and end it goes for those who have one; an hour for others."""
    answer = Visitor(demo).post("/demo/clock", {"to": to, "next": "/?length=15"})
    assert (answer.status_code, answer.location, shifted(settings)) == (303, "/?length=15", str(seconds))
    assert clock.now() == MONDAY + timedelta(seconds=seconds)
    clock.set_ahead(timedelta())  # as a process that has not heard of it
    Visitor(demo).get("/")
    assert clock.now() == MONDAY + timedelta(seconds=seconds)


def test_clock_moves_to_the_next_session_and_its_end(demo: Flask, settings: Settings) -> None:
    sam = Person.get(Person.email == ROLES["mentee"])
    session = make_session(Mentor.get(), sam, number=3)
    visitor = Visitor(demo, sam)
    visitor.post("/demo/clock", {"to": "start"})
    assert clock.now() == session.start - timedelta(minutes=5)
    visitor.post("/demo/clock", {"to": "end"})
    assert clock.now() == session.end
    assert to_rate(sam) == {session.id}


@pytest.mark.parametrize("to", ["", "month", "-1", "hour hour"])
def test_clock_moves_nowhere_else(demo: Flask, settings: Settings, to: str) -> None:
    answer = Visitor(demo).post("/demo/clock", {"to": to})
    assert (answer.status_code, clock.now(), (settings.data / "demo-clock").exists()) == (400, MONDAY, False)


def test_clock_of_a_broken_file_is_the_real_one(settings: Settings, world: Time) -> None:
    move_on(settings, timedelta(hours=2))
    move_on(settings, timedelta(hours=1))
    assert (follow(settings), clock.now()) == (timedelta(hours=3), MONDAY + timedelta(hours=3))
    Path(settings.data / "demo-clock").write_text("soon")
    assert (follow(settings), clock.now()) == (timedelta(), MONDAY)


def test_nothing_of_the_demo_exists_outside_it(app: Flask, visitor: Visitor, mentee: Person) -> None:
    for path in (*(f"/demo/continue/{role}" for role in ROLES), "/demo/clock", "/demo/", "/demo"):
        assert (path, visitor.post(path, {"to": "day"}).status_code) == (path, 404)
        assert (path, visitor.get(path).status_code) == (path, 404)
    assert (who(visitor), clock.now()) == (None, MONDAY)
    for page in (visitor.get("/sign-in"), visitor.get("/"), Visitor(app, mentee).get("/sessions")):
        assert "demo" not in page.text.lower()
