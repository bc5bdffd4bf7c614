"""Moving: another opening of the same mentor, in two taps; the mentor may ask for it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from flask import Flask

from portal.availability import hours
from portal.availability.choices import next_openings
from portal.availability.claims import openings_of
from portal.availability.hours import Plan
from portal.availability.models import Claim
from portal.availability.openings import instant_of
from portal.database import db
from portal.errors import Missing, NotAllowedNow, OpeningTaken, Refusal, SettingsError
from portal.limits import Limits
from portal.mentors import profile
from portal.mentors.models import Mentor
from portal.people import blocks
from portal.people.models import Person
from portal.sessions import team
from portal.sessions.booking import book
from portal.sessions.changes import ask_to_move, cancel, move, other_openings
from portal.sessions.holding import Opening
from portal.sessions.models import Session, SessionEvent
from portal.settings import Settings, from_environment
from tests.cast import ALL_WEEK, REQUEST, Visitor, make_mentor, make_person, starts_of, value_of
from tests.conftest import Time
from tests.letters import told

QUARTER = timedelta(minutes=15)
SECOND = timedelta(seconds=1)
LAILA, SAM = "laila.mansour@example.org", "sam.rivera@example.org"


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def booked(mentor: Mentor, mentee: Person, start: datetime, length: int = 30) -> Session:
    name = f"{mentor.slug} {start}"
    return book(Opening(mentor, start, length), REQUEST, mentee=mentee, holder=name, hold_ref=name)


def claimed() -> set[tuple[int, datetime]]:
    """Whose time is taken, and when."""
    return {(row.person_id, instant_of(row.quarter)) for row in Claim.select()}


@pytest.fixture
def session(mentor: Mentor, mentee: Person) -> Session:
    return booked(mentor, mentee, at(10))


@pytest.fixture
def one_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.limits._limits", Limits(moves=1))


def test_move_takes_the_new_time_and_frees_the_old(session: Session, mentor: Mentor, mentee: Person) -> None:
    move(session, at(14), mentee=mentee)
    taken = {(person, at(14) + step) for person in (mentor.person_id, mentee.id) for step in (timedelta(), QUARTER)}
    assert claimed() == taken
    assert (at(10) in starts_of(mentor, 30), at(14) in starts_of(mentor, 30)) == (True, False)
    fresh = Session.get_by_id(session.id)
    assert (fresh.start, fresh.moves, fresh.sequence, fresh.ref) == (at(14), 1, 1, session.ref)
    events = SessionEvent.select(SessionEvent.what, SessionEvent.person).order_by(SessionEvent.id)
    assert list(events.tuples()) == [("booked", mentee.id), ("moved", mentee.id)]


def test_move_tells_both_sides_and_the_team(mentor: Mentor, mentee: Person) -> None:
    request = replace(REQUEST, kind="project")
    session = book(Opening(mentor, at(10), 30), request, mentee=mentee, holder="a", hold_ref="a")
    team.invite(session, ["noor@example.org", "kai@example.org"], mentee=mentee)
    before = len(told())
    move(session, at(14), mentee=mentee)
    assert told()[before:] == [("sessions/moved", who) for who in (LAILA, SAM, "noor@example.org", "kai@example.org")]


def test_move_that_fails_keeps_everything_as_it_was(session: Session, mentor: Mentor, mentee: Person) -> None:
    booked(mentor, make_person("Noor Haddad"), at(14))
    before, letters = claimed(), told()
    with pytest.raises(OpeningTaken, match="This time is no longer free"):
        move(session, at(14), mentee=mentee)
    fresh = Session.get_by_id(session.id)
    assert (fresh.start, fresh.moves, fresh.sequence) == (at(10), 0, 0)
    assert (claimed(), told(), SessionEvent.select().count()) == (before, letters, 2)


def test_move_sent_twice_is_one_move(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    sam, tap = Visitor(app, mentee), {"opening": value_of(Opening(mentor, at(14), 30))}
    answers = [sam.post(f"/sessions/{session.ref}/move", tap) for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, f"/sessions/{session.ref}")] * 2
    fresh = Session.get_by_id(session.id)
    assert (fresh.moves, fresh.sequence, len(told()), SessionEvent.select().count()) == (1, 1, 4, 2)


def test_move_to_where_it_is_is_refused(session: Session, mentee: Person) -> None:
    with pytest.raises(OpeningTaken, match="It is at this time already"):
        move(session, at(10), mentee=mentee)
    assert (Session.get_by_id(session.id).moves, len(claimed())) == (0, 4)


def test_move_by_less_than_its_length_overlaps_only_itself(mentor: Mentor, mentee: Person) -> None:
    session = booked(mentor, mentee, at(10), 60)
    near = [start for start in other_openings(session) if at(9) <= start <= at(11)]
    assert near == [at(9) + QUARTER * step for step in range(9) if step != 4]
    assert [s for s in next_openings(mentor.person_id, 60, mentee_id=mentee.id) if s <= at(11)] == [at(9), at(11)]
    move(session, at(10, 15), mentee=mentee)
    assert {start for _, start in claimed()} == {at(10, 15) + QUARTER * step for step in range(4)}


def test_move_offers_just_what_it_accepts(mentee: Person, world: Time) -> None:
    """With notice, gap, cap, a mentee who is busy elsewhere, and every quarter of two days tried."""
    plan = Plan("Etc/UTC", tuple((day, 540, 780) for day in range(7)), notice=0, gap=15, horizon=2, weekly_cap=2)
    laila, other = make_mentor(plan=plan), make_mentor("Omar Aziz")
    session = booked(laila, mentee, at(10))
    booked(laila, make_person("Noor Haddad"), at(11, 30), 15)
    booked(other, mentee, at(9, 15, day=24), 15)
    hours.save(replace(plan, notice=60), mentor=laila)
    world.set(at(8, 20))
    accepted = [start for start in (at(8) + QUARTER * step for step in range(140)) if _accepts(session, start, mentee)]
    assert other_openings(session) == accepted
    today = [at(9, 30), at(9, 45), at(10, 15), at(10, 30), at(10, 45), at(12), at(12, 15), at(12, 30)]
    assert accepted == today + [at(9, 30, day=24) + QUARTER * step for step in range(13)]
    # Without regard to its own time, the cap of the week leaves nothing: the control.
    assert next_openings(laila.person_id, 30, mentee_id=mentee.id) == []


def _accepts(session: Session, start: datetime, mentee: Person) -> bool:
    with db.atomic() as transaction:
        try:
            move(session, start, mentee=mentee)
        except Refusal:
            return False
        finally:
            transaction.rollback()
    return True


@pytest.mark.parametrize(("late_by", "accepted"), [(-SECOND, True), (timedelta(), True), (SECOND, False)])
def test_move_respects_notice(mentor: Mentor, mentee: Person, world: Time, late_by: timedelta, accepted: bool) -> None:
    session = booked(mentor, mentee, at(16))
    hours.save(Plan("Etc/UTC", ALL_WEEK, notice=120), mentor=mentor)
    world.set(at(10) + late_by)
    assert (at(12) in other_openings(session), _accepts(session, at(12), mentee)) == (accepted, accepted)


@pytest.mark.parametrize(("minute", "accepted"), [(15, True), (30, True), (45, False)])
def test_move_respects_the_horizon(mentor: Mentor, mentee: Person, world: Time, minute: int, accepted: bool) -> None:
    session = booked(mentor, mentee, at(16))
    hours.save(Plan("Etc/UTC", ALL_WEEK, notice=0, horizon=2), mentor=mentor)
    world.set(at(10, 30))
    start = at(10, minute, day=25)
    assert (start in other_openings(session), _accepts(session, start, mentee)) == (accepted, accepted)


@pytest.mark.parametrize(
    ("start", "accepted"),
    [(at(10, 45), True), (at(11), True), (at(11, 15), False), (at(12, 30), False), (at(12, 45), True)],
)
def test_move_respects_the_gap(mentee: Person, start: datetime, accepted: bool) -> None:
    laila = make_mentor(plan=Plan("Etc/UTC", ALL_WEEK, lengths=(15, 30), notice=0, gap=30))
    session = booked(laila, mentee, at(16))
    booked(laila, make_person("Noor Haddad"), at(12), 15)
    assert (start in other_openings(session), _accepts(session, start, mentee)) == (accepted, accepted)


def test_move_within_a_full_week_but_not_into_another(mentee: Person) -> None:
    laila = make_mentor(plan=Plan("Etc/UTC", ALL_WEEK, notice=0, horizon=21, weekly_cap=1))
    session = booked(laila, mentee, at(10))
    booked(laila, make_person("Noor Haddad"), at(10, day=30))
    weeks = {start.isocalendar().week for start in other_openings(session)}
    assert weeks == {48, 50}
    with pytest.raises(OpeningTaken):
        move(session, at(12, day=30), mentee=mentee)
    move(session, at(12, day=25), mentee=mentee)
    move(session, datetime(2026, 12, 7, 9, tzinfo=UTC), mentee=mentee)
    assert starts_of(laila, 15)[0] == at(9)


@pytest.mark.parametrize("start", [at(9), at(9, 59), at(10), at(10, 7), at(17), at(3, day=24)])
def test_move_to_what_is_no_opening_is_refused(session: Session, mentee: Person, world: Time, start: datetime) -> None:
    world.set(at(9))
    with pytest.raises(OpeningTaken):
        move(session, start, mentee=mentee)
    assert Session.get_by_id(session.id).start == at(10)


def test_move_three_times_and_no_more(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}"
    for count, hour in enumerate((11, 12, 13), start=1):
        assert f'href="{path}/move"' in sam.get(path).text
        move(session, at(hour), mentee=mentee)
        assert Session.get_by_id(session.id).sequence == count
    said = "This session has been moved 3 times, which is as often as it can be."
    assert f'href="{path}/move"' not in sam.get(path).text
    for answer in (
        sam.get(f"{path}/move"),
        sam.post(f"{path}/move", {"opening": value_of(Opening(mentor, at(15), 30))}),
    ):
        assert (answer.status_code, said in answer.text) == (409, True)
    with pytest.raises(NotAllowedNow, match=said):
        ask_to_move(session, mentor=mentor.person, reason="A train")
    assert (Session.get_by_id(session.id).start, Session.get_by_id(session.id).moves) == (at(13), 3)


def test_move_as_often_as_the_programme_says(session: Session, mentee: Person, one_move: None) -> None:
    move(session, at(14), mentee=mentee)
    with pytest.raises(NotAllowedNow, match="This session has been moved once, which is as often as it can be"):
        move(session, at(15), mentee=mentee)


@pytest.mark.parametrize(("given", "moves"), [("", 3), ("0", None), ("1", 1), ("100", 100), ("101", None), ("x", None)])
def test_most_moves_is_read_from_the_environment(settings: Settings, given: str, moves: int | None) -> None:
    environ = {"SECRET_KEY": "k" * 32, "PORTAL_URL": "https://a.example.org", "MAIL_URL": "console:"}
    environ["MOST_MOVES"] = given
    if moves is None:
        with pytest.raises(SettingsError, match="MOST_MOVES must be a whole number from 1 to 100"):
            from_environment(environ)
    else:
        assert from_environment(environ).limits.moves == moves


@pytest.mark.parametrize(("before", "allowed"), [(SECOND, True), (timedelta(), False), (-SECOND, False)])
def test_move_until_the_start(session: Session, mentee: Person, world: Time, before: timedelta, allowed: bool) -> None:
    world.set(session.start - before)
    if allowed:
        move(session, at(14), mentee=mentee)
    else:
        with pytest.raises(NotAllowedNow, match="This session has started, so it is too late to move it"):
            move(session, at(14), mentee=mentee)
    assert (Session.get_by_id(session.id).start == at(14)) is allowed


def test_move_of_a_cancelled_session_is_refused(session: Session, mentor: Mentor, mentee: Person) -> None:
    move(session, at(14), mentee=mentee)
    cancel(session, person=mentor.person, reason="Ill")
    for start in (at(14), at(15)):
        with pytest.raises(NotAllowedNow, match="This session was cancelled already"):
            move(session, start, mentee=mentee)
    assert claimed() == set()


@pytest.mark.parametrize("how", ["hidden", "paused", "without hours", "blocks", "is blocked", "other lengths"])
def test_move_with_a_mentor_who_takes_no_bookings(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, how: str
) -> None:
    plan = Plan("Etc/UTC", ALL_WEEK, lengths=(30,), notice=0)
    {
        "hidden": lambda: profile.hide(mentor),
        "paused": lambda: hours.save(replace(plan, paused_until=date(2027, 1, 1)), mentor=mentor),
        "without hours": lambda: hours.save(replace(plan, weekly=()), mentor=mentor),
        "blocks": lambda: blocks.block(mentee, person=mentor.person),
        "is blocked": lambda: blocks.block(mentor.person, person=mentee),
        "other lengths": lambda: hours.save(replace(plan, lengths=(15,)), mentor=mentor),
    }[how]()
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/move"
    assert "Laila has no other opening of this length right now." in sam.get(path).text
    answer = sam.post(path, {"opening": value_of(Opening(mentor, at(14), 30))})
    assert (answer.status_code, "The session stays where it is." in answer.text) == (409, True)
    fresh = Session.get_by_id(session.id)
    assert (fresh.start, fresh.moves, len(claimed())) == (at(10), 0, 4)


def test_move_is_the_mentees(app: Flask, session: Session, mentor: Mentor, stranger: Person) -> None:
    for person in (mentor.person, stranger):
        with pytest.raises(Missing):
            move(session, at(14), mentee=person)
        browser, path = Visitor(app, person), f"/sessions/{session.ref}/move"
        answers = [browser.get(path), browser.post(path, {"opening": value_of(Opening(mentor, at(14), 30))})]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert Session.get_by_id(session.id).start == at(10)


def test_move_to_another_mentor_or_length_is_no_request(
    app: Flask, session: Session, mentor: Mentor, mentee: Person
) -> None:
    other = make_mentor("Omar Aziz")
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/move"
    for wanted in (Opening(other, at(14), 30), Opening(mentor, at(14), 15), Opening(mentor, at(14), 60)):
        answer = sam.post(path, {"opening": value_of(wanted)})
        said = "A session moves to another opening of the same mentor, of the same length."
        assert (answer.status_code, said in answer.text) == (400, True)
    for typed in (
        "",
        "laila-mansour",
        "laila-mansour soon 30",
        "laila-mansour 2026-11-23T14:00:00 30",
        "\x00 \ud7ff 1",
    ):
        assert (typed, sam.post(path, {"opening": typed}).status_code) == (typed, 400)
    assert sam.post(path, {"opening": "nobody 2026-11-23T14:00:00Z 30"}).status_code == 404
    assert Session.get_by_id(session.id).start == at(10)


def test_move_in_two_taps_without_javascript(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}"
    assert f'<a class="button" href="{path}/move">Move</a>' in sam.get(path).text
    page = sam.get(f"{path}/move").text
    assert f'<form method="post" action="{path}/move">' in page
    offered = _offered(page)
    assert offered == [value_of(Opening(mentor, start, 30)) for start in other_openings(session) if start < at(18)]
    answer = sam.post(f"{path}/move", {"opening": offered[0]})
    assert (answer.status_code, answer.location) == (303, path)
    page = sam.get(path).text
    assert ("The session is moved. The other side gets a mail." in page, "Today 10:00–10:30" in page) == (True, True)


def test_move_page_shows_every_other_opening_on_its_day(app: Flask, session: Session, mentee: Person) -> None:
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/move"
    days = [unescape(found) for found in re.findall(r'class="day" href="([^"]+)"', sam.get(path).text)]
    shown = [value for day in days for value in _offered(sam.get(day).text)]
    assert shown == [value_of(Opening(session.mentor, start, 30)) for start in other_openings(session)]
    part = sam.part(days[1]).text
    assert (part.strip().startswith('<section id="times"'), _offered(part)) == (True, _offered(sam.get(days[1]).text))


def _offered(page: str) -> list[str]:
    return re.findall(r'name="opening" value="([^"]+)"', page)


def test_move_to_what_was_taken_meanwhile_offers_the_nearest(
    app: Flask, session: Session, mentor: Mentor, mentee: Person
) -> None:
    booked(mentor, make_person("Noor Haddad"), at(10, 30))
    answer = Visitor(app, mentee).post(
        f"/sessions/{session.ref}/move", {"opening": value_of(Opening(mentor, at(10, 15), 30))}
    )
    assert answer.status_code == 409
    assert "This time is no longer free. The session stays where it is." in answer.text
    nearest = [value_of(Opening(mentor, start, 30)) for start in (at(9, 30), at(9, 45), at(11))]
    assert _offered(answer.text.split("Nearest openings")[1])[:3] == nearest


def test_ask_to_move_gives_the_mentee_one_tap(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    laila, sam, path = Visitor(app, mentor.person), Visitor(app, mentee), f"/sessions/{session.ref}"
    assert ("Ask to move it" in laila.get(path).text, "Ask to move it" in sam.get(path).text) == (True, False)
    answer = laila.post(f"{path}/move-request", {"request": "My <train> is late"})
    assert (answer.status_code, answer.location, told()[2:]) == (303, path, [("sessions/move_asked", SAM)])
    assert "You asked Sam for another time: “My &lt;train&gt; is late”" in laila.get(path).text
    page = sam.get(path).text
    card = page.split("Laila asks for another time")[1].split("Until you tap one")[0]
    assert "“My &lt;train&gt; is late”" in card
    assert _offered(card) == [value_of(Opening(mentor, start, 30)) for start in other_openings(session)[:6]]
    assert Session.get_by_id(session.id).start == at(10)
    assert sam.post(f"{path}/move", {"opening": _offered(card)[0]}).status_code == 303
    assert "asks for another time" not in sam.get(path).text


def test_ask_to_move_a_second_time_waits_for_the_first(session: Session, mentor: Mentor, mentee: Person) -> None:
    ask_to_move(session, mentor=mentor.person, reason="A train")
    with pytest.raises(NotAllowedNow, match="You have asked to move this session already"):
        ask_to_move(session, mentor=mentor.person, reason="A bus")
    assert Session.get_by_id(session.id).move_request == "A train"
    move(session, at(14), mentee=mentee)
    assert Session.get_by_id(session.id).move_request == ""
    ask_to_move(session, mentor=mentor.person, reason="A bus")
    assert [kind for kind, _ in told()[2:]] == [
        "sessions/move_asked",
        "sessions/moved",
        "sessions/moved",
        "sessions/move_asked",
    ]


def test_ask_to_move_ends_with_a_cancellation(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    ask_to_move(session, mentor=mentor.person, reason="A train")
    cancel(session, person=mentee, reason="Ill")
    assert Session.get_by_id(session.id).move_request == ""
    with pytest.raises(NotAllowedNow, match="This session was cancelled already"):
        ask_to_move(session, mentor=mentor.person, reason="A bus")


@pytest.mark.parametrize(("before", "allowed"), [(SECOND, True), (timedelta(), False), (-SECOND, False)])
def test_ask_to_move_until_the_start(
    session: Session, mentor: Mentor, world: Time, before: timedelta, allowed: bool
) -> None:
    world.set(session.start - before)
    if allowed:
        ask_to_move(session, mentor=mentor.person, reason="A train")
    else:
        with pytest.raises(NotAllowedNow, match="it is too late to move it"):
            ask_to_move(session, mentor=mentor.person, reason="A train")
    assert (Session.get_by_id(session.id).move_request == "A train") is allowed


def test_ask_to_move_that_was_not_followed_is_not_shown_after_the_start(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    ask_to_move(session, mentor=mentor.person, reason="A train")
    shown = []
    for instant in (session.start - SECOND, session.start):
        world.set(instant)
        shown += [
            "A train" in Visitor(app, side).get(f"/sessions/{session.ref}").text for side in (mentor.person, mentee)
        ]
    assert shown == [True, True, False, False]


def test_ask_to_move_needs_a_sentence(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    laila, path = Visitor(app, mentor.person), f"/sessions/{session.ref}/move-request"
    for typed, said in (
        ("", "Write a sentence, so that they know why."),
        ("x" * 301, "At most 300 characters, please."),
    ):
        answer = laila.post(path, {"request": typed})
        assert (answer.status_code, said in answer.text, f'value="{typed}"' in answer.text) == (422, True, True)
    assert Visitor(app, mentee).post(path, {"request": "x"}).status_code == 404
    assert (Session.get_by_id(session.id).move_request, len(told())) == ("", 2)


def test_move_of_a_mentor_who_is_a_mentee_derives_both_again(mentor: Mentor) -> None:
    other = make_mentor("Omar Aziz")
    session = booked(mentor, other.person, at(10))
    assert at(10) not in starts_of(other, 15)
    move(session, at(14), mentee=other.person)
    assert (at(10) in starts_of(other, 15), at(14) in starts_of(other, 15)) == (True, False)
    assert [row.length for row in openings_of(other.person_id)] == [15, 30, 60]
