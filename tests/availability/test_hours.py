"""Hours and limits: saving them, looking first, and each limit at its boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.availability import hours
from portal.availability.claims import openings_of
from portal.availability.hours import Plan, merge
from portal.availability.models import DaysOff, ExtraHours, WeeklyHours
from portal.availability.openings import instant_of, quarter_of
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.models import Session
from tests.availability.cases import ALWAYS_OPEN, day, everything, give, shown
from tests.cast import make_mentor, make_session, starts_of
from tests.conftest import Time

FULL = Plan(
    "Asia/Kathmandu",
    ((0, 540, 720), (0, 840, 1440), (6, 0, 15)),
    off=((date(2026, 12, 24), date(2026, 12, 26), "Holidays"), (date(2026, 11, 25), date(2026, 11, 25), "")),
    extra=((date(2026, 12, 25), 600, 660), (date(2026, 11, 29), 0, 1440)),
    lengths=(30, 60),
    notice=720,
    gap=30,
    horizon=21,
    weekly_cap=4,
    paused_until=date(2026, 11, 24),
)


def test_save_keeps_all_of_the_plan(world: Time) -> None:
    saved = hours.plan_of(make_mentor(plan=FULL))
    assert saved is not None
    ordered = replace(FULL, off=tuple(sorted(FULL.off)), extra=tuple(sorted(FULL.extra)))
    assert saved == ordered


def test_save_again_replaces_what_was_saved(mentor: Mentor) -> None:
    hours.save(FULL, mentor=mentor)
    hours.save(ALWAYS_OPEN, mentor=mentor)
    hours.save(ALWAYS_OPEN, mentor=mentor)
    assert hours.plan_of(mentor) == ALWAYS_OPEN
    counts = [
        table.select().where(table.mentor == mentor.person_id).count() for table in (WeeklyHours, DaysOff, ExtraHours)
    ]
    assert (counts, sorted(shown(mentor))) == ([7, 0, 0], [15, 30, 60])


def test_save_touches_no_other_mentor(mentor: Mentor) -> None:
    other = make_mentor("Tobias Okafor", plan=FULL)
    before = hours.plan_of(other), shown(other)
    hours.save(ALWAYS_OPEN, mentor=mentor)
    assert (hours.plan_of(other), shown(other)) == before


def test_plan_of_a_mentor_without_hours_is_none(mentor: Mentor, world: Time) -> None:
    assert hours.plan_of(Mentor(person=mentor.person_id + 1)) is None


@pytest.mark.parametrize("plan", [FULL, ALWAYS_OPEN, replace(ALWAYS_OPEN, weekly_cap=1, gap=60), Plan("Etc/UTC")])
def test_preview_changes_nothing_and_is_what_saving_shows(mentor: Mentor, mentee: Person, plan: Plan) -> None:
    make_session(mentor, mentee, number=5, length=60)
    before = everything()
    preview = hours.preview(plan, mentor=mentor)
    assert everything() == before
    hours.save(plan, mentor=mentor)
    assert (preview.length, list(map(instant_of, preview.starts))) == (
        min(plan.lengths),
        starts_of(mentor, min(plan.lengths)),
    )
    assert bool(preview.starts) == bool(plan.weekly)


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ([], ()),
        ([(0, 600, 660), (0, 540, 600)], ((0, 540, 660),)),
        ([(0, 540, 600), (0, 615, 660)], ((0, 540, 600), (0, 615, 660))),
        ([(0, 540, 720), (0, 600, 660)], ((0, 540, 720),)),
        ([(0, 540, 1440), (1, 0, 60)], ((0, 540, 1440), (1, 0, 60))),
        ([(2, 0, 15), (1, 0, 15), (2, 0, 15)], ((1, 0, 15), (2, 0, 15))),
    ],
)
def test_merge_makes_one_of_hours_that_touch(
    given: list[tuple[int, int, int]], merged: tuple[tuple[int, int, int], ...]
) -> None:
    assert merge(given) == merged


def test_save_keeps_sessions_that_lie_outside_the_new_hours(world: Time) -> None:
    mentor = make_mentor(plan=ALWAYS_OPEN)
    session = give(mentor, day(24, 9), 60)
    claims = everything()["Claim"]
    hours.save(
        replace(ALWAYS_OPEN, weekly=((1, 9 * 60, 11 * 60),), time_zone="America/New_York", lengths=(15,)), mentor=mentor
    )
    assert everything()["Claim"] == claims
    assert Session.get_by_id(session.id).start == day(24, 9)
    assert starts_of(mentor) == [
        day(24, 14) + timedelta(days=days, minutes=15 * step) for days in (0, 7) for step in range(8)
    ]


def test_save_during_a_session_keeps_its_gap_and_its_place_in_the_week(world: Time) -> None:
    """It began before the quarter that the hours are counted from."""
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, gap=60))
    give(mentor, day(23, 9), 60)
    world.set(day(23, 9, 40))
    hours.save(ALWAYS_OPEN, mentor=mentor)
    assert starts_of(mentor)[0] == day(23, 11)
    hours.save(replace(ALWAYS_OPEN, weekly_cap=1), mentor=mentor)
    assert starts_of(mentor)[0] == day(30)
    assert quarter_of(day(23, 9)) < openings_of(mentor.person_id)[0].base
