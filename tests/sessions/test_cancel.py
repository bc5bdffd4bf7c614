"""Cancelling: either side, until the start, once; the time is free at once and both are told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.availability.models import Claim
from portal.errors import NotAllowedNow
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.changes import cancel
from portal.sessions.models import Session, SessionEvent
from tests.cast import Visitor, make_person, make_session, starts_of
from tests.conftest import Time
from tests.letters import html_of, mail, text_of, told

SECOND = timedelta(seconds=1)


@pytest.fixture
def session(mentor: Mentor, mentee: Person) -> Session:
    return make_session(mentor, mentee, number=4, length=30)


@pytest.mark.parametrize("side", ["mentor", "mentee"])
def test_cancel_by_either_side_frees_the_time_and_tells_both(
    session: Session, mentor: Mentor, mentee: Person, side: str, world: Time
) -> None:
    person = mentor.person if side == "mentor" else mentee
    assert session.start not in starts_of(mentor)
    cancel(session, person=person, reason="Ill, sorry")
    assert (Claim.select().count(), session.start in starts_of(mentor)) == (0, True)
    fresh = Session.get_by_id(session.id)
    assert (fresh.is_cancelled, fresh.cancelled_at, fresh.cancelled_by_id) == (True, world.now, person.id)
    assert (fresh.cancel_reason, fresh.sequence) == ("Ill, sorry", session.sequence + 1)
    assert told()[2:] == [
        ("sessions/cancelled", "laila.mansour@example.org"),
        ("sessions/cancelled", "sam.rivera@example.org"),
    ]
    events = SessionEvent.select(SessionEvent.what, SessionEvent.person).order_by(SessionEvent.id)
    assert list(events.tuples()) == [("booked", mentee.id), ("cancelled", person.id)]


@pytest.mark.parametrize(("before", "allowed"), [(SECOND, True), (timedelta(), False), (-SECOND, False)])
def test_cancel_until_the_start(
    session: Session, mentee: Person, world: Time, before: timedelta, allowed: bool
) -> None:
    world.set(session.start - before)
    if allowed:
        cancel(session, person=mentee, reason="Ill")
    else:
        with pytest.raises(NotAllowedNow, match="it is too late to cancel it"):
            cancel(session, person=mentee, reason="Ill")
    assert Session.get_by_id(session.id).is_cancelled is allowed
    assert len(told()) == (4 if allowed else 2)


def test_cancel_a_second_time_is_refused_and_changes_nothing(session: Session, mentor: Mentor, mentee: Person) -> None:
    cancel(session, person=mentee, reason="Ill")
    with pytest.raises(NotAllowedNow, match="was cancelled already"):
        cancel(session, person=mentor.person, reason="Me too")
    fresh = Session.get_by_id(session.id)
    assert (fresh.cancel_reason, fresh.cancelled_by_id, fresh.sequence) == ("Ill", mentee.id, 1)
    assert (len(told()), SessionEvent.select().count()) == (4, 2)


def test_cancelled_time_can_be_booked_again_and_stays_cancelled(
    session: Session, mentor: Mentor, mentee: Person
) -> None:
    cancel(session, person=mentee, reason="Ill")
    again = make_session(mentor, make_person("Noor Haddad"), number=4, length=30)
    assert (again.start, again.id != session.id) == (session.start, True)
    with pytest.raises(NotAllowedNow):
        cancel(session, person=mentor.person, reason="Again")
    assert Claim.select().where(Claim.session == again.id).count() == 4


def test_cancel_frees_one_of_three_upcoming(mentor: Mentor, mentee: Person) -> None:
    first, _, _ = (make_session(mentor, mentee, number=number) for number in range(3))
    cancel(first, person=mentee, reason="Ill")
    assert make_session(mentor, mentee).start == first.start


def test_cancel_through_the_page(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}"
    assert f'action="{path}/cancellation"' in sam.get(path).text
    answer = sam.post(f"{path}/cancellation", {"reason": "Ill <b>today</b>"})
    assert (answer.status_code, answer.location) == (303, path)
    page = sam.get(path).text
    again_with = "Book again with Laila, in one tap"
    for shown in ("The session is cancelled.", "Cancelled late by you: “Ill &lt;b&gt;today&lt;/b&gt;”", again_with):
        assert (shown, shown in page) == (shown, True)
    assert (f'action="{path}/cancellation"' in page, "calendar.ics" in page) == (False, False)
    seen = Visitor(app, mentor.person).get(path).text
    assert ("Cancelled late by Sam Rivera: “Ill" in seen, again_with in seen) == (True, False)
    again = sam.post(f"{path}/cancellation", {"reason": "Twice"})
    assert (again.status_code, "This session was cancelled already." in again.text) == (409, True)


@pytest.mark.parametrize(("who", "said"), [("mentor", True), ("mentee", False)])
def test_cancel_by_the_mentor_says_that_the_time_is_open_to_others(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time, who: str, said: bool
) -> None:
    cancel(session, person=mentor.person if who == "mentor" else mentee, reason="Ill")
    laila, path, note = Visitor(app, mentor.person), f"/sessions/{session.ref}", "Others can book this time now."
    assert (note in laila.get(path).text, note in Visitor(app, mentee).get(path).text) == (said, False)
    world.set(session.start)
    assert note not in laila.get(path).text


LATE = "It starts in less than 3 hours, so this counts as a late cancellation. You can move it instead."


@pytest.mark.parametrize(("before", "late"), [(SECOND, False), (timedelta(), False), (-SECOND, True)])
def test_cancel_inside_three_hours_is_late_and_says_so_before(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, before: timedelta, late: bool
) -> None:
    session, sam = make_session(mentor, mentee, number=20), Visitor(app, mentee)
    world.set(session.start - timedelta(hours=3) - before)
    assert (LATE in sam.get(f"/sessions/{session.ref}").text) is late
    sam.post(f"/sessions/{session.ref}/cancellation", {"reason": "Ill"})
    page = sam.get(f"/sessions/{session.ref}").text
    assert (f"Cancelled {'late ' if late else ''}by you: “Ill”" in page) is True
    assert Session.get_by_id(session.id).was_cancelled_late is late


def test_cancel_needs_a_sentence(app: Flask, session: Session, mentee: Person) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/cancellation"
    for reason, said in (
        ("", "Write a sentence, so that they know why."),
        ("x" * 301, "At most 300 characters, please."),
    ):
        answer = sam.post(path, {"reason": reason})
        assert (answer.status_code, said in answer.text, f'value="{reason}"' in answer.text) == (422, True, True)
        assert re.findall(r"<input [^>]*autofocus[^>]*>", answer.text) == re.findall(
            r'<input [^>]*name="reason"[^>]*>', answer.text
        )
    assert not Session.get_by_id(session.id).is_cancelled


def test_cancel_as_a_stranger_does_not_exist(
    app: Flask, session: Session, stranger: Person, coordinator: Person
) -> None:
    for person in (stranger, coordinator):
        assert Visitor(app, person).post(f"/sessions/{session.ref}/cancellation", {"reason": "x"}).status_code == 404
    assert Visitor(app).post(f"/sessions/{session.ref}/cancellation", {"reason": "x"}).status_code == 303
    assert not Session.get_by_id(session.id).is_cancelled


def test_mails_tell_who_cancelled_when_in_the_readers_zone_and_why(
    app: Flask, session: Session, mentee: Person
) -> None:
    cancel(session, person=mentee, reason="Ill <today>")
    mentors = mail(app, "sessions/cancelled", "laila")
    mentees = mail(app, "sessions/cancelled", "sam")
    assert mentors["Subject"] == "Cancelled: Sam Rivera, Monday 23 November 2026, 10:00–10:30 (UTC time)"
    assert mentees["Subject"] == "Cancelled: Laila Mansour, Monday 23 November 2026, 11:00–11:30 (Berlin time)"
    assert text_of(mentors).startswith("Sam cancelled the session with you.\n")
    assert text_of(mentees).startswith("You cancelled the session with Laila Mansour.\n")
    for message in (mentors, mentees):
        assert ("“Ill <today>”" in text_of(message), "“Ill &lt;today&gt;”" in html_of(message)) == (True, True)
        assert f"http://portal.example.org/sessions/{session.ref}" in text_of(message)
