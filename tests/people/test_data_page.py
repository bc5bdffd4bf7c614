"""The pages of one's data: both downloads, and erasing, for the owner who has just shown who it is."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from icalendar import Calendar

from portal.feedback.models import Wish
from portal.mentors.models import Mentor
from portal.people.models import Person, SignIn
from portal.sessions.changes import cancel
from tests.cast import Visitor, make_session
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
    assert ("the only coordinator" in page, "Erase my account now" in page) == (True, False)
    assert inga.post("/you/erase", {"email": coordinator.email}).status_code == 409


def test_the_session_page_says_when_texts_are_removed(sam: Visitor, mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee)
    assert "is removed 12 months after the session" in sam.get(f"/sessions/{session.ref}").text
