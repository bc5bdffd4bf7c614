"""The first ten minutes: late, or not there; the other side may object once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.errors import Missing, NotAllowedNow
from portal.feedback.rating import Answer, rate
from portal.feedback.unrated import to_rate
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.attendance import mark_absent, object_to, say_late
from portal.sessions.changes import cancel, move
from portal.sessions.models import Attendance, Session, SessionEvent
from portal.sessions.turns import seat_at
from tests.cast import Visitor, make_session
from tests.conftest import Time
from tests.letters import told

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
LAILA, SAM = "laila.mansour@example.org", "sam.rivera@example.org"
SIDES = pytest.mark.parametrize("side", ["mentor", "mentee"])


@pytest.fixture
def session(mentor: Mentor, mentee: Person) -> Session:
    return make_session(mentor, mentee, number=4, length=30)


def sides(session: Session, side: str) -> tuple[Person, Person]:
    """Who says it, and of whom."""
    both = session.mentor.person, session.mentee
    return both if side == "mentor" else both[::-1]


def said() -> list[tuple[int, bool, bool, str]]:
    """Of whom, whether late, whether absent, and what they answered."""
    rows = Attendance.select().order_by(Attendance.person)
    return [(row.person_id, row.late_at is not None, row.absent_at is not None, row.objection) for row in rows]


@SIDES
@pytest.mark.parametrize(
    ("from_start", "allowed"),
    [
        (-15 * MINUTE - SECOND, "You can say that you are late from 15 minutes before the session."),
        (-15 * MINUTE, ""),
        (-15 * MINUTE + SECOND, ""),
        (10 * MINUTE - SECOND, ""),
        (10 * MINUTE, "Ten minutes have passed. Write a message instead."),
        (10 * MINUTE + SECOND, "Ten minutes have passed. Write a message instead."),
    ],
)
def test_say_late_from_15_minutes_ahead_until_minute_10(
    session: Session, world: Time, side: str, from_start: timedelta, allowed: str
) -> None:
    world.set(session.start + from_start)
    person, _ = sides(session, side)
    assert seat_at(session.ref, person=person).can("late-notice") is not bool(allowed)
    if allowed:
        with pytest.raises(NotAllowedNow, match=allowed):
            say_late(session, person=person)
    else:
        say_late(session, person=person)
    assert said() == ([] if allowed else [(person.id, True, False, "")])


def test_say_late_tells_the_other_side_on_the_page_and_by_mail(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    sam, laila, path = Visitor(app, mentee), Visitor(app, mentor.person), f"/sessions/{session.ref}"
    world.set(session.start - 2 * MINUTE)
    button = f'action="{path}/late-notice"'
    assert (button in sam.get(path).text, button in laila.get(path).text) == (True, True)
    answer = sam.post(f"{path}/late-notice")
    assert (answer.status_code, answer.location, told()[2:]) == (303, path, [("sessions/late", LAILA)])
    page = sam.get(path).text
    assert "Laila knows that you are 5 minutes late." in page
    assert "Sam is 5 minutes late, said at 09:58." in laila.get(path).text
    assert (button in page, button in laila.get(path).text) == (False, True)
    events = SessionEvent.select(SessionEvent.what, SessionEvent.person).order_by(SessionEvent.id)
    assert list(events.tuples())[1:] == [("late", mentee.id)]


def test_say_late_once(app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time) -> None:
    world.set(session.start)
    say_late(session, person=mentee)
    world.pass_(minutes=3)
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/late-notice")
    assert (answer.status_code, "You have said so already." in answer.text, len(told())) == (409, True, 3)
    assert Attendance.get().late_at == session.start
    say_late(session, person=mentor.person)
    assert told()[3:] == [("sessions/late", SAM)]


@SIDES
@pytest.mark.parametrize(
    ("when", "allowed"),
    [
        (("start", 10 * MINUTE - SECOND), "Give them ten minutes from the start."),
        (("start", 10 * MINUTE), ""),
        (("start", 10 * MINUTE + SECOND), ""),
        (("end", timedelta(days=1) - SECOND), ""),
        (("end", timedelta(days=1)), "This can be said until a day after the session."),
        (("end", timedelta(days=1) + SECOND), "This can be said until a day after the session."),
    ],
)
def test_mark_absent_from_minute_10_until_a_day_after(
    session: Session, world: Time, side: str, when: tuple[str, timedelta], allowed: str
) -> None:
    world.set(getattr(session, when[0]) + when[1])
    person, other = sides(session, side)
    assert seat_at(session.ref, person=person).can("absence") is not bool(allowed)
    if allowed:
        with pytest.raises(NotAllowedNow, match=allowed):
            mark_absent(session, person=person)
    else:
        mark_absent(session, person=person)
    assert said() == ([] if allowed else [(other.id, False, True, "")])


@SIDES
def test_mark_absent_tells_the_other_who_may_object(app: Flask, session: Session, world: Time, side: str) -> None:
    person, other = sides(session, side)
    world.set(session.start + 10 * MINUTE)
    path, browser, theirs = f"/sessions/{session.ref}", Visitor(app, person), Visitor(app, other)
    assert f"{other.first_name} did not come</button>" in browser.get(path).text
    answer = browser.post(f"{path}/absence")
    assert (answer.status_code, told()[2:]) == (303, [("sessions/did_not_come", other.email)])
    page = browser.get(path).text
    assert (f"You said that {other.first_name} did not come." in page, "did not come</button>" in page) == (True, False)
    seen = theirs.get(path).text
    assert (f"{person.first_name} says that you did not come" in seen, "Send the answer" in seen) == (True, True)
    again = browser.post(f"{path}/absence")
    assert (again.status_code, "You have said so already." in again.text, len(told())) == (409, True, 3)


def test_both_sides_can_say_that_the_other_did_not_come(
    session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    world.set(session.end)
    mark_absent(session, person=mentee)
    mark_absent(session, person=mentor.person)
    assert said() == [(mentor.person_id, False, True, ""), (mentee.id, False, True, "")]
    object_to(session, person=mentee, objection="I was in the room.")
    object_to(session, person=mentor.person, objection="The link was wrong.")
    assert told()[2:] == [
        ("sessions/did_not_come", LAILA),
        ("sessions/did_not_come", SAM),
        ("sessions/objected", LAILA),
        ("sessions/objected", SAM),
    ]


def test_who_said_late_and_did_not_come_keeps_both(
    session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    world.set(session.start)
    say_late(session, person=mentee)
    world.set(session.end)
    mark_absent(session, person=mentor.person)
    object_to(session, person=mentee, objection="I came at 10:06.")
    assert said() == [(mentee.id, True, True, "I came at 10:06.")]


@SIDES
@pytest.mark.parametrize(
    ("after_end", "allowed"),
    [
        (timedelta(days=14) - SECOND, ""),
        (timedelta(days=14), "You could object for 14 days, and they are over."),
        (timedelta(days=14) + SECOND, "You could object for 14 days, and they are over."),
    ],
)
def test_object_within_14_days(session: Session, world: Time, side: str, after_end: timedelta, allowed: str) -> None:
    person, other = sides(session, side)
    world.set(session.end)
    mark_absent(session, person=other)
    world.set(session.end + after_end)
    if allowed:
        with pytest.raises(NotAllowedNow, match=allowed):
            object_to(session, person=person, objection="I came.")
    else:
        object_to(session, person=person, objection="I came.")
    assert said() == [(person.id, False, True, "" if allowed else "I came.")]


def test_object_through_the_page_once(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    world.set(session.end)
    sam, laila, path = Visitor(app, mentee), Visitor(app, mentor.person), f"/sessions/{session.ref}"
    assert sam.post(f"{path}/objection", {"objection": "Early"}).status_code == 409
    laila.post(f"{path}/absence")
    for typed, wrong in (
        ("", "Write a sentence: you came, or why you could not."),
        ("x" * 301, "At most 300 characters, please."),
    ):
        answer = sam.post(f"{path}/objection", {"objection": typed})
        assert (answer.status_code, wrong in answer.text, f'value="{typed}"' in answer.text) == (422, True, True)
    answer = sam.post(f"{path}/objection", {"objection": "The <link> was dead"})
    assert (answer.status_code, told()[3:]) == (303, [("sessions/objected", LAILA)])
    assert "You answered: “The &lt;link&gt; was dead”" in sam.get(path).text
    assert "Sam answers: “The &lt;link&gt; was dead”" in laila.get(path).text
    again = sam.post(f"{path}/objection", {"objection": "And more"})
    assert (again.status_code, "You have objected already. It is kept." in again.text) == (409, True)
    assert said() == [(mentee.id, False, True, "The <link> was dead")]
    twice = laila.post(f"{path}/absence")
    assert (twice.status_code, len(told())) == (409, 4)


@SIDES
def test_nothing_of_it_for_a_cancelled_session(session: Session, world: Time, side: str) -> None:
    person, _ = sides(session, side)
    cancel(session, person=session.mentee, reason="Ill")
    for instant in (session.start, session.start + 10 * MINUTE, session.end):
        world.set(instant)
        with pytest.raises(NotAllowedNow, match="This session was cancelled, so nobody waits for you"):
            say_late(session, person=person)
        with pytest.raises(NotAllowedNow, match="This session was cancelled, so nobody had to come"):
            mark_absent(session, person=person)
        with pytest.raises(NotAllowedNow, match="Nobody has said that you did not come"):
            object_to(session, person=person, objection="I came.")
    assert (said(), len(told())) == ([], 4)


def test_nothing_of_it_for_others(app: Flask, session: Session, stranger: Person, world: Time) -> None:
    world.set(session.start + 10 * MINUTE)
    browser = Visitor(app, stranger)
    for name in ("late-notice", "absence", "objection"):
        assert (name, browser.post(f"/sessions/{session.ref}/{name}", {"objection": "x"}).status_code) == (name, 404)
    for verb in (say_late, mark_absent):
        with pytest.raises(Missing):
            verb(session, person=stranger)
    assert said() == []


@SIDES
def test_rating_is_closed_by_an_absence_and_open_again_after_an_objection(
    app: Flask, session: Session, mentee: Person, world: Time, side: str
) -> None:
    person, other = sides(session, side)
    world.set(session.end)
    assert to_rate(mentee) == {session.id}
    mark_absent(session, person=other)
    assert to_rate(mentee) == set()
    with pytest.raises(NotAllowedNow, match="One of you did not come, so there is nothing to rate"):
        rate(session, Answer("yes", 5), mentee=mentee)
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/rating"
    assert (sam.get(path).status_code, sam.post(path, {"reached": "yes", "stars": "5"}).status_code) == (303, 409)
    object_to(session, person=person, objection="I came.")
    assert (to_rate(mentee), sam.get(path).status_code) == ({session.id}, 200)
    rate(session, Answer("yes", 5), mentee=mentee)


def test_rating_waits_for_both_objections_where_each_says_it(
    session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    world.set(session.end)
    for person in (mentee, mentor.person):
        mark_absent(session, person=person)
    object_to(session, person=mentee, objection="I came.")
    with pytest.raises(NotAllowedNow):
        rate(session, Answer("yes", 5), mentee=mentee)
    object_to(session, person=mentor.person, objection="So did I.")
    rate(session, Answer("yes", 5), mentee=mentee)


def test_late_notice_is_about_the_time_that_it_was_said_for(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    world.set(session.start - 10 * MINUTE)
    for side in (mentee, mentor.person):
        say_late(session, person=side)
    move(session, session.start + 24 * 60 * MINUTE, mentee=mentee)
    path = f"/sessions/{session.ref}"
    assert said() == []
    assert ["5 minutes late" in Visitor(app, side).get(path).text for side in (mentee, mentor.person)] == [False, False]
    world.pass_(days=1)
    say_late(session, person=mentee)
    assert said() == [(mentee.id, True, False, "")]
    assert told()[-1:] == [("sessions/late", LAILA)]


@pytest.mark.parametrize("by", ["mentor", "mentee"])
def test_absence_is_not_said_of_a_session_that_was_rated(mentor: Mentor, mentee: Person, world: Time, by: str) -> None:
    session = make_session(mentor, mentee)
    world.set(session.end)
    rate(session, Answer("no", 1), mentee=mentee)
    person = mentor.person if by == "mentor" else mentee
    with pytest.raises(NotAllowedNow, match=r"This session has been rated, so you did meet\."):
        mark_absent(session, person=person)
    assert (seat_at(session.ref, person=person).can("absence"), Attendance.select().count()) == (False, 0)
