"""Rating a session: once, by its mentee, from its end, for 14 days."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.errors import Missing, NotAllowedNow
from portal.feedback.models import Rating, Standing, average
from portal.feedback.rating import Answer, lines_about, rate, standing_of
from portal.feedback.unrated import to_rate
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from portal.sessions.turns import seat_at
from tests.cast import Visitor, make_person, make_session
from tests.conftest import Time

GOOD = {
    "reached": "partly",
    "stars": "4",
    "next_step": "Send the offer",
    "line": "Clear and kind.",
    "thank_you": "Thank you, <Laila>.\nReally.",
}
FOURTEEN_DAYS = timedelta(days=14)
SECOND = timedelta(seconds=1)


@pytest.fixture
def session(mentor: Mentor, mentee: Person) -> Session:
    return make_session(mentor, mentee)


@pytest.mark.parametrize(
    ("after_end", "refused"),
    [
        (-SECOND, "You can rate this session once it is over."),
        (timedelta(), None),
        (SECOND, None),
        (FOURTEEN_DAYS - SECOND, None),
        (FOURTEEN_DAYS, None),
        (FOURTEEN_DAYS + SECOND, "A session can be rated for 14 days, and they are over."),
    ],
)
def test_rate_from_the_end_for_fourteen_days(
    session: Session, mentee: Person, world: Time, after_end: timedelta, refused: str | None
) -> None:
    world.set(session.end + after_end)
    offered = seat_at(session.ref, person=mentee).can("rating")
    assert (offered, to_rate(mentee) == {session.id}) == (refused is None, refused is None)
    if refused is None:
        rate(session, Answer("yes", 5), mentee=mentee)
        assert to_rate(mentee) == set()
    else:
        with pytest.raises(NotAllowedNow) as refusal:
            rate(session, Answer("yes", 5), mentee=mentee)
        assert str(refusal.value) == refused
    assert Rating.select().count() == (refused is None)


def test_rate_through_the_pages(app: Flask, session: Session, mentee: Person, world: Time) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/rating"
    world.set(session.end)
    assert f'href="{path}"' in sam.get(f"/sessions/{session.ref}").text
    assert f'href="{path}"' in sam.get("/sessions").text
    assert "Did you get what you came for?" in sam.get(path).text
    answer = sam.post(path, GOOD)
    assert (answer.status_code, answer.location) == (303, f"/sessions/{session.ref}")
    page = sam.get(answer.location).text
    for shown in (
        "Thank you. Your rating is kept.",
        "You partly got what you came for.",
        "Next step: Send the offer",
        "★★★★<",
    ):
        assert (shown, shown in page) == (shown, True)
    kept = Rating.select(
        Rating.reached, Rating.stars, Rating.next_step, Rating.line, Rating.line_status, Rating.thank_you
    )
    assert kept.tuples().get() == ("partly", 4, "Send the offer", "Clear and kind.", "waiting", GOOD["thank_you"])
    assert f'href="{path}"' not in sam.get("/sessions").text


def test_rate_a_second_time_is_refused_and_counts_once(
    app: Flask, session: Session, mentee: Person, world: Time
) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/rating"
    world.set(session.end)
    sam.post(path, GOOD)
    again = sam.post(path, {**GOOD, "stars": "1"})
    assert (again.status_code, "You have rated this session already." in again.text) == (409, True)
    assert sam.get(path).location == f"/sessions/{session.ref}"
    assert (Rating.get().stars, Standing.get().ratings, Standing.get().stars) == (4, 1, 4)


def test_rate_a_cancelled_session_is_refused(app: Flask, session: Session, mentee: Person, world: Time) -> None:
    cancel(session, person=mentee, reason="Ill")
    world.set(session.end)
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/rating", GOOD)
    assert (answer.status_code, "This session was cancelled" in answer.text) == (409, True)
    assert (Rating.select().count(), to_rate(mentee)) == (0, set())


def test_rate_as_anyone_but_the_mentee_does_not_exist(
    app: Flask, session: Session, mentor: Mentor, stranger: Person, coordinator: Person, world: Time
) -> None:
    world.set(session.end)
    path = f"/sessions/{session.ref}/rating"
    for person in (mentor.person, stranger, coordinator):
        browser = Visitor(app, person)
        assert (browser.get(path).status_code, browser.post(path, GOOD).status_code) == (404, 404)
        with pytest.raises(Missing):
            rate(session, Answer("yes", 5), mentee=person)
    anonymous = Visitor(app)
    assert [anonymous.get(path).status_code, anonymous.post(path, GOOD).status_code] == [303, 303]
    assert Visitor(app, stranger).get("/sessions/nothing/rating").status_code == 404
    assert Rating.select().count() == 0


def test_rate_with_bad_input_says_so_keeps_what_was_typed_and_changes_nothing(
    app: Flask, session: Session, mentee: Person, world: Time
) -> None:
    sam = Visitor(app, mentee)
    world.set(session.end)
    for field, value, said in (
        ("reached", "", "Choose yes, partly or no."),
        ("reached", "maybe", "Not a valid choice."),
        ("stars", "", "Choose one to five stars."),
        ("stars", "0", "Not a valid choice."),
        ("stars", "6", "Not a valid choice."),
        ("stars", "4.5", "Not a valid choice."),
        ("next_step", "x" * 201, "At most 200 characters, please."),
        ("line", "x" * 201, "At most 200 characters, please."),
        ("thank_you", "x" * 501, "At most 500 characters, please."),
    ):
        answer = sam.post(f"/sessions/{session.ref}/rating", {**GOOD, field: value})
        wrong = re.search(rf'id="{field}-error">([^<]+)<', answer.text)
        assert (field, value[:9], answer.status_code, wrong and wrong[1]) == (field, value[:9], 422, said)
        assert field in ("next_step", "line") or 'value="Send the offer"' in answer.text
        assert field == "thank_you" or "Thank you, &lt;Laila&gt;." in answer.text
    assert Rating.select().count() == 0


def test_thank_you_is_read_by_the_mentor_alone(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person, world: Time
) -> None:
    world.set(session.end)
    rate(session, Answer("yes", 5, next_step="Mine", line="For all", thank_you="Only for you"), mentee=mentee)
    pages = [f"/sessions/{session.ref}", "/sessions", "/mentors/laila-mansour", "/coordinator", "/"]
    seen = {
        who: [path for path in pages if "Only for you" in Visitor(app, who).get(path).text]
        for who in (mentor.person, mentee, stranger, coordinator)
    }
    assert list(seen.values()) == [[pages[0]], [], [], []]
    page = Visitor(app, mentor.person).get(pages[0]).text
    assert ("Sam says thank you" in page, "★★★★★" in page, "Mine" in page) == (True, False, False)


def test_rating_without_a_thank_you_shows_the_mentor_nothing(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    world.set(session.end)
    rate(session, Answer("no", 1), mentee=mentee)
    page = Visitor(app, mentor.person).get(f"/sessions/{session.ref}").text
    assert ("thank you" in page, "★" in page) == (False, False)


@pytest.mark.parametrize(
    ("ratings", "stars", "shown"), [(None, None, None), (0, 0, None), (2, 10, None), (3, 14, 4.7), (4, 14, 3.5)]
)
def test_average_only_from_three(ratings: int | None, stars: int | None, shown: float | None) -> None:
    assert average(ratings, stars) == shown


def test_average_is_public_from_three(app: Flask, mentor: Mentor, visitor: Visitor, world: Time) -> None:
    shown = []
    for number, (reached, stars) in enumerate((("yes", 5), ("partly", 5), ("yes", 4))):
        person = make_person(f"Mentee {number}")
        session = make_session(mentor, person)
        world.set(session.end)
        rate(session, Answer(reached, stars), mentee=person)
        page, card = visitor.get("/mentors/laila-mansour").text, visitor.get("/").text
        shown.append(
            ("4.7" in page, "3 ratings · 67% got what they came for" in page, "★ 4.7 <span>(3)</span>" in card)
        )
    assert shown == [(False, False, False), (False, False, False), (True, True, True)]
    standing = standing_of(mentor.person_id)
    assert (standing.ratings, standing.stars, standing.reached, standing.average) == (3, 14, 2, 4.7)


def test_mentor_without_ratings_is_new(app: Flask, mentor: Mentor, visitor: Visitor) -> None:
    assert '<span class="rating">New</span>' in visitor.get("/mentors/laila-mansour").text
    assert '<span class="rating">New</span>' in visitor.get("/").text
    assert (standing_of(mentor.person_id).average, lines_about(mentor.person_id)) == (None, [])
