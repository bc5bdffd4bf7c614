"""The calendar entry of a session, read back as a calendar reads it (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from icalendar import Calendar, Event

from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.booking import Request, book
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from tests.cast import Visitor, cookie_of, make_mentor, opening
from tests.conftest import Time

NASTY = 'a; b, c\\d "e" <f>:g 😀 BEGIN:VALARM\u0085END:VCALENDAR ' + "ü" * 90


def meeting(mentor: Mentor, mentee: Person, **changes: object) -> Session:
    values = {"objective": "A counter-offer", "questions": ("Is it normal?",), "kind": "career", "format": "video"}
    return book(opening(mentor, 4), Request(**{**values, **changes}), mentee=mentee, holder="a", hold_ref="a")  # type: ignore[arg-type]


def entry(app: Flask, session: Session, person: Person) -> tuple[bytes, Event]:
    answer = Visitor(app, person).get(f"/sessions/{session.ref}/calendar.ics")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="session-2026-11-23.ics"'
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert len(events) == 1
    return answer.data, events[0]


def test_entry_says_who_when_where_and_why(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    session = meeting(mentor, mentee)
    for person, other in ((mentee, "Laila Mansour"), (mentor.person, "Sam Rivera")):
        _, event = entry(app, session, person)
        url = f"http://portal.example.org/sessions/{session.ref}"
        assert str(event["SUMMARY"]) == f"Session with {other}"
        assert event.decoded("DTSTART") == session.start == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
        assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=15)
        assert event.decoded("DTSTAMP") == world.now
        assert str(event["DESCRIPTION"]) == f"A counter-offer\n\nIs it normal?\n\n{url}"
        assert (str(event["URL"]), str(event["LOCATION"])) == (url, "https://meet.example.org/room")
        assert (str(event["STATUS"]), int(event["SEQUENCE"]), str(event["UID"])) == (
            "CONFIRMED",
            0,
            f"session-{session.ref}@portal",
        )


def test_entry_keeps_its_uid_and_its_sequence_rises_on_cancel(
    app: Flask, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = meeting(mentor, mentee)
    _, before = entry(app, session, mentee)
    world.pass_(minutes=30)
    _, same = entry(app, session, mentor.person)
    cancel(session, person=mentor.person, reason="Ill")
    _, after = entry(app, session, mentee)
    assert str(before["UID"]) == str(same["UID"]) == str(after["UID"])
    assert [int(event["SEQUENCE"]) for event in (before, same, after)] == [0, 0, 1]
    assert [str(event["STATUS"]) for event in (before, same, after)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert after.decoded("DTSTART") == before.decoded("DTSTART")


def test_entry_survives_nasty_text(app: Flask, mentee: Person) -> None:
    mentor = make_mentor(NASTY[:80].strip(), formats=("in_person",), place=NASTY[:160], video_link="")
    session = meeting(mentor, mentee, objective=NASTY, questions=(NASTY, NASTY), format="in_person")
    raw, event = entry(app, session, mentee)
    assert str(event["SUMMARY"]) == f"Session with {NASTY[:80].strip()}"
    assert str(event["LOCATION"]) == NASTY[:160]
    assert str(event["DESCRIPTION"]).split("\n")[:4] == [NASTY, "", NASTY, NASTY]
    assert (raw.count(b"\r\nBEGIN:VALARM"), raw.count(b"BEGIN:VEVENT"), raw.count(b"\r\nEND:VCALENDAR")) == (1, 1, 1)


def test_entry_has_lines_as_the_format_wants_them(app: Flask, mentor: Mentor, mentee: Person) -> None:
    raw, _ = entry(app, meeting(mentor, mentee, objective="ü" * 160), mentee)
    assert raw.endswith(b"\r\n")
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75


def test_entry_without_a_place_has_none(app: Flask, mentor: Mentor, mentee: Person) -> None:
    _, event = entry(app, meeting(mentor, mentee, format="chat"), mentee)
    assert "LOCATION" not in event


def test_entry_points_to_the_portal_whatever_host_was_asked(app: Flask, mentor: Mentor, mentee: Person) -> None:
    session = meeting(mentor, mentee)
    sam = Visitor(app, mentee)
    with sam.client.session_transaction(base_url="http://evil.example") as cookie:
        cookie.update(cookie_of(mentee))
    answer = sam.get(f"/sessions/{session.ref}/calendar.ics", base_url="http://evil.example")
    assert (answer.status_code, b"evil.example" in answer.data, b"portal.example.org" in answer.data) == (
        200,
        False,
        True,
    )
