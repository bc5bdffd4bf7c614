"""Shows 5: openings are what the oracle finds, in every zone of the world and at every change of its clock."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.availability import hours
from portal.availability.claims import openings_of
from portal.availability.models import Claim
from portal.availability.openings import (
    DAY,
    bitmap,
    expand,
    instant_of,
    quarter_of,
    set_quarters,
    startable,
    upcoming,
    week_of,
)
from portal.clock import zone_names
from portal.database import db
from portal.mentors.models import Mentor
from tests.availability import oracle
from tests.availability.cases import Case, random_case
from tests.cast import starts_of
from tests.conftest import Time
from tests.proof.size import size

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
WINDOW = 3
"""Days looked at, the change in the middle of them."""
# A commit is tried for a minute; before a release, more may be asked for.
EXAMPLES = int(os.environ.get("ORACLE_EXAMPLES", "150"))
ZONES = sorted(zone_names())[:: size(1, usual=2)]
EVERY_CHANGE = "ORACLE_EVERY_CHANGE" in os.environ
"""All 1,500 changes of 2026 to 2029, instead of one of each kind for each zone."""

Expand = Callable[[Case], int]


def portal_hours(case: Case) -> int:
    """What is tested."""
    return expand(case.plan.hours, quarter_of(case.now), (case.plan.horizon + 1) * DAY)


def bookable(case: Case, length: int, expanded: Expand = portal_hours) -> list[datetime]:
    """The openings as the portal derives them, all limits but the weekly cap included."""
    base, plan = quarter_of(case.now), case.plan
    taken = bitmap(map(quarter_of, case.taken), base)
    bits = startable(expanded(case), taken, length=length, gap=plan.gap)
    bits = upcoming(bits, base, now=case.now, notice=plan.notice, horizon=plan.horizon)
    return [instant_of(quarter) for quarter in set_quarters(bits, base)]


def by_oracle(case: Case, length: int) -> list[datetime]:
    return oracle.starts(case.plan, length, now=case.now, taken=case.taken, begun=case.begun)


def cases() -> list[Case]:
    """For each zone a random case around each kind of change its clock has, and one on any day."""
    chance, found = Random(20261123), []
    for name in ZONES:
        changes = oracle.transitions(ZoneInfo(name), FIRST, LAST)
        chance.shuffle(changes)
        moments = [when for when, _ in (changes if EVERY_CHANGE else {by: (when, by) for when, by in changes}.values())]
        moments += [FIRST + chance.randrange(4 * 365 * 96) * timedelta(minutes=15)]
        for moment in moments:
            case = random_case(chance, name, moment, days=WINDOW)
            found.append(replace(case, plan=replace(case.plan, weekly_cap=None)))
    return found


Found = tuple[Case, int, list[datetime]]


@pytest.fixture(scope="module")
def found() -> list[Found]:
    """What the oracle finds: case, length, starts."""
    return [(case, length, by_oracle(case, length)) for case in cases() for length in case.plan.lengths]


def test_openings_agree_with_the_oracle_in_every_zone_around_its_changes(found: list[Found]) -> None:
    assert [each for each in found if bookable(each[0], each[1]) != each[2]] == []
    assert {case.plan.time_zone for case, *_ in found} == set(ZONES)
    # Two empty lists agree about nothing.
    assert sum(bool(starts) for *_, starts in found) > len(found) / 2


def on_the_wall(case: Case) -> int:
    """Wrong: adds minutes to local times, which asks no clock whether they exist."""
    return _walk(case, lambda midnight, minute: midnight + timedelta(minutes=minute))


def by_elapsed_time(case: Case) -> int:
    """Wrong: counts the minutes since midnight, as if each day had 24 hours."""
    return _walk(case, lambda midnight, minute: midnight.astimezone(UTC) + timedelta(minutes=minute))


def _walk(case: Case, at: Callable[[datetime, int], datetime]) -> int:
    plan, base, quarters = case.plan.hours, quarter_of(case.now), set[int]()
    for days in range(-1, case.plan.horizon + 2):
        day = (case.now.astimezone(plan.zone) + timedelta(days=days)).date()
        midnight = datetime(day.year, day.month, day.day, tzinfo=plan.zone)
        for starts, ends in plan.on(day):
            quarters.update(quarter_of(at(midnight, minute)) for minute in range(starts, ends, 15))
    return bitmap(quarters, base)


def without_fold(case: Case) -> int:
    """Wrong: walks UTC, but takes an hour that the clock repeats twice."""
    zone, base, quarters = case.plan.hours.zone, quarter_of(case.now), []
    for quarter in range(base, base + (case.plan.horizon + 1) * DAY):
        wall = instant_of(quarter).astimezone(zone)
        if any(s <= wall.hour * 60 + wall.minute < e for s, e in case.plan.hours.on(wall.date())):
            quarters.append(quarter)
    return bitmap(quarters, base)


@pytest.mark.parametrize("wrong", [on_the_wall, by_elapsed_time, without_fold])
def test_oracle_finds_each_wrong_way_to_expand_hours(found: list[Found], wrong: Expand) -> None:
    """The control: what is commonly written instead is found out, and only where a clock changes."""
    fooled = [case for case, length, starts in found if bookable(case, length, wrong) != starts]
    assert len(fooled) > 10
    for case in fooled:
        zone, days = ZoneInfo(case.plan.time_zone), timedelta(days=WINDOW + 2)
        assert oracle.transitions(zone, case.now - days, case.now + days) != []


def test_week_runs_from_monday_to_monday_in_every_zone() -> None:
    chance = Random(7)
    for name in sorted(zone_names()):
        zone = ZoneInfo(name)
        quarter = quarter_of(FIRST) + chance.randrange(4 * 365 * DAY)
        first, after = week_of(quarter, zone)
        inside = {oracle._week(instant_of(each), zone) for each in (first, quarter, after - 1)}
        around = {oracle._week(instant_of(each), zone) for each in (first - 1, after)}
        assert (len(inside), len(around), inside & around) == (1, 2, set()), name


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(seed=st.integers(0, 10**9))
def test_saved_hours_show_what_the_oracle_finds(mentor: Mentor, time: Time, seed: int) -> None:
    """All the way through the database: claims, weekly caps, and each length a mentor offers."""
    chance = Random(seed)  # a seed gives wider cases than Hypothesis's own Random, which repeats itself
    days = chance.choice([1, 2, 7, 9])
    near = FIRST + chance.randrange(4 * 365 * 96) * timedelta(minutes=15)
    zone = chance.choice(sorted(zone_names()))
    changes = oracle.transitions(ZoneInfo(zone), near, near + timedelta(days=200))
    case = random_case(chance, zone, changes[0][0] if changes else near, days=days)
    time.set(case.now)
    with db.atomic() as transaction:
        rows = [(mentor.person_id, quarter_of(start), start in case.begun) for start in case.taken]
        if rows:
            Claim.insert_many(rows, fields=["person", "quarter", "begins"]).execute()
        before = hours.preview(case.plan, mentor=mentor)
        hours.save(case.plan, mentor=mentor)
        shown = {row.length: starts_of(mentor, row.length) for row in openings_of(mentor.person_id)}
        transaction.rollback()
    assert shown == {length: by_oracle(case, length) for length in case.plan.lengths}
    assert [instant_of(quarter) for quarter in before.starts] == shown[before.length]
