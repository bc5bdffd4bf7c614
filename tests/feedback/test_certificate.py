"""A certificate: what a mentor had given on a day, for the mentor to print and a coordinator to check."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask

from portal import database
from portal.errors import Missing, NotAllowedNow
from portal.feedback.certificates import LETTERS, certificate_for, find, issue
from portal.feedback.models import Certificate
from portal.mentors.models import Mentor
from portal.people.models import Person
from tests.cast import Visitor, make_mentor, make_person
from tests.conftest import Time
from tests.feedback.after import over, rated


def test_issue_says_what_was_given(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    first = rated(mentor, mentee, world)
    for number in range(2):
        rated(mentor, make_person(f"Mentee {number}"), world, length=30)
    world.pass_(days=10)
    laila = Visitor(app, mentor.person)
    answer = laila.post("/impact/certificates")
    made = Certificate.get()
    assert (answer.status_code, answer.location) == (303, f"/certificates/{made.code}")
    assert (made.name, made.sessions, made.minutes, made.reached) == ("Laila Mansour", 3, 75, 3)
    assert (made.since, made.issued_at) == (first.start, world.now)
    page = laila.get(answer.location).text
    assert "from 23 November 2026 to 3 December 2026." in page
    assert re.findall(r"<dd>([^<]+)</dd>", page) == ["3", "1.25", "3"]
    assert (made.code in page, "<h1>Laila Mansour</h1>" in page, "Issued on 3 December 2026" in page) == (True,) * 3


def test_issue_leaves_out_objectives_that_would_tell_who_said_it(
    app: Flask, mentor: Mentor, mentee: Person, world: Time
) -> None:
    rated(mentor, mentee, world)
    made = issue(mentor)
    assert (made.reached, "Objectives" in Visitor(app, mentor.person).get(f"/certificates/{made.code}").text) == (
        0,
        False,
    )


def test_issue_dates_are_those_of_the_mentors_zone(
    app: Flask, mentee: Person, coordinator: Person, world: Time
) -> None:
    mentor = make_mentor("Aroha Ngata", zone="Pacific/Auckland")
    over(mentor, mentee, world)
    made = issue(mentor)
    for person in (mentor.person, coordinator):
        assert "Issued on 24 November 2026" in Visitor(app, person).get(f"/certificates/{made.code}").text


def test_issue_before_the_first_session_is_refused(app: Flask, mentor: Mentor, mentee: Person) -> None:
    answer = Visitor(app, mentor.person).post("/impact/certificates")
    assert (answer.status_code, "You can make a certificate after your first session." in answer.text) == (409, True)
    with pytest.raises(NotAllowedNow):
        issue(mentor)
    assert Visitor(app, mentee).post("/impact/certificates").status_code == 404
    assert Certificate.select().count() == 0


def test_issue_again_is_the_same_until_there_is_something_new(mentor: Mentor, mentee: Person, world: Time) -> None:
    over(mentor, mentee, world)
    first = issue(mentor)
    world.pass_(days=3)
    assert issue(mentor).code == first.code
    over(mentor, mentee, world)
    second = issue(mentor)
    assert (second.code != first.code, issue(mentor).code == second.code) == (True, True)
    Mentor.update(name="Laila M.").where(Mentor.person == mentor.person_id).execute()
    assert issue(Mentor.get(Mentor.person == mentor.person_id)).name == "Laila M."
    assert find(first.code) is not None


def test_issue_at_the_same_moment_is_one(mentor: Mentor, mentee: Person, world: Time) -> None:
    over(mentor, mentee, world)
    codes: list[str] = []

    def tap() -> None:
        database.connect()
        codes.append(issue(mentor).code)
        database.disconnect()

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for each in taps:
        each.start()
    for each in taps:
        each.join()
    assert (len(codes), len(set(codes)), Certificate.select().count()) == (4, 1, 1)


def test_code_is_easy_to_read_aloud(mentor: Mentor, mentee: Person, world: Time) -> None:
    over(mentor, mentee, world)
    assert re.fullmatch(f"[{LETTERS}]{{4}}(-[{LETTERS}]{{4}}){{2}}", issue(mentor).code)
    assert (len(set(LETTERS)), set("01OILU") & set(LETTERS)) == (30, set())


def test_certificate_is_for_its_mentor_and_coordinators(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person, world: Time
) -> None:
    over(mentor, mentee, world)
    path = f"/certificates/{issue(mentor).code}"
    other = make_mentor("Tobias Okafor").person
    statuses = {
        person.name: Visitor(app, person).get(path).status_code
        for person in (mentor.person, coordinator, mentee, stranger, other)
    }
    assert list(statuses.values()) == [200, 200, 404, 404, 404]
    assert (Visitor(app).get(path).status_code, Visitor(app, coordinator).get("/certificates/x").status_code) == (
        303,
        404,
    )
    with pytest.raises(Missing):
        certificate_for(path.rsplit("/", maxsplit=1)[-1], person=stranger, is_coordinator=False)


@pytest.mark.parametrize(
    "type_",
    [str, str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.replace('-', ' – ')} ", "_".join],
)
def test_verify_however_it_was_typed(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, world: Time, type_: object
) -> None:
    over(mentor, mentee, world)
    code = issue(mentor).code
    typed = type_(code)  # type: ignore[operator]
    page = Visitor(app, coordinator).get("/certificates", query_string={"code": typed}).text
    assert "<strong>Laila Mansour</strong>" in page
    assert "1 session, 0.25 hours, from 23 November 2026 to 23 November 2026." in page
    assert f'href="/certificates/{code}"' in page


@pytest.mark.parametrize("typed", ["7F3K-92QX-HM4T", "x", "<b>", "ß" * 200, "7F3K92QXHM4T7", "OOOO-1111-LLLL"])
def test_verify_of_what_is_none_says_so(app: Flask, coordinator: Person, typed: str) -> None:
    answer = Visitor(app, coordinator).get("/certificates", query_string={"code": typed})
    assert (answer.status_code, "There is no certificate with the code" in answer.text) == (200, True)
    assert "<b>" not in answer.text.split("<main")[1]


def test_verify_is_for_coordinators_and_found_from_their_page(
    app: Flask, mentor: Mentor, stranger: Person, coordinator: Person
) -> None:
    statuses = [Visitor(app, person).get("/certificates").status_code for person in (mentor.person, stranger)]
    assert (statuses, Visitor(app).get("/certificates").status_code) == ([404, 404], 303)
    inga = Visitor(app, coordinator)
    assert 'href="/certificates"' in inga.get("/coordinator").text
    empty = inga.get("/certificates")
    assert (empty.status_code, "There is no certificate" in empty.text) == (200, False)
