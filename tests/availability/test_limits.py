"""Limits, each at its boundary: weekly cap, gap, notice, horizon, pause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from portal.availability import hours
from portal.availability.models import Claim
from portal.errors import OpeningTaken
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from tests.availability.cases import ALWAYS_OPEN, day, give, shown
from tests.cast import MONDAY, make_mentor, make_session, starts_of
from tests.conftest import Time


@pytest.mark.parametrize(("sessions", "is_open"), [(2, True), (3, False), (4, False)])
def test_weekly_cap_closes_the_week_over_all_lengths(world: Time, sessions: int, is_open: bool) -> None:
    """Four can only be there when the cap was lowered after the booking."""
    mentor = make_mentor(plan=ALWAYS_OPEN)
    for number, length in zip(range(sessions), (15, 30, 60, 15), strict=False):
        give(mentor, day(24, 9 + number), length)
    hours.save(replace(ALWAYS_OPEN, weekly_cap=3), mentor=mentor)
    this_week = [[start for start in starts if start < day(30)] for starts in shown(mentor).values()]
    assert [bool(starts) for starts in this_week] == [is_open] * 3
    assert [day(30) in starts for starts in shown(mentor).values()] == [True] * 3
    assert Session.select().where(Session.cancelled_at.is_null()).count() == sessions


def test_weekly_cap_reached_refuses_the_next_booking_and_a_cancellation_opens_the_week(world: Time) -> None:
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, weekly_cap=1))
    session = give(mentor, day(29, 23, 45))
    with pytest.raises(OpeningTaken):
        give(mentor, day(23, 9))
    assert starts_of(mentor)[0] == day(30)
    cancel(session, person=mentor.person, reason="Ill")
    assert starts_of(mentor)[0] == day(23, 8, 15)


def test_week_of_the_cap_is_the_mentors_week(world: Time) -> None:
    """Sunday 11:00 UTC is midnight in Auckland: Monday has begun."""
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, time_zone="Pacific/Auckland", weekly_cap=1))
    give(mentor, day(29, 10, 45))
    assert starts_of(mentor)[0] == day(29, 11)
    give(mentor, day(29, 11))
    assert starts_of(mentor)[0] == day(29, 11) + timedelta(days=7)


def test_weekly_cap_does_not_count_sessions_had_as_a_mentee(mentor: Mentor) -> None:
    hours.save(replace(ALWAYS_OPEN, weekly_cap=1), mentor=mentor)
    make_session(make_mentor("Tobias Okafor"), mentor.person)
    assert day(24, 9, 15) in starts_of(mentor)


@pytest.mark.parametrize("gap", [0, 15, 60])
def test_gap_keeps_time_free_after_a_session_and_before_the_next(world: Time, mentee: Person, gap: int) -> None:
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, gap=gap))
    session = give(mentor, day(24, 12), 30)
    free, pause = starts_of(mentor, 30), timedelta(minutes=gap)
    around = [session.start - timedelta(minutes=30) - pause, session.end + pause]
    assert [start in free for start in around] == [True, True]
    inside = [around[0] + timedelta(minutes=15), around[1] - timedelta(minutes=15)]
    assert [start in free for start in inside] == [False, False]
    taken = Claim.select().where(Claim.session == session.id)
    assert (taken.where(Claim.person == mentor.person_id).count(), taken.count()) == (2 + gap // 15, 4 + gap // 15)


@pytest.mark.parametrize("notice", [60, 240, 10080])
@pytest.mark.parametrize(("late", "refused"), [(-1, False), (0, False), (1, True)])
def test_notice_runs_out_a_second_after_it_is_given(world: Time, notice: int, late: int, refused: bool) -> None:
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, notice=notice))
    start = day(30, 9)
    world.set(start - timedelta(minutes=notice) + timedelta(seconds=late))
    assert (start not in starts_of(mentor)) == refused
    if refused:
        with pytest.raises(OpeningTaken):
            give(mentor, start)
    else:
        assert give(mentor, start).start == start


@pytest.mark.parametrize(("before", "refused"), [(1, False), (0, True), (-1, True)])
def test_without_notice_a_session_starts_in_the_future(world: Time, before: int, refused: bool) -> None:
    mentor = make_mentor(plan=ALWAYS_OPEN)
    start = day(23, 9)
    world.set(start - timedelta(seconds=before))
    assert (start not in starts_of(mentor)) == refused
    if refused:
        with pytest.raises(OpeningTaken):
            give(mentor, start)
    else:
        assert give(mentor, start).start == start


@pytest.mark.parametrize("horizon", [1, 14, 56])
@pytest.mark.parametrize(("early", "refused"), [(-1, False), (0, False), (1, True)])
def test_horizon_reaches_an_opening_to_the_second(world: Time, horizon: int, early: int, refused: bool) -> None:
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, horizon=horizon))
    start = MONDAY + timedelta(days=horizon, hours=1)
    world.set(start - timedelta(days=horizon, seconds=early))
    assert (starts_of(mentor, 60)[-1] < start) == refused
    if refused:
        with pytest.raises(OpeningTaken):
            give(mentor, start, 60)
    else:
        assert give(mentor, start, 60).start == start


@pytest.mark.parametrize(
    ("until", "first"),
    [(date(2026, 11, 22), day(23, 8, 15)), (date(2026, 11, 23), day(23, 8, 15)), (date(2026, 11, 24), day(23, 15))],
)
def test_pause_ends_with_the_mentors_midnight(world: Time, until: date, first: datetime) -> None:
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, time_zone="Asia/Tokyo", paused_until=until))
    assert starts_of(mentor)[0] == first
