"""The coordinator's page: how it goes, what waits, what is asked for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from flask import Flask

from portal.clock import zone
from portal.directory.demand import note
from portal.feedback.rating import Answer, rate
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.programme.report import Figures, this_month
from portal.sessions.attendance import PATIENCE, mark_absent, object_to
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from portal.when import Reader
from tests.cast import Visitor, make_mentor, make_person, make_session
from tests.conftest import Time


def month(world: Time, name: str = "Etc/UTC") -> Figures:
    return this_month(Reader(zone(name), world.now))


def test_month_without_sessions_counts_nothing(world: Time) -> None:
    assert month(world) == Figures(held=0, missed=None, reached=None, wait_days=None)


def test_month_counts_what_is_over_and_was_not_cancelled(mentor: Mentor, mentee: Person, world: Time) -> None:
    held = make_session(mentor, mentee)
    cancelled = make_session(mentor, mentee, number=3)
    cancel(cancelled, person=mentee, reason="Ill")
    make_session(make_mentor("Tobias Okafor"), mentee, number=20)
    world.set(held.start)
    assert month(world).held == 0
    world.set(held.end)
    assert (month(world).held, month(world).missed) == (1, 0)
    world.pass_(hours=20)
    assert (month(world).held, month(world).missed) == (2, 0)


def test_month_counts_apart_to_what_somebody_did_not_come(mentor: Mentor, mentee: Person, world: Time) -> None:
    for number, absent in enumerate(("nobody", "mentee", "mentor", "nobody", "objects", "nobody")):
        session = make_session(mentor, make_person(f"Mentee {number}"))
        world.set(session.start + PATIENCE)
        one, other = (session.mentee, mentor.person) if absent == "mentor" else (mentor.person, session.mentee)
        if absent != "nobody":
            mark_absent(session, person=one)
        if absent == "objects":
            object_to(session, person=other, objection="I was there.")
        world.set(session.end - timedelta(seconds=1))
        before = month(world)
        world.set(session.end)
        after = month(world)
        assert (absent, after.held - before.held) == (absent, int(absent in ("nobody", "objects")))
    assert (after.held, after.missed) == (4, 33)


def test_month_of_sessions_to_which_nobody_came(mentor: Mentor, mentee: Person, world: Time) -> None:
    session = make_session(mentor, mentee)
    world.set(session.start + PATIENCE)
    mark_absent(session, person=mentee)
    world.set(session.end)
    assert month(world) == Figures(held=0, missed=100, reached=None, wait_days=None)


def test_month_tells_the_share_of_those_who_said(mentor: Mentor, world: Time) -> None:
    for number, reached in enumerate(("yes", "partly", "yes", "no", None)):
        person = make_person(f"Mentee {number}")
        session = make_session(mentor, person)
        world.set(session.end)
        if reached:
            rate(session, Answer(reached, 4), mentee=person)
    assert (month(world).held, month(world).reached) == (5, 50)


def test_month_tells_the_median_wait(mentor: Mentor, world: Time) -> None:
    waits = []
    for number in (0, 4, 40, 70):
        session = make_session(mentor, make_person(f"Mentee {number}"), number=number)
        waits.append((session.start - session.created_at).total_seconds() / 86_400)
    world.pass_(days=4)
    assert month(world).held == 4
    assert month(world).wait_days == round((sorted(waits)[1] + sorted(waits)[2]) / 2, 1) != round(sorted(waits)[2], 1)


def test_month_begins_at_midnight_of_the_reader(mentor: Mentor, mentee: Person, world: Time) -> None:
    values = {"ref": "a", "hold_ref": "a", "kind": "career", "format": "video", "objective": "x", "questions": "y"}
    start = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    Session.create(mentor=mentor.person_id, mentee=mentee, start=start, length=15, created_at=world.now, **values)
    world.set(datetime(2026, 12, 1, 12, 0, tzinfo=UTC))
    held = [month(world, name).held for name in ("Etc/UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")]
    assert held == [0, 1, 0, 1]
    world.set(datetime(2026, 11, 30, 23, 50, tzinfo=UTC))
    held = [month(world, name).held for name in ("Etc/UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")]
    assert held == [1, 1, 1, 1]


def test_overview_shows_the_figures(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, world: Time
) -> None:
    inga = Visitor(app, coordinator)
    tiles = re.compile(r'<p class="card tile"><b>([^<]+)</b>')
    assert tiles.findall(inga.get("/coordinator").text) == ["0", "–", "–", "–"]
    session = make_session(mentor, mentee, number=64)
    world.set(session.end)
    rate(session, Answer("yes", 5), mentee=mentee)
    assert tiles.findall(inga.get("/coordinator").text) == ["1", "100%", "2.0 days", "0%"]


def test_overview_shows_what_is_asked_for_and_not_offered(app: Flask, coordinator: Person, world: Time) -> None:
    inga, reader = Visitor(app, coordinator), Reader(zone("Etc/UTC"), world.now)
    assert "Nothing that three people or more looked for was missing" in inga.get("/coordinator").text
    for asker in "abcd":
        note("zither <b>lessons</b>", asker=asker, secret_key="k" * 32, reader=reader)
    page = inga.get("/coordinator").text
    assert ("zither b lessons b</span>" in page, "<b>4</b>" in page, "nobody offers it" in page) == (True, True, True)
