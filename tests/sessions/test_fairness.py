"""Who may book, said before anything is filled in: on the mentor's page and above the results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from portal.availability import hours
from portal.availability.hours import Plan
from portal.availability.models import Availability
from portal.availability.weeks import full_weeks
from portal.database import db
from portal.errors import Paused, TooManyUpcoming
from portal.limits import Limits, set_limits
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.people.pauses import pause
from portal.sessions.changes import cancel
from portal.sessions.fairness import check_may_book, upcoming_count, why_not_book
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from tests.cast import (
    ALL_WEEK,
    BOOKING,
    Visitor,
    cookie_of,
    make_mentor,
    make_person,
    make_session,
    opening,
    starts_of,
    value_of,
)
from tests.conftest import Time

PATH = "/mentors/laila-mansour"
ENOUGH = (
    "You have 3 upcoming sessions, which is as many as one person can have. Cancel one, or book again after the next."
)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    set_limits(Limits())
    yield
    set_limits(Limits())


def busy_with(mentee: Person, count: int) -> list[Session]:
    other = make_mentor("Tobias Okafor")
    return [make_session(other, mentee, number=4 * number) for number in range(count)]


@pytest.mark.parametrize(("count", "said"), [(2, ""), (3, ENOUGH)])
def test_why_not_book_counts_what_is_ahead(mentee: Person, count: int, said: str) -> None:
    busy_with(mentee, count)
    assert (upcoming_count(mentee), why_not_book(mentee)) == (count, said)
    if said:
        with pytest.raises(TooManyUpcoming, match=r"^You have 3 upcoming"):
            check_may_book(mentee)
        with pytest.raises(TooManyUpcoming, match=r"^They have 3 upcoming sessions already\.$"):
            check_may_book(mentee, they=True)
    else:
        check_may_book(mentee)


@pytest.mark.parametrize(("before", "count"), [(SECOND, 3), (timedelta(), 2), (-SECOND, 2)])
def test_a_session_counts_until_it_starts(mentee: Person, world: Time, before: timedelta, count: int) -> None:
    first = busy_with(mentee, 3)[0]
    world.set(first.start - before)
    assert (upcoming_count(mentee), bool(why_not_book(mentee))) == (count, count == 3)


def test_a_cancelled_session_and_one_given_as_mentor_do_not_count(mentee: Person, mentor: Mentor) -> None:
    booked = busy_with(mentee, 3)
    cancel(booked[1], person=mentee, reason="Ill")
    make_session(mentor, make_person("Noor Haddad"))
    assert (upcoming_count(mentee), upcoming_count(mentor.person)) == (2, 0)


def test_most_upcoming_is_the_programmes(mentee: Person) -> None:
    busy_with(mentee, 2)
    for most, may in ((1, False), (2, False), (3, True)):
        set_limits(Limits(upcoming=most))
        assert (most, why_not_book(mentee) == "") == (most, may)


def test_who_has_enough_reads_it_before_looking_for_a_time(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    busy_with(mentee, 2)
    pages = ("/", "/?q=negotiate", PATH)
    assert [ENOUGH in answer.text for path in pages for answer in (sam.get(path), sam.part(path))] == [False] * 6
    make_session(mentor, mentee, number=20)
    assert [answer.text.count(ENOUGH) for path in pages for answer in (sam.get(path), sam.part(path))] == [1] * 6
    others = [Visitor(app), Visitor(app, make_person("Noor Haddad"))]
    assert [ENOUGH in who.get(path).text for path in pages for who in others] == [False] * 6


def test_own_page_does_not_say_it(app: Flask, mentor: Mentor) -> None:
    busy_with(mentor.person, 3)
    laila = Visitor(app, mentor.person)
    assert (ENOUGH in laila.get(PATH).text, ENOUGH in laila.get("/").text) == (False, True)


def test_hold_of_who_has_enough_is_refused_and_keeps_what_was_typed(app: Flask, mentor: Mentor, mentee: Person) -> None:
    booked = busy_with(mentee, 3)
    sam, wanted = Visitor(app, mentee), opening(mentor, 20)
    refused = sam.hold(wanted, objective="A counter-offer", questions="Is it normal?\nWho asks?")
    assert (refused.status_code, ENOUGH in refused.text) == (409, True)
    for kept in (
        'name="objective" value="A counter-offer"',
        "What you typed is kept.",
        "Who asks?",
        'href="/sessions"',
    ):
        assert (kept, kept in refused.text) == (kept, True)
    cancel(booked[0], person=mentee, reason="Ill")
    fields = dict(re.findall(r'type="hidden" name="(objective|questions)" value="([^"]*)"', refused.text))
    again = sam.hold(wanted, **fields)
    page = sam.get(again.location).text
    assert (again.status_code, 'value="A counter-offer"' in page, "Who asks?" in page) == (303, True, True)


def test_hold_taken_before_signing_in_waits_while_one_has_enough(app: Flask, mentor: Mentor, mentee: Person) -> None:
    booked, browser = busy_with(mentee, 3), Visitor(app)
    held = browser.hold(opening(mentor, 20), objective="A counter-offer").location
    with browser.client.session_transaction() as cookie:
        cookie.update(cookie_of(mentee))
    refused = browser.get(held)
    assert (refused.status_code, ENOUGH in refused.text, "A counter-offer" in refused.text) == (409, True, True)
    assert ("is held for you until 09:10." in refused.text, f'href="{held}"' in refused.text) == (True, True)
    cancel(booked[0], person=mentee, reason="Ill")
    form = browser.get(held)
    assert (form.status_code, 'value="A counter-offer"' in form.text) == (200, True)


def test_book_of_who_has_enough_is_refused_and_keeps_what_was_typed(app: Flask, mentor: Mentor, mentee: Person) -> None:
    busy_with(mentee, 3)
    answer = Visitor(app, mentee).post("/sessions", {"opening": value_of(opening(mentor, 20)), "hold": "x", **BOOKING})
    assert (answer.status_code, ENOUGH in answer.text, 'value="A counter-offer"' in answer.text) == (409, True, True)
    assert Session.select().count() == 3


def test_who_is_paused_reads_until_when_and_sessions_stay(app: Flask, mentor: Mentor, mentee: Person) -> None:
    booked, sam = busy_with(mentee, 1), Visitor(app, mentee)
    pause(mentee, date(2026, 12, 1))
    said = "A coordinator has paused your bookings. You can book again from 1 December 2026."
    for path in ("/", PATH):
        assert (path, said in sam.get(path).text) == (path, True)
    held = sam.hold(opening(mentor, 20), objective="A counter-offer")
    answer = sam.post("/sessions", {"opening": value_of(opening(mentor, 20)), "hold": "x", **BOOKING})
    for refused in (held, answer):
        assert (refused.status_code, said in refused.text, "A counter-offer" in refused.text) == (409, True, True)
    assert sam.get(f"/sessions/{booked[0].ref}").status_code == 200
    assert (Session.get().is_cancelled, Session.select().count()) == (False, 1)


@pytest.mark.parametrize(("before", "may"), [(SECOND, False), (timedelta(), True), (-SECOND, True)])
def test_pause_ends_when_the_day_begins_where_they_are(world: Time, before: timedelta, may: bool) -> None:
    sam = make_person("Sam Rivera", zone="Asia/Kolkata")
    pause(sam, date(2026, 12, 1))
    world.set(datetime(2026, 11, 30, 18, 30, tzinfo=UTC) - before)
    sam = Person.get_by_id(sam.id)
    assert (why_not_book(sam) == "") is may
    if not may:
        with pytest.raises(Paused):
            check_may_book(sam)
    else:
        check_may_book(sam)


def test_weekly_cap_is_said_with_the_weeks_that_are_full(app: Flask, visitor: Visitor) -> None:
    laila = make_mentor(plan=Plan("Etc/UTC", ALL_WEEK, lengths=(15,), notice=0, weekly_cap=2, horizon=21))
    cap = re.compile(r'<p class="muted">(At most[^<]+)</p>')

    def said() -> list[str]:
        return cap.findall(visitor.get(PATH).text)

    assert said() == ["At most 2 sessions a week."]
    assert cap.findall(visitor.part(PATH).text) == said()
    give(laila, 25, 26)
    assert said() == ["At most 2 sessions a week. Full: this week."]
    give(laila, 30, 31)
    give(laila, 37)
    assert said() == ["At most 2 sessions a week. Full: this week, next week."]
    give(laila, 38)
    assert said() == ["At most 2 sessions a week. Full: this week, next week, the week of 7 December."]
    cancel(Session.select().order_by(Session.start).get(), person=laila.person, reason="Ill")
    assert said() == ["At most 2 sessions a week. Full: next week, the week of 7 December."]
    hours.save(Plan("Etc/UTC", ALL_WEEK, lengths=(15,), notice=0, weekly_cap=1), mentor=laila)
    assert said()[0].startswith("At most 1 session a week.")
    hours.save(Plan("Etc/UTC", ALL_WEEK, lengths=(15,), notice=0), mentor=laila)
    assert said() == []


def give(mentor: Mentor, *days: int) -> None:
    """A session on each of these days, counted on from 1 November, with somebody new."""
    for day in days:
        start = datetime(2026, 11, 1, 9, tzinfo=UTC) + timedelta(days=day - 1)
        number = starts_of(mentor).index(start)
        make_session(mentor, make_person(f"Mentee {day}"), number=number)


def weeks_of(mentor: Mentor) -> list[date]:
    return full_weeks(Availability.get(Availability.mentor == mentor.person_id))


def test_full_weeks_are_the_mentors_within_the_horizon(world: Time) -> None:
    plan = Plan("Pacific/Auckland", tuple((day, 0, 1440) for day in range(7)), (), (), (15,), 0, 0, 14, 1)
    laila = make_mentor(plan=plan)
    assert weeks_of(laila) == []
    late = datetime(2026, 11, 29, 10, 45, tzinfo=UTC)  # Sunday 23:45 in Auckland
    for start, weeks in ((late, [23]), (late + timedelta(minutes=15), [23, 30])):
        make_session(laila, make_person(f"Mentee {start:%H %M}"), number=starts_of(laila).index(start))
        assert [week.day for week in weeks_of(laila)] == weeks
    hours.save(replace(plan, horizon=6), mentor=laila)
    assert [week.day for week in weeks_of(laila)] == [23]
    world.set(late + timedelta(minutes=15))
    assert [week.day for week in weeks_of(laila)] == [30]


def statements(app: Flask, who: Visitor, path: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    who.get(path)
    ran: list[str] = []
    plain = type(db.obj).execute_sql
    with monkeypatch.context() as patch:
        patch.setattr(type(db.obj), "execute_sql", lambda self, sql, *rest: ran.append(sql) or plain(self, sql, *rest))
        assert who.get(path).status_code == 200
    return ran


def test_the_directory_costs_one_small_statement_more_and_visitors_none(
    app: Flask, mentor: Mentor, mentee: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy_with(mentee, 3)
    for path in ("/", "/?q=negotiate"):
        counts = [
            sum("count(" in sql.lower() for sql in statements(app, who, path, monkeypatch))
            for who in (Visitor(app), Visitor(app, mentee))
        ]
        assert (path, counts) == (path, [0, 1])


def test_taken_and_stopped_say_what_was_typed_as_text(app: Flask, mentor: Mentor, mentee: Person) -> None:
    busy_with(mentee, 3)
    wanted = Opening(mentor, opening(mentor, 20).start, 15)
    page = Visitor(app, mentee).hold(wanted, objective='"><script>alert(1)</script>').text
    assert ("<script>alert" in page, "&lt;script&gt;alert(1)" in page) == (False, True)
