"""What the rating pages show to whom, and when."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.errors import Stale
from portal.feedback.models import Rating
from portal.feedback.rating import Answer, let_through, lines_about, rate, refuse
from portal.feedback.unrated import to_rate
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.models import Session
from tests.cast import Visitor, make_mentor, make_person, make_session
from tests.conftest import Time

PAGE = "/mentors/laila-mansour"


@pytest.fixture
def session(mentor: Mentor, mentee: Person, world: Time) -> Session:
    """One that is over."""
    booked = make_session(mentor, mentee)
    world.set(booked.end)
    return booked


def rated(mentor: Mentor, mentee: Person, world: Time, answer: Answer) -> Rating:
    booked = make_session(mentor, mentee)
    world.set(booked.end)
    rate(booked, answer, mentee=mentee)
    found: Rating = Rating.get(Rating.session == booked.id)
    return found


def lines_on(browser: Visitor) -> list[str]:
    return re.findall(r"<p>“([^”]*)”</p>", browser.get(PAGE).text)


def test_line_is_shown_without_a_name_once_it_is_let_through(
    app: Flask, mentor: Mentor, mentee: Person, visitor: Visitor, world: Time
) -> None:
    rating = rated(mentor, mentee, world, Answer("yes", 4, "Mine", "Clear & <kind>.", "Private"))
    viewers = [visitor, Visitor(app, mentor.person), Visitor(app, mentee), Visitor(app, make_person("Ana Lima"))]
    assert [lines_on(viewer) for viewer in viewers] == [[]] * 4
    let_through(rating)
    assert [lines_on(viewer) for viewer in viewers] == [["Clear &amp; &lt;kind&gt;."]] * 4
    page = visitor.get(PAGE).text
    assert [word for word in ("Sam", "Rivera", "Mine", "Private") if word in page] == []
    assert "Career · 15 min · November" in page


def test_refused_line_is_never_shown(app: Flask, mentor: Mentor, mentee: Person, visitor: Visitor, world: Time) -> None:
    rating = rated(mentor, mentee, world, Answer("yes", 5, line="Refused"))
    refuse(rating)
    with pytest.raises(Stale):
        let_through(rating)
    world.pass_(days=400)
    assert (lines_on(visitor), Rating.get().line_status) == ([], "refused")


def test_shown_line_is_not_decided_on_again(mentor: Mentor, mentee: Person, world: Time) -> None:
    rating = rated(mentor, mentee, world, Answer("yes", 5, line="Shown"))
    let_through(rating)
    for decide in (refuse, let_through):
        with pytest.raises(Stale):
            decide(rating)
    assert [line["line"] for line in lines_about(mentor.person_id)] == ["Shown"]


def test_rating_without_a_line_waits_for_nobody(mentor: Mentor, mentee: Person, world: Time) -> None:
    rating = rated(mentor, mentee, world, Answer("yes", 5))
    with pytest.raises(Stale):
        let_through(rating)
    assert (Rating.get().line_status, lines_about(mentor.person_id)) == ("none", [])


def test_lines_are_the_latest_ten_of_that_mentor(app: Flask, mentor: Mentor, visitor: Visitor, world: Time) -> None:
    other = make_mentor("Tobias Okafor")
    let_through(rated(other, make_person("Zoe Martin"), world, Answer("yes", 5, line="About Tobias")))
    for number in range(11):
        let_through(rated(mentor, make_person(f"Mentee {number}"), world, Answer("yes", 5, line=f"Line {number}")))
    assert lines_on(visitor) == [f"Line {number}" for number in range(10, 0, -1)]


def test_sessions_list_leads_the_mentee_alone_to_the_rating(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    rating, show = (f'href="/sessions/{session.ref}{end}"' for end in ("/rating", ""))
    sam, laila = (Visitor(app, person) for person in (mentee, mentor.person))
    for moment, leads in (
        (session.end - timedelta(seconds=1), False),
        (session.end, True),
        (session.end + timedelta(days=14), True),
        (session.end + timedelta(days=14, seconds=1), False),
    ):
        world.set(moment)
        page = sam.get("/sessions").text
        assert (moment, rating in page, show in page, "Say how it went" in page) == (moment, leads, not leads, leads)
        assert (rating in laila.get("/sessions").text, to_rate(mentor.person)) == (False, set())


def test_rating_page_leads_to_the_session_when_it_is_not_the_time(
    app: Flask, session: Session, mentee: Person, world: Time
) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/rating"
    for moment, status in (
        (session.end - timedelta(seconds=1), 303),
        (session.end, 200),
        (session.end + timedelta(days=14), 200),
        (session.end + timedelta(days=14, seconds=1), 303),
    ):
        world.set(moment)
        answer = sam.get(path)
        assert (moment, answer.status_code) == (moment, status)
        assert answer.headers.get("Location") == (f"/sessions/{session.ref}" if status == 303 else None)


def test_rating_with_a_missing_answer_keeps_the_chosen_ones(app: Flask, session: Session, mentee: Person) -> None:
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/rating", {"reached": "partly", "line": "Kept <line>"})
    chosen = re.findall(r"<input[^>]*\bchecked\b[^>]*>", answer.text)
    assert (answer.status_code, [re.findall(r'value="(\w+)"', box) for box in chosen]) == (422, [["partly"]])
    assert ("Choose one to five stars." in answer.text, 'value="Kept &lt;line&gt;"' in answer.text) == (True, True)
    assert Rating.select().count() == 0


@pytest.mark.parametrize(("field", "longest"), [("next_step", 200), ("line", 200), ("thank_you", 500)])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_texts_up_to_their_limit(
    app: Flask, session: Session, mentee: Person, field: str, longest: int, more: int
) -> None:
    text = "é" * (longest + more)
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/rating", {"reached": "yes", "stars": "5", field: text})
    assert answer.status_code == (422 if more > 0 else 303)
    kept = [getattr(rating, field) for rating in Rating.select()]
    assert kept == ([] if more > 0 else [text])


def test_texts_are_kept_clean(app: Flask, session: Session, mentee: Person) -> None:
    typed = {"next_step": " a\r\n b ", "line": "\u202eevil\u202c \x07", "thank_you": " one\r\n\r\ntwo\x1b "}
    Visitor(app, mentee).post(f"/sessions/{session.ref}/rating", {"reached": "no", "stars": "1", **typed})
    kept = Rating.get()
    assert (kept.next_step, kept.line, kept.thank_you) == ("a b", "evil", "one\n\ntwo")
