"""The pages of one's data: both downloads, and erasing, for the owner who has just shown who it is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask import Flask
from icalendar import Calendar

from portal.feedback.models import Wish
from portal.mentors.models import Mentor
from portal.people.blocks import block
from portal.people.models import Person, SignIn
from portal.preparation.conversation import say
from portal.sessions import team
from portal.sessions.booking import book
from portal.sessions.changes import cancel
from portal.sessions.holding import hold
from portal.sessions.models import Teammate
from tests.cast import REQUEST, Visitor, make_session, opening
from tests.conftest import Time


@pytest.fixture
def sam(app: Flask, mentee: Person) -> Visitor:
    return Visitor(app, mentee)


def test_the_page_leads_to_all_three(sam: Visitor) -> None:
    assert "/you/data" in sam.get("/you").text
    page = sam.get("/you/data").text
    assert all(path in page for path in ('action="/you/data.json"', 'action="/you/sessions.ics"', 'href="/you/erase"'))


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/you/data"), ("post", "/you/data.json"), ("post", "/you/sessions.ics"), ("post", "/you/erase")],
)
def test_only_who_has_just_shown_who_it_is(sam: Visitor, time: Time, mentee: Person, method: str, path: str) -> None:
    time.pass_(minutes=16)
    answer = getattr(sam, method)(path)
    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in/again")
    assert Person.get_by_id(mentee.id).name == "Sam Rivera"


def test_everything_is_one_json_file(sam: Visitor, mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee)
    Wish.create(session=session, person=mentor.person_id, again=True, at=session.start)
    answer = sam.post("/you/data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    found = json.loads(answer.text)
    assert (found["account"][0]["email"], found["account"][0]["created_at"]) == (mentee.email, "2026-11-23T08:00:00Z")
    assert [row["mentor"] for row in found["sessions"]] == ["Laila Mansour"]
    assert (found["wishes"], "token_hash" in answer.text) == ([], False)  # what the other wished is theirs


def test_sessions_are_one_calendar_file(sam: Visitor, mentor: Mentor, mentee: Person, time: Time) -> None:
    old, off = make_session(mentor, mentee), make_session(mentor, mentee, number=3)
    cancel(off, person=mentee, reason="Ill")
    time.pass_(days=100)
    SignIn.update(proved_at=time.now, seen_at=time.now).execute()
    answer = sam.post("/you/sessions.ics")
    assert answer.mimetype == "text/calendar"
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert [str(event["UID"]) for event in events] == [f"session-{old.ref}@portal"]


def test_erasing_says_what_happens(sam: Visitor, mentor: Mentor, mentee: Person) -> None:
    assert "upcoming session" not in sam.get("/you/erase").text
    make_session(mentor, mentee)
    assert "Your upcoming session is cancelled" in sam.get("/you/erase").text
    make_session(mentor, mentee, number=3)
    assert "Your 2 upcoming sessions are cancelled" in sam.get("/you/erase").text


@pytest.mark.parametrize("typed", ["", "sam", "laila.mansour@example.org"])
def test_only_one_s_own_address_confirms(sam: Visitor, mentee: Person, typed: str) -> None:
    answer = sam.post("/you/erase", {"email": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert Person.get_by_id(mentee.id).name == "Sam Rivera"


def test_erased_everywhere_signed_out_and_told(app: Flask, sam: Visitor, mentee: Person) -> None:
    elsewhere = Visitor(app, mentee)
    answer = sam.post("/you/erase", {"email": f" {mentee.email.upper()} "})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Your account is erased." in sam.get("/").text
    for visitor in (sam, elsewhere):
        assert visitor.get("/you").status_code == 302 or visitor.get("/you").location.startswith("/sign-in")


def test_the_only_coordinator_reads_why_not(app: Flask, coordinator: Person) -> None:
    inga = Visitor(app, coordinator)
    page = inga.get("/you/erase").text
    assert ("no other coordinator" in page, "Erase my account now" in page) == (True, False)
    assert inga.post("/you/erase", {"email": coordinator.email}).status_code == 409


def test_the_session_page_says_when_texts_are_removed(sam: Visitor, mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee)
    assert "is removed 12 months after the session" in sam.get(f"/sessions/{session.ref}").text


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2, "b": NaN}', '{"":' + "[" * 3900, "{", "{}"])
def test_a_message_is_told_as_it_was_written(sam: Visitor, mentor: Mentor, mentee: Person, text: str) -> None:
    """Whatever it looks like: only what is kept as JSON is read as such."""
    say(make_session(mentor, mentee), text, person=mentor.person, key="a")
    answer = sam.post("/you/data.json")
    assert [message["text"] for message in json.loads(answer.text)["messages_to_you"]] == [text]


def test_what_a_page_does_not_show_is_not_in_the_file(sam: Visitor, mentor: Mentor, mentee: Person, time: Time) -> None:
    session = make_session(mentor, mentee)
    say(session, "before the block", person=mentor.person, key="a")
    time.pass_(minutes=1)
    block(mentor.person, person=mentee)
    say(session, "after the block", person=mentor.person, key="b")
    answer = sam.post("/you/data.json").text
    assert ("before the block" in answer, "after the block" in answer) == (True, False)


def test_what_a_visitor_typed_is_theirs_by_the_address_alone(sam: Visitor, mentor: Mentor, mentee: Person) -> None:
    for number, draft in enumerate(
        ({"name": mentee.email}, {"objective": f'"email": "{mentee.email}"'}, {"email": mentee.email, "name": "Sam"})
    ):
        hold(opening(mentor, number * 4), holder=f"b{number}", mentee=None, draft=draft)
    holds = json.loads(sam.post("/you/data.json").text)["holds"]
    assert [row["draft"] for row in holds] == [{"email": mentee.email, "name": "Sam"}]


def test_a_session_that_was_handed_over_is_told_as_it_was_written(
    sam: Visitor, mentor: Mentor, mentee: Person, stranger: Person
) -> None:
    wanted = replace(REQUEST, kind="project")
    session = book(opening(mentor), wanted, mentee=mentee, holder="a", hold_ref="a")
    team.invite(session, [stranger.email], mentee=mentee)
    team.hand_over(session, Teammate.get().id, mentee=mentee)
    found = json.loads(sam.post("/you/data.json").text)
    assert (found["sessions"], found["sessions_handed_over"][0]["objective"]) == ([], REQUEST.objective)
