"""Lines for others: shown after a coordinator has seen them, or not at all."""

from __future__ import annotations

from flask import Flask

from portal.feedback.models import Rating
from portal.feedback.rating import Answer, lines_about, rate
from portal.mentors.models import Mentor
from portal.moderation.models import Decision
from portal.people.models import Person
from tests.cast import Visitor, make_person, make_session
from tests.conftest import Time

LINE = "Clear and <kind>."


def rated(mentor: Mentor, mentee: Person, world: Time, line: str = LINE) -> Rating:
    session = make_session(mentor, mentee)
    world.set(session.end)
    rate(session, Answer("yes", 5, line=line), mentee=mentee)
    found: Rating = Rating.get(Rating.session == session.id)
    return found


def shown(browser: Visitor) -> bool:
    return "“Clear and &lt;kind&gt;.”" in browser.get("/mentors/laila-mansour").text


def test_line_waits_until_it_is_let_through(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, visitor: Visitor, world: Time
) -> None:
    rating, inga = rated(mentor, mentee, world), Visitor(app, coordinator)
    assert (shown(visitor), lines_about(mentor.person_id)) == (False, [])
    page = inga.get("/coordinator").text
    assert ("A line for others, about Laila Mansour" in page, "“Clear and &lt;kind&gt;.”" in page) == (True, True)
    assert "Sam Rivera" not in page
    answer = inga.post(f"/moderation/lines/{rating.session_id}/showing")
    assert (answer.status_code, answer.location, shown(visitor)) == (303, "/coordinator", True)
    assert "Sam Rivera" not in visitor.get("/mentors/laila-mansour").text
    assert "Nothing waits." in inga.get("/coordinator").text
    assert [(row.subject, row.subject_id, row.about, row.what) for row in Decision.select()] == [
        ("line", rating.session_id, LINE, "shown")
    ]


def test_line_that_is_refused_is_never_shown(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, visitor: Visitor, world: Time
) -> None:
    rating, inga = rated(mentor, mentee, world), Visitor(app, coordinator)
    assert inga.post(f"/moderation/lines/{rating.session_id}/refusing").status_code == 303
    assert (shown(visitor), Rating.get().line_status, Decision.get().what) == (False, "refused", "refused")


def test_second_decision_on_a_line_is_refused_and_told(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, visitor: Visitor, world: Time
) -> None:
    rating = rated(mentor, mentee, world)
    first, second = Visitor(app, coordinator), Visitor(app, make_person("Olu Ade", coordinator=True))
    first.post(f"/moderation/lines/{rating.session_id}/refusing")
    for what in ("showing", "refusing"):
        late = second.post(f"/moderation/lines/{rating.session_id}/{what}")
        assert (late.status_code, "Somebody has decided on this line" in late.text) == (409, True)
    assert (Rating.get().line_status, Decision.select().count(), shown(visitor)) == ("refused", 1, False)


def test_line_that_was_never_written_does_not_exist(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, world: Time
) -> None:
    rating, inga = rated(mentor, mentee, world, line=""), Visitor(app, coordinator)
    for key in (rating.session_id, rating.session_id + 1, 0, 10**30):
        assert inga.post(f"/moderation/lines/{key}/showing").status_code == 404
    assert "Nothing waits." in inga.get("/coordinator").text
