"""Every opening that is shown can be booked, and nothing that is not shown can."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from flask import Flask

from portal.availability.claims import openings_of
from portal.availability.derived import freshen
from portal.availability.hours import Plan, merge
from portal.availability.models import Openings
from portal.availability.openings import from_bytes, quarter_of, to_bytes
from portal.clock import zone_names
from portal.database import db, is_postgres
from portal.errors import OpeningTaken
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.booking import book
from portal.sessions.changes import cancel
from portal.sessions.holding import Opening, hold
from tests.availability.cases import random_plan
from tests.cast import REQUEST, Visitor, make_mentor, make_person, make_session, starts_of
from tests.conftest import Time
from tests.proof.size import size

Shown = list[tuple[datetime, int]]
MOMENTS = [
    datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
    datetime(2027, 3, 11, 19, 7, 30, tzinfo=UTC),  # the clocks of America go forward
    datetime(2027, 10, 29, 23, 59, 59, tzinfo=UTC),  # those of Europe go back
]
QUARTER = timedelta(minutes=15)
TRIES = size(200, usual=100)
OFF_THE_GRID = [*[timedelta()] * 4, timedelta(seconds=1), timedelta(minutes=7)]
MORNINGS = Plan("Etc/UTC", tuple((day, 540, 660) for day in range(7)), lengths=(15, 30, 60), notice=0, horizon=3)


def is_bookable(mentor: Mentor, start: datetime, length: int, mentee: Person) -> bool:
    """Books it alone, and takes that back."""
    with db.atomic() as transaction:
        try:
            booked = book(Opening(mentor, start, length), REQUEST, mentee=mentee, holder="h", hold_ref="r")
        except OpeningTaken:
            return False
        finally:
            transaction.rollback()
    return (booked.start, booked.length) == (start, length)


def shown_by(mentor: Mentor) -> Shown:
    return [(start, row.length) for row in openings_of(mentor.person_id) for start in starts_of(mentor, row.length)]


def refused(mentor: Mentor, mentee: Person) -> Shown:
    """What is shown and cannot be booked."""
    return [each for each in shown_by(mentor) if not is_bookable(mentor, *each, mentee)]


def busy_mentor(chance: Random, time: Time, name: str) -> Mentor:
    """A mentor with random hours and limits, sessions given and had, holds that stand and that ran out."""
    near = time.now + timedelta(hours=chance.randrange(5 * 24))
    plan = random_plan(chance, chance.choice(sorted(zone_names())), near, horizon=chance.choice([5, 7, 9]))
    weekly = merge([*plan.weekly, *((chance.randrange(7), 6 * 60, chance.randrange(9, 24) * 60) for _ in range(2))])
    cap = None if plan.weekly_cap is None else plan.weekly_cap + 2
    mentor = make_mentor(name, plan=replace(plan, weekly=weekly, weekly_cap=cap, paused_until=None))
    other = make_mentor(f"{name} too", plan=replace(plan, weekly=weekly, weekly_cap=None, paused_until=None))
    for number in range(chance.randrange(2, 6)):
        mentee = make_person(f"{name} mentee {number}")
        for whose, who in ((mentor, mentee), (other, mentor.person)):
            if shown := shown_by(whose):
                wanted = Opening(whose, *chance.choice(shown))
                with suppress(OpeningTaken):  # who is shown it may be somewhere else by then
                    if chance.random() < 0.6:
                        book(wanted, REQUEST, mentee=who, holder="h", hold_ref=f"{who.id} with {whose.slug} {number}")
                    else:
                        hold(wanted, holder=f"{who.id} {number}", mentee=who, draft={})
        time.pass_(minutes=chance.randrange(8), seconds=chance.randrange(60))
    return mentor


@pytest.fixture(params=range(len(MOMENTS)), ids=["november", "forward", "back"])
def mentors(world: Time, request: pytest.FixtureRequest) -> list[Mentor]:
    """A few of them, at one of the moments; a dozen in all on SQLite."""
    world.set(MOMENTS[request.param])
    chance = Random(request.param)
    made = [
        busy_mentor(chance, world, f"Mentor {number}") for number in range(2 if is_postgres() else size(4, usual=3))
    ]
    freshen()
    return made


def test_book_succeeds_for_every_opening_shown(mentors: list[Mentor], mentee: Person) -> None:
    assert [refused(mentor, mentee) for mentor in mentors] == [[]] * len(mentors)
    assert sum(len(shown_by(mentor)) for mentor in mentors) > 20 * len(mentors)


def test_book_refuses_every_start_not_shown(mentors: list[Mentor], mentee: Person, world: Time) -> None:
    chance = Random(world.now.timestamp())
    hour = world.now.replace(minute=0, second=0)
    for mentor in mentors:
        shown, tried = set(shown_by(mentor)), 0
        while tried < TRIES:
            start = hour + chance.randrange(-96, 8 * 96) * QUARTER + chance.choice(OFF_THE_GRID)
            length = chance.choice([15, 30, 60])
            if (start, length) not in shown:
                tried += 1
                assert not is_bookable(mentor, start, length, mentee), (mentor.slug, start, length)


def test_shown_outside_the_hours_is_found_out(world: Time, mentee: Person) -> None:
    """The control: one false opening among the true ones is noticed."""
    mentor = make_mentor(plan=MORNINGS)
    row = openings_of(mentor.person_id)[0]
    false = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    starts = to_bytes(from_bytes(row.starts) | 1 << quarter_of(false) - row.base)
    Openings.update(starts=starts).where((Openings.mentor == mentor.person_id) & (Openings.length == 15)).execute()
    assert refused(mentor, mentee) == [(false, 15)]


def test_time_taken_as_a_mentee_is_not_shown_until_it_is_given_back(world: Time, mentee: Person) -> None:
    mentor, other = make_mentor(plan=MORNINGS), make_mentor("Tobias Okafor", plan=MORNINGS)
    free = shown_by(mentor)
    session = make_session(other, mentor.person, number=2, length=30)
    assert starts_of(mentor) == [
        start for start, length in free if length == 15 and not session.start <= start < session.end
    ]
    assert refused(mentor, mentee) == []
    cancel(session, person=mentor.person, reason="A clash")
    assert shown_by(mentor) == free


def test_time_held_as_a_mentee_is_shown_again_when_the_hold_runs_out(world: Time, mentee: Person) -> None:
    mentor, other = make_mentor(plan=MORNINGS), make_mentor("Tobias Okafor", plan=MORNINGS)
    held = hold(Opening(other, starts_of(other)[3], 15), holder="h", mentee=mentor.person, draft={})
    assert held.start not in starts_of(mentor)
    assert refused(mentor, mentee) == []
    world.pass_(minutes=10)
    freshen()
    assert held.start in starts_of(mentor)
    assert refused(mentor, mentee) == []


def test_every_button_of_the_mentor_page_holds_its_opening(app: Flask, world: Time, mentee: Person) -> None:
    mentor, other = make_mentor(plan=MORNINGS), make_mentor("Tobias Okafor", plan=MORNINGS)
    busy = make_session(other, mentee, number=1, length=30)
    sam, buttons = Visitor(app, mentee), list[str]()
    for length in (15, 30, 60):
        page = sam.get(f"/mentors/{mentor.slug}?length={length}").text
        for day in re.findall(r'class="day"[^>]* href="([^"]+)"', page):
            buttons += re.findall(r'name="opening" value="([^"]+)"', sam.get(day.replace("&amp;", "&")).text)
    shown = [(datetime.fromisoformat(when), int(length)) for _, when, length in map(str.split, buttons)]
    free = [
        (start, length)
        for start, length in shown_by(mentor)
        if not busy.start - timedelta(minutes=length) < start < busy.end
    ]
    assert sorted(shown) == sorted(free)
    assert {sam.post("/holds", {"opening": button}).status_code for button in buttons} == {303}
