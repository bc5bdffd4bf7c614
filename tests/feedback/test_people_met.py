"""The people met: each once, with how often, and a way to their page."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask

from portal.feedback.met import people_met
from portal.mentors.models import Mentor
from portal.people.blocks import block
from portal.people.models import Person
from portal.sessions.changes import cancel
from tests.cast import Visitor, make_mentor, make_person, make_session
from tests.conftest import Time
from tests.feedback.after import absence, over
from tests.feedback.secrecy import statements


def test_people_met_are_each_there_once_the_latest_first(app: Flask, mentor: Mentor, world: Time) -> None:
    sam, ana = make_mentor("Sam Rivera"), make_person("Ana Lima")
    over(mentor, sam.person, world)
    over(sam, ana, world)
    latest = over(mentor, sam.person, world)
    with statements() as run:
        met = people_met(sam.person)
    assert [(each.name, each.slug, each.sessions) for each in met] == [
        ("Laila Mansour", "laila-mansour", 2),
        ("Ana Lima", None, 1),
    ]
    assert (met[0].latest, len(run)) == (latest.start, 2)
    page = Visitor(app, sam.person).get("/sessions").text.split("People met")[1]
    assert re.findall(r"<strong>([^<]+)</strong>", page) == ["Laila Mansour", "Ana Lima"]
    assert re.findall(r'href="(/mentors/[^"]+)"', page) == ["/mentors/laila-mansour"]
    assert ("2 sessions, the last today" in page, "1 session, the last today" in page) == (True, True)
    assert [(each.name, each.sessions) for each in people_met(mentor.person)] == [("Sam Rivera", 2)]


def test_people_met_are_those_of_sessions_that_were_held(mentor: Mentor, mentee: Person, world: Time) -> None:
    ahead = make_session(mentor, mentee)
    assert people_met(mentee) == []
    world.set(ahead.end - timedelta(seconds=1))
    assert people_met(mentee) == []
    world.set(ahead.end)
    assert len(people_met(mentee)) == 1
    absence(ahead)
    assert people_met(mentee) == []
    cancel(make_session(mentor, mentee, number=9), person=mentee, reason="Ill")
    world.pass_(days=1)
    assert (people_met(mentee), people_met(make_person("Ana Lima"))) == ([], [])


def test_people_met_leave_out_whom_one_has_blocked_and_tell_the_other_nothing(
    mentor: Mentor, mentee: Person, world: Time
) -> None:
    over(mentor, mentee, world)
    block(mentor.person, person=mentee)
    assert [len(people_met(person)) for person in (mentee, mentor.person)] == [0, 1]


def test_people_met_lead_to_no_page_that_is_not_public(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    over(mentor, mentee, world)
    Mentor.update(status="hidden").where(Mentor.person == mentor.person_id).execute()
    assert [(each.name, each.slug) for each in people_met(mentee)] == [("Laila Mansour", None)]
    page = Visitor(app, mentee).get("/sessions").text
    assert ("People met" in page, "/mentors/laila-mansour" in page) == (True, False)
