"""After a session: ticking the next step, and two weeks later one question, asked once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal.errors import Missing, NotAllowedNow
from portal.feedback import followups
from portal.feedback.followups import ask_due, follow_up_of, say_outcome, steps, tick
from portal.feedback.models import FollowUp
from portal.mentors.models import Mentor
from portal.people.blocks import block
from portal.people.models import Person
from portal.server import tidy
from portal.sessions.models import Session
from tests.cast import Visitor, make_mentor, make_person
from tests.conftest import Time
from tests.feedback.after import STEP, main_of, over, rated
from tests.feedback.secrecy import statements
from tests.letters import html_of, mail, text_of, told

SECOND = timedelta(seconds=1)
TWO_WEEKS = timedelta(days=14)
SIX_WEEKS = timedelta(days=42)


@pytest.fixture
def session(mentor: Mentor, mentee: Person, world: Time) -> Session:
    """One that has just ended and is rated, with a next step."""
    return rated(mentor, mentee, world)


def done_at(session: Session) -> datetime | None:
    said = follow_up_of(session)
    return said.done_at if said else None


def test_tick_and_take_it_off_again(app: Flask, session: Session, mentee: Person, world: Time) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/next-step"
    found = []
    for done in ("yes", "no", "yes"):
        answer = sam.post(path, {"done": done})
        boxes = [
            re.findall(r'name="done" value="(\w+)" role="checkbox" aria-checked="(\w+)"', sam.get(page).text)
            for page in ("/sessions", answer.location)
        ]
        found.append((answer.status_code, answer.location, done_at(session), boxes))
    ticked, open_ = [[("no", "true")]] * 2, [[("yes", "false")]] * 2
    here = f"/sessions/{session.ref}"
    assert found == [(303, here, world.now, ticked), (303, here, None, open_), (303, here, world.now, ticked)]


def test_tick_from_the_list_leads_back_to_it(app: Flask, session: Session, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    assert ('name="on" value="list"' in sam.get("/sessions").text, STEP in sam.get("/sessions").text) == (True, True)
    for on, back in (
        ("list", "/sessions"),
        ("session", f"/sessions/{session.ref}"),
        ("//x.org", f"/sessions/{session.ref}"),
    ):
        assert sam.post(f"/sessions/{session.ref}/next-step", {"done": "yes", "on": on}).location == back


def test_tick_twice_keeps_when_it_was_done(session: Session, mentee: Person, world: Time) -> None:
    first = world.now
    tick(session, mentee=mentee, is_done=True)
    world.pass_(days=300)
    tick(session, mentee=mentee, is_done=True)
    assert (done_at(session), FollowUp.select().count()) == (first, 1)


def test_tick_without_a_next_step_is_refused(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    unrated, without = over(mentor, mentee, world), rated(mentor, mentee, world, next_step="")
    for each in (unrated, without):
        with pytest.raises(NotAllowedNow, match=r"There is no next step to tick\."):
            tick(each, mentee=mentee, is_done=True)
        assert "next-step" not in main_of(app, mentee, f"/sessions/{each.ref}")
    assert FollowUp.select().count() == 0


@pytest.mark.parametrize("typed", [{}, {"done": ""}, {"done": "maybe"}])
@pytest.mark.parametrize("turn", ["next-step", "outcome"])
def test_bad_input_is_refused(
    app: Flask, session: Session, mentee: Person, world: Time, turn: str, typed: dict[str, str]
) -> None:
    world.set(session.end + TWO_WEEKS)
    sent = {{"done": "helped"}.get(name, name) if turn == "outcome" else name: value for name, value in typed.items()}
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/{turn}", sent)
    assert (answer.status_code, answer.text.count('class="error"')) == (422, 1)
    assert FollowUp.select().count() == 0


def test_following_up_is_the_mentees(
    app: Flask, session: Session, mentor: Mentor, stranger: Person, coordinator: Person, world: Time
) -> None:
    world.set(session.end + TWO_WEEKS)
    for person in (mentor.person, stranger, coordinator):
        browser = Visitor(app, person)
        assert browser.post(f"/sessions/{session.ref}/next-step", {"done": "yes"}).status_code == 404
        assert browser.post(f"/sessions/{session.ref}/outcome", {"helped": "yes"}).status_code == 404
        assert STEP not in browser.get("/sessions").text
        with pytest.raises(Missing):
            tick(session, mentee=person, is_done=True)
    assert Visitor(app).post(f"/sessions/{session.ref}/outcome", {"helped": "yes"}).status_code == 303
    assert FollowUp.select().count() == 0


@pytest.mark.parametrize(
    ("after_end", "refused"),
    [
        (TWO_WEEKS - SECOND, "You are asked two weeks after the session."),
        (TWO_WEEKS, ""),
        (TWO_WEEKS + SECOND, ""),
        (SIX_WEEKS - SECOND, ""),
        (SIX_WEEKS, ""),
        (SIX_WEEKS + SECOND, "This could be said until six weeks after the session."),
    ],
)
def test_outcome_from_two_to_six_weeks(
    app: Flask, session: Session, mentee: Person, world: Time, after_end: timedelta, refused: str
) -> None:
    world.set(session.end + after_end)
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/outcome"
    asked = [f'action="{path}"' in sam.get(page).text for page in ("/sessions", f"/sessions/{session.ref}")]
    assert (asked, [step.is_asked for step in steps(mentee)]) == ([not refused] * 2, [not refused])
    answer = sam.post(path, {"helped": "partly"})
    assert (answer.status_code, refused in answer.text) == (409 if refused else 303, True)
    assert [row.helped for row in FollowUp.select()] == ([] if refused else ["partly"])
    assert (ask_due(), [kind for kind, _ in told() if kind.startswith("feedback/")]) == (0, [])


@pytest.mark.parametrize(("weeks", "said"), [(2, "Two"), (3, "Three"), (4, "Four"), (5, "Five"), (6, "Six")])
def test_outcome_is_asked_of_the_next_step_or_the_objective(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time, weeks: int, said: str
) -> None:
    ana = make_person("Ana Lima")
    without = rated(mentor, ana, world, next_step="")
    world.set(session.end + timedelta(weeks=weeks))
    assert f"{said} weeks ago: {STEP}" in main_of(app, mentee, f"/sessions/{session.ref}")
    world.set(without.end + timedelta(weeks=weeks))
    assert f"{said} weeks ago: A counter-offer I can send tomorrow" in main_of(app, ana, "/sessions")


def test_outcome_a_second_time_is_refused(app: Flask, session: Session, mentee: Person, world: Time) -> None:
    world.set(session.end + TWO_WEEKS)
    say_outcome(session, "no", mentee=mentee)
    with pytest.raises(NotAllowedNow, match=r"You have said so already\."):
        say_outcome(session, "yes", mentee=mentee)
    assert (FollowUp.get().helped, FollowUp.get().helped_at) == ("no", world.now)
    assert "Later you said that it did not help." in main_of(app, mentee, f"/sessions/{session.ref}")


def test_outcome_of_what_was_not_rated_is_refused(mentor: Mentor, mentee: Person, world: Time) -> None:
    unrated = over(mentor, mentee, world)
    world.set(unrated.end + TWO_WEEKS)
    with pytest.raises(NotAllowedNow, match=r"Only who has rated a session is asked whether it helped\."):
        say_outcome(unrated, "yes", mentee=mentee)
    assert steps(mentee) == []


@pytest.mark.parametrize(
    ("after_end", "asked"),
    [
        (TWO_WEEKS - SECOND, 0),
        (TWO_WEEKS, 1),
        (TWO_WEEKS + SECOND, 1),
        (SIX_WEEKS - SECOND, 1),
        (SIX_WEEKS, 1),
        (SIX_WEEKS + SECOND, 0),
    ],
)
def test_ask_once_when_it_is_due(session: Session, world: Time, after_end: timedelta, asked: int) -> None:
    world.set(session.end + after_end)
    assert [ask_due(), ask_due()] == [asked, 0]
    assert told()[2:] == [("feedback/did_it_help", "sam.rivera@example.org")] * asked
    assert [row.asked_at for row in FollowUp.select()] == [world.now] * asked


def test_ask_keeps_the_tick_and_the_tick_keeps_the_question(session: Session, mentee: Person, world: Time) -> None:
    ticked = world.now
    tick(session, mentee=mentee, is_done=True)
    world.set(session.end + TWO_WEEKS)
    tidy()
    tick(session, mentee=mentee, is_done=False)
    tick(session, mentee=mentee, is_done=True)
    assert (ask_due(), FollowUp.get().asked_at, FollowUp.get().done_at) == (0, world.now, world.now)
    assert ticked < world.now
    say_outcome(session, "yes", mentee=mentee)
    assert (FollowUp.get().asked_at, FollowUp.get().done_at, FollowUp.get().helped) == (world.now, world.now, "yes")


@pytest.mark.parametrize("by", ["mentee", "mentor", "nobody"])
def test_ask_nobody_who_has_blocked_the_mentor(
    session: Session, mentor: Mentor, mentee: Person, world: Time, by: str
) -> None:
    if by != "nobody":
        one, other = (mentee, mentor.person) if by == "mentee" else (mentor.person, mentee)
        block(other, person=one)
    world.set(session.end + TWO_WEEKS)
    assert ask_due() == (by != "mentee")  # a block by the mentor is nothing to notice


def test_ask_only_who_has_rated(mentor: Mentor, mentee: Person, world: Time) -> None:
    session = over(mentor, mentee, world)
    world.set(session.end + TWO_WEEKS)
    assert ask_due() == 0


def test_ask_more_than_one_batch(mentor: Mentor, world: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followups, "BATCH", 2)
    sessions = [rated(mentor, make_person(f"Mentee {number}"), world) for number in range(5)]
    world.set(sessions[-1].end + TWO_WEEKS)
    assert (ask_due(), ask_due()) == (5, 0)


def test_mail_that_asks(app: Flask, session: Session, world: Time) -> None:
    world.set(session.end + TWO_WEEKS)
    ask_due()
    letter = mail(app, "feedback/did_it_help")
    assert (letter["To"], letter["Subject"]) == ("sam.rivera@example.org", "Did it help? Your session with Laila")
    assert f"Two weeks ago you met Laila Mansour. It was about this:\n\n“{STEP}”" in text_of(letter)
    assert f'href="http://portal.example.org/sessions/{session.ref}"' in html_of(letter)


def test_steps_are_those_asked_of_then_open_then_the_latest(mentor: Mentor, mentee: Person, world: Time) -> None:
    for name in ("asked", "open", "done", "latest"):
        session = rated(mentor, mentee, world, next_step=name)
        if name == "asked":
            world.pass_(days=13)
        if name == "done":
            tick(session, mentee=mentee, is_done=True)
    world.pass_(hours=23)
    assert [step.next_step for step in steps(mentee)] == ["asked", "latest", "open", "done"]


def test_sessions_page_takes_as_many_statements_for_many_as_for_few(app: Flask, world: Time) -> None:
    def asked(mentee: Person) -> int:
        sam = Visitor(app, mentee)
        sam.get("/sessions")
        with statements() as run:
            page = sam.get("/sessions")
        assert (page.status_code, "Next steps" in page.text, "People met" in page.text) == (200, True, True)
        return len(run)

    mentors = [make_mentor(name) for name in ("Laila Mansour", "Tobias Okafor", "Grace Ito", "Ben Adler")]
    few, many = make_person("Sam Rivera"), make_person("Ana Lima")
    rated(mentors[0], few, world)
    for mentor in mentors:
        for _ in range(2):
            rated(mentor, many, world)
    assert asked(few) == asked(many)
    world.pass_(days=14)
    assert asked(few) == asked(many)
