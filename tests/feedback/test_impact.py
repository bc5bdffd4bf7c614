"""What a mentor has given: counts that tell of nobody, and the thank-yous."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.feedback.followups import say_outcome
from portal.feedback.impact import hours, impact_of
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from tests.cast import Visitor, make_person, make_session
from tests.conftest import Time
from tests.feedback.after import absence, over, rated
from tests.feedback.secrecy import statements


def facts(mentor: Mentor) -> tuple[object, ...]:
    found = impact_of(mentor.person_id)
    return (found.sessions, found.minutes, found.mentees, found.rated, found.reached, found.helped)


def given(mentor: Mentor, world: Time, count: int, **answer: str) -> list[Session]:
    return [rated(mentor, make_person(f"Mentee {number}"), world, **answer) for number in range(count)]


def test_impact_counts_what_was_held(mentor: Mentor, mentee: Person, world: Time) -> None:
    assert facts(mentor) == (0, 0, 0, 0, None, None)
    make_session(mentor, mentee, number=100)
    cancel(make_session(mentor, mentee, number=80), person=mentee, reason="Ill")
    absence(over(mentor, mentee, world))
    assert facts(mentor) == (0, 0, 0, 0, None, None)
    first = over(mentor, mentee, world)
    over(mentor, mentee, world, length=60)
    denied = over(mentor, make_person("Ana Lima"), world, length=30)
    absence(denied, objected=True)
    assert facts(mentor) == (3, 105, 2, 0, None, None)
    assert impact_of(mentor.person_id).since == first.start


@pytest.mark.parametrize(("ratings", "shown"), [(2, None), (3, 2), (4, 3)])
def test_objectives_reached_only_from_three_ratings(
    app: Flask, mentor: Mentor, world: Time, ratings: int, shown: int | None
) -> None:
    given(mentor, world, ratings - 1)
    rated(mentor, make_person("Ana Lima"), world, reached="partly")
    assert impact_of(mentor.person_id).reached == shown
    page = Visitor(app, mentor.person).get("/impact").text
    assert (f"<b>{shown} of {ratings}</b>" in page, "shown from three ratings up" in page) == (
        shown is not None,
        shown is None,
    )


@pytest.mark.parametrize(("helped", "shown"), [(2, None), (3, 3), (4, 4)])
def test_follow_ups_that_helped_only_from_three_people(
    app: Flask, mentor: Mentor, world: Time, helped: int, shown: int | None
) -> None:
    sessions = given(mentor, world, 5)
    again = rated(mentor, sessions[0].mentee, world)
    world.pass_(days=15)
    for number, session in enumerate(sessions):
        say_outcome(session, "yes" if number < helped else "no", mentee=session.mentee)
    assert impact_of(mentor.person_id).helped == shown
    assert ("that it helped" in Visitor(app, mentor.person).get("/impact").text) is (shown is not None)
    say_outcome(again, "yes", mentee=again.mentee)
    assert impact_of(mentor.person_id).helped == (shown and shown + 1)


def test_impact_shows_the_thank_yous_to_their_mentor_alone(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person, world: Time
) -> None:
    session = rated(mentor, mentee, world, thank_you="Thank you, <Laila>.")
    rated(mentor, make_person("Ana Lima"), world, thank_you="You were kind.")
    page = Visitor(app, mentor.person).get("/impact").text
    assert re.findall(r'<div class="card"><p>([^<]+)</p>', page) == ["You were kind.", "Thank you, &lt;Laila&gt;."]
    assert (f'href="/sessions/{session.ref}"' in page, "Sam Rivera, today" in page) == (True, True)
    statuses = [Visitor(app, person).get("/impact").status_code for person in (mentee, stranger, coordinator)]
    assert (statuses, Visitor(app).get("/impact").status_code) == ([404] * 3, 303)


def test_impact_of_a_mentor_who_has_given_nothing_says_what_comes(app: Flask, mentor: Mentor) -> None:
    laila = Visitor(app, mentor.person)
    page = laila.get("/impact").text
    assert ("After your first session" in page, "Make a certificate" in page) == (True, False)
    assert ["/impact" in laila.get(path).text for path in ("/you", "/sessions")] == [False, False]


def test_impact_is_linked_for_who_has_mentored(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    over(mentor, mentee, world)
    links = {
        person.name: ['href="/impact"' in Visitor(app, person).get(path).text for path in ("/you", "/sessions")]
        for person in (mentor.person, mentee)
    }
    assert links == {"Laila Mansour": [True, True], "Sam Rivera": [False, False]}


def test_impact_takes_as_many_statements_for_many_as_for_few(app: Flask, mentor: Mentor, world: Time) -> None:
    def asked() -> int:
        with statements() as run:
            assert Visitor(app, mentor.person).get("/impact").status_code == 200
        return len(run)

    given(mentor, world, 1, thank_you="Thanks")
    few = asked()
    for number in range(6):
        rated(mentor, make_person(f"Other {number}"), world, thank_you="Thanks")
    assert asked() == few


@pytest.mark.parametrize(
    ("minutes", "said"), [(15, "0.25"), (30, "0.5"), (60, "1"), (75, "1.25"), (600, "10"), (6000, "100")]
)
def test_hours_are_said_to_the_quarter(minutes: int, said: str) -> None:
    assert hours(minutes) == said
