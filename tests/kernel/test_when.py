"""Dates and times as people say them, where the reader is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import clock
from portal.when import Reader, date_in_full, day, monday_of, place, wall
from tests.cast import MONDAY

KOLKATA, BERLIN = Reader(clock.zone("Asia/Kolkata"), MONDAY), Reader(clock.zone("Europe/Berlin"), MONDAY)
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (-183, "Sun 24 May 2026"),
        (-182, "Mon 25 May"),
        (-7, "Mon 16 Nov"),
        (-2, "Sat 21 Nov"),
        (-1, "yesterday"),
        (0, "today"),
        (1, "tomorrow"),
        (2, "Wed 25"),
        (6, "Sun 29"),
        (7, "Mon 30 Nov"),
        (182, "Mon 24 May"),
        (183, "Tue 25 May 2027"),
    ],
)
def test_day_is_short_when_it_is_near(away: int, said: str) -> None:
    assert day(TODAY + timedelta(days=away), TODAY) == said


def test_date_in_full_has_the_year() -> None:
    assert [date_in_full(TODAY + timedelta(days=away)) for away in (0, 8)] == ["23 November 2026", "1 December 2026"]


@pytest.mark.parametrize(("away", "monday"), [(-1, -7), (0, 0), (6, 0), (7, 7)])
def test_monday_of_a_week(away: int, monday: int) -> None:
    assert monday_of(TODAY + timedelta(days=away)) == TODAY + timedelta(days=monday)


@pytest.mark.parametrize(("minutes", "said"), [(0, "00:00"), (570, "09:30"), (1439, "23:59"), (1440, "24:00")])
def test_wall_of_minutes(minutes: int, said: str) -> None:
    assert wall(minutes) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [("Asia/Kolkata", "Kolkata"), ("America/Argentina/Buenos_Aires", "Buenos Aires"), ("Etc/UTC", "UTC")],
)
def test_place_of_a_zone(name: str, said: str) -> None:
    assert place(ZoneInfo(name)) == said


def test_reader_sees_the_same_instant_at_the_own_hour() -> None:
    assert (KOLKATA.time(MONDAY), BERLIN.time(MONDAY)) == ("13:30", "09:00")
    late = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
    assert (KOLKATA.day(late), BERLIN.day(late)) == ("tomorrow", "today")
    assert (KOLKATA.span(late, 15), BERLIN.span(late, 15)) == ("Tomorrow 00:30–00:45", "Today 20:00–20:15")


def test_in_full_names_day_year_and_zone() -> None:
    assert KOLKATA.in_full(MONDAY, 45) == "Monday 23 November 2026, 13:30–14:15 (Kolkata time)"
    assert BERLIN.in_full(MONDAY, 45) == "Monday 23 November 2026, 09:00–09:45 (Berlin time)"


def test_span_follows_the_wall_clock_when_it_changes() -> None:
    # Berlin goes from 03:00 back to 02:00 on 25 October 2026: half past two is there twice.
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [BERLIN.time(first + timedelta(hours=hour)) for hour in range(3)] == ["02:30", "02:30", "03:30"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3600, "now"),
        (59, "now"),
        (60, "in 1 min"),
        (3599, "in 59 min"),
        (3600, "in 1 h"),
        (3660, "in 1 h 1 min"),
        (86_399, "in 23 h 59 min"),
        (86_400, "in 1 day"),
        (2 * 86_400, "in 2 days"),
    ],
)
def test_until(seconds: int, said: str) -> None:
    assert BERLIN.until(MONDAY + timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (2 * 86_400 - 1, "47 h ago"),
        (2 * 86_400, "2 days ago"),
    ],
)
def test_ago(seconds: int, said: str) -> None:
    assert BERLIN.ago(MONDAY - timedelta(seconds=seconds)) == said


def test_zone_of_an_old_or_unknown_name() -> None:
    names = ("Asia/Calcutta", "Europe/Kiev", "UTC", "Europe/Berlin", "Nowhere/At_All", "../../etc/passwd", "", None)
    assert [clock.zone(name).key for name in names] == [
        "Asia/Kolkata",
        "Europe/Kyiv",
        "Etc/UTC",
        "Europe/Berlin",
        *["Etc/UTC"] * 4,
    ]


def test_zone_rules_are_those_of_the_package() -> None:
    # Vancouver stays on summer time from November 2026 on; a system's own copy is often a year behind.
    winter = datetime(2027, 1, 15, 12, 0, tzinfo=UTC)
    assert winter.astimezone(clock.zone("America/Vancouver")).utcoffset() == timedelta(hours=-7)


def test_now_is_whole_seconds_in_utc() -> None:
    with clock.stopped_at(datetime(2026, 11, 23, 9, 0, 0, 999_999, tzinfo=ZoneInfo("Europe/Berlin"))):
        assert (clock.now(), clock.now().tzinfo) == (MONDAY, UTC)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
