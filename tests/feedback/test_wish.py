"""Meeting again: each side answers once and alone; a double yes is shown to both and to nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.errors import Missing, NotAllowedNow
from portal.feedback.models import Rating, Wish
from portal.feedback.rating import Answer, rate
from portal.feedback.wishes import both_wish, is_mutual, wish
from portal.mentors.models import Mentor
from portal.people.blocks import block
from portal.people.models import Person
from portal.sessions.booking import Request, book
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from portal.sessions.team import invite
from portal.sessions.turns import seat_at
from tests.cast import Visitor, make_person, make_session, opening, starts_of
from tests.conftest import Time
from tests.feedback.after import STEP, absence, main_of, over, rated
from tests.letters import html_of, mail, text_of, told

SECOND = timedelta(seconds=1)
FOURTEEN_DAYS = timedelta(days=14)
BOTH = "You both want to meet again"


@pytest.mark.parametrize(
    ("after_end", "refused"),
    [
        (-SECOND, "You are asked once the session is over."),
        (timedelta(), ""),
        (SECOND, ""),
        (FOURTEEN_DAYS - SECOND, ""),
        (FOURTEEN_DAYS, ""),
        (FOURTEEN_DAYS + SECOND, "You could answer for 14 days, and they are over."),
    ],
)
def test_wish_from_the_end_for_fourteen_days(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, after_end: timedelta, refused: str
) -> None:
    session = make_session(mentor, mentee)
    world.set(session.end + after_end)
    laila, path = Visitor(app, mentor.person), f"/sessions/{session.ref}/wish"
    assert (f'action="{path}"' in laila.get(f"/sessions/{session.ref}").text) is (not refused)
    answer = laila.post(path, {"again": "yes"})
    assert (answer.status_code, refused in answer.text) == (409 if refused else 303, True)
    assert list(Wish.select(Wish.person, Wish.again).tuples()) == ([] if refused else [(mentor.person_id, True)])


def test_wish_a_second_time_is_refused_and_changes_nothing(mentor: Mentor, mentee: Person, world: Time) -> None:
    session = over(mentor, mentee, world)
    wish(session, mentor=mentor.person, again=False)
    with pytest.raises(NotAllowedNow, match=r"You have answered this already\."):
        wish(session, mentor=mentor.person, again=True)
    assert [row.again for row in Wish.select()] == [False]


def test_wish_of_a_cancelled_session_is_refused(mentor: Mentor, mentee: Person, world: Time) -> None:
    session = make_session(mentor, mentee)
    cancel(session, person=mentee, reason="Ill")
    world.set(session.end)
    with pytest.raises(NotAllowedNow, match=r"This session was cancelled, so there is nothing to answer\."):
        wish(session, mentor=mentor.person, again=True)


def test_wish_after_nobody_came_is_refused_unless_it_is_denied(mentor: Mentor, mentee: Person, world: Time) -> None:
    session = over(mentor, mentee, world)
    absence(session)
    with pytest.raises(NotAllowedNow, match=r"One of you did not come, so there is nothing to answer\."):
        wish(session, mentor=mentor.person, again=True)
    other = over(mentor, make_person("Ana Lima"), world)
    absence(other, objected=True)
    wish(other, mentor=mentor.person, again=True)
    assert [row.session_id for row in Wish.select()] == [other.id]


def test_wish_as_anyone_but_the_mentor_does_not_exist(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person, world: Time
) -> None:
    session = over(mentor, mentee, world)
    for person in (mentee, stranger, coordinator):
        answer = Visitor(app, person).post(f"/sessions/{session.ref}/wish", {"again": "yes"})
        assert answer.status_code == 404
        with pytest.raises(Missing):
            wish(session, mentor=person, again=True)
    assert Visitor(app).post(f"/sessions/{session.ref}/wish", {"again": "yes"}).status_code == 303
    assert Wish.select().count() == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [({}, "Choose one of the two."), ({"again": ""}, "Choose one of the two."), ({"again": "maybe"}, "Not a valid")],
)
def test_wish_with_bad_input_says_so(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, typed: dict[str, str], said: str
) -> None:
    session = over(mentor, mentee, world)
    answer = Visitor(app, mentor.person).post(f"/sessions/{session.ref}/wish", typed)
    assert (answer.status_code, said in answer.text, Wish.select().count()) == (422, True, 0)


@pytest.mark.parametrize(("typed", "kept"), [({}, []), ({"again": "yes"}, [True]), ({"again": "no"}, [False])])
def test_rate_keeps_the_wish_where_there_is_one(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, typed: dict[str, str], kept: list[bool]
) -> None:
    session, sam = over(mentor, mentee, world), Visitor(app, mentee)
    page = sam.get(f"/sessions/{session.ref}/rating").text
    assert ("I’d like to" in page, "Laila only learns this if you both would like to." in page) == (True, True)
    assert sam.post(f"/sessions/{session.ref}/rating", {"reached": "yes", "stars": "5", **typed}).status_code == 303
    assert [row.again for row in Wish.select().where(Wish.person == mentee)] == kept


def test_rate_with_an_unknown_wish_keeps_nothing(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    session = over(mentor, mentee, world)
    typed = {"reached": "yes", "stars": "5", "again": "perhaps"}
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/rating", typed)
    assert (answer.status_code, "Not a valid choice." in answer.text) == (422, True)
    assert (Rating.select().count(), Wish.select().count()) == (0, 0)


@pytest.mark.parametrize("first", ["mentee", "mentor"])
@pytest.mark.parametrize("mentees", [True, False, None])
@pytest.mark.parametrize("mentors", [True, False, None])
def test_only_a_double_yes_is_shown_and_told(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, first: str, mentees: bool | None, mentors: bool | None
) -> None:
    session = over(mentor, mentee, world)
    before = told()

    def the_mentor() -> None:
        if mentors is not None:
            wish(session, mentor=mentor.person, again=mentors)

    if first == "mentor":
        the_mentor()
    rate(session, Answer("yes", 5, next_step=STEP, again=mentees), mentee=mentee)
    if first == "mentee":
        the_mentor()
    both = mentees is True and mentors is True
    shown = [BOTH in main_of(app, person, f"/sessions/{session.ref}") for person in (mentee, mentor.person)]
    assert (is_mutual(session), shown) == (both, [both, both])
    sides = [("feedback/meet_again", f"{name}@example.org") for name in ("laila.mansour", "sam.rivera")]
    assert told()[len(before) :] == (sides if both else [])


def both_said_yes(mentor: Mentor, mentee: Person, world: Time, **answer: object) -> Session:
    session = rated(mentor, mentee, world, again=True, **answer)
    wish(session, mentor=mentor.person, again=True)
    return session


def test_double_yes_leads_to_the_next_booking_with_the_next_step(
    app: Flask, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = both_said_yes(mentor, mentee, world, next_step="Ask <them> & wait")
    sam = Visitor(app, mentee)
    section = (
        main_of(app, mentee, f"/sessions/{session.ref}").split('aria-labelledby="again"')[1].split("</section>")[0]
    )
    buttons = re.findall(r'name="opening" value="([^"]+)"', section)
    starts = starts_of(mentor)[:6]
    assert buttons == [f"laila-mansour {start:%Y-%m-%dT%H:%M:%SZ} 15" for start in starts]
    hidden = dict(re.findall(r'type="hidden" name="(context|objective)" value="([^"]*)"', section))
    assert hidden == {"objective": "", "context": "Ask &lt;them&gt; &amp; wait"}
    held = sam.post("/holds", {"opening": buttons[0], "objective": "", "context": "Ask <them> & wait"})
    form = sam.get(held.location).text
    assert "From the last time: Ask &lt;them&gt; &amp; wait" in form
    typed = {"opening": buttons[0], "hold": held.location.rsplit("/")[-1], "context": "Ask <them> & wait"}
    booked = sam.post(
        "/sessions", {**typed, "objective": "Next", "questions": "How?", "kind": "career", "format": "video"}
    )
    brief = main_of(app, mentor.person, booked.location)
    assert "From the last time: Ask &lt;them&gt; &amp; wait" in brief


def test_double_yes_tells_the_mentor_the_openings_as_text(
    app: Flask, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = both_said_yes(mentor, mentee, world)
    page = main_of(app, mentor.person, f"/sessions/{session.ref}")
    said = re.search(r"Sam sees your next openings: ([^.]+)\.", page)
    assert said is not None
    assert said[1] == ", ".join(f"today {start:%H:%M}" for start in starts_of(mentor)[:6])
    assert 'name="opening"' not in page


def test_double_yes_says_what_stops_the_mentee(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    session = both_said_yes(mentor, mentee, world)
    for number in (8, 16, 24):
        make_session(mentor, mentee, number=number)
    page = main_of(app, mentee, f"/sessions/{session.ref}")
    assert (BOTH in page, "You have 3 upcoming sessions" in page, 'name="opening"' in page) == (True, True, False)


def test_double_yes_without_openings_says_so(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    session = both_said_yes(mentor, mentee, world)
    Mentor.update(status="hidden").where(Mentor.person == mentor.person_id).execute()
    sams, lailas = (main_of(app, person, f"/sessions/{session.ref}") for person in (mentee, mentor.person))
    assert "Laila has no opening of 15 minutes right now." in sams
    assert "You have no opening of 15 minutes right now, so Sam cannot book." in lailas


@pytest.mark.parametrize("by", ["mentee", "mentor"])
def test_double_yes_is_not_shown_across_a_block(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, by: str
) -> None:
    session = rated(mentor, mentee, world, again=True)
    sides = {"mentee": mentee, "mentor": mentor.person}
    block(next(person for name, person in sides.items() if name != by), person=sides[by])
    wish(session, mentor=mentor.person, again=True)
    assert [BOTH in main_of(app, person, f"/sessions/{session.ref}") for person in sides.values()] == [False, False]
    assert [kind for kind, _ in told() if kind.startswith("feedback/")] == []


def test_double_yes_is_not_shown_to_a_teammate(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    ana = make_person("Ana Lima")
    project = Request("A plan", ("How?",), "project", "video")
    session = book(opening(mentor), project, mentee=mentee, holder="a", hold_ref="a")
    invite(session, [ana.email], mentee=mentee)
    world.set(session.end)
    rate(session, Answer("yes", 5, again=True), mentee=mentee)
    wish(session, mentor=mentor.person, again=True)
    offered = {person.name: both_wish(seat_at(session.ref, person=person)) for person in (mentee, mentor.person, ana)}
    assert offered == {"Sam Rivera": True, "Laila Mansour": True, "Ana Lima": False}
    assert BOTH not in main_of(app, ana, f"/sessions/{session.ref}")
    assert [to for kind, to in told() if kind == "feedback/meet_again" and "ana" in to] == []


def test_mail_of_a_double_yes(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    session = both_said_yes(mentor, mentee, world)
    sams, lailas = (mail(app, "feedback/meet_again", to) for to in ("sam", "laila"))
    assert sams["Subject"] == "You and Laila both want to meet again"
    assert lailas["Subject"] == "You and Sam both want to meet again"
    for letter in (sams, lailas):
        assert f"http://portal.example.org/sessions/{session.ref}" in text_of(letter)
        assert f'href="http://portal.example.org/sessions/{session.ref}"' in html_of(letter)
    assert "Laila’s next openings are on the page of your last session." in text_of(sams)
    assert "Sam sees your next openings and can book one with a tap." in text_of(lailas)
