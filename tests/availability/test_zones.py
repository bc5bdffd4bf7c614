"""The days on which clocks are wrong for most programs: each a named test, the answer worked out by hand.

Hours are extra hours of one date, so a case reads like a line of a diary; answers are in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.availability.hours import Plan
from portal.availability.openings import DAY, Hours, expand, instant_of, quarter_of, set_quarters, startable, upcoming
from portal.clock import zone, zone_names
from portal.when import Reader
from tests.availability import oracle

QUARTER = timedelta(minutes=15)
DAYS = 5


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def extra(line: str) -> tuple[date, int, int]:
    """ "2027-03-14 01:00-04:00" """
    day, _, span = line.partition(" ")
    return date.fromisoformat(day), minutes(span[:5]), minutes(span[6:])


def spans(plan: Plan, first: date) -> list[str]:
    """When the mentor is willing, from two days before `first` on, as the portal and the oracle both say."""
    since = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=2)
    base = quarter_of(since)
    found = list(map(instant_of, set_quarters(expand(plan.hours, base, DAYS * DAY), base)))
    assert oracle.willing(plan, since, since + timedelta(days=DAYS)) == {
        int(quarter.timestamp()) // 60 + more for quarter in found for more in range(15)
    }
    starts = [quarter for quarter in found if quarter - QUARTER not in found]
    ends = [quarter + QUARTER for quarter in found if quarter + QUARTER not in found]
    return [f"{start:%d %H:%M}-{end:%H:%M}" for start, end in zip(starts, ends, strict=True)]


def willing(name: str, *lines: str) -> list[str]:
    return spans(Plan(name, extra=tuple(map(extra, lines))), extra(lines[0])[0])


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("America/New_York", "2027-03-14 02:30-02:45"),
        ("America/New_York", "2027-03-14 02:00-03:00"),
        ("Europe/Berlin", "2027-03-28 02:15-02:45"),
        ("Europe/London", "2027-03-28 01:30-02:00"),
        ("Australia/Lord_Howe", "2027-10-03 02:15-02:30"),
        ("America/Santiago", "2027-09-05 00:30-00:45"),
        ("America/Nuuk", "2027-03-27 23:15-24:00"),
        ("Antarctica/Troll", "2027-03-28 01:15-02:45"),
        ("Pacific/Chatham", "2027-09-26 02:45-03:45"),
        ("Pacific/Apia", "2011-12-30 00:00-24:00"),
    ],
)
def test_hours_that_the_clock_skips_are_not_there(name: str, line: str) -> None:
    assert willing(name, line) == []


@pytest.mark.parametrize(
    ("name", "line", "left"),
    [
        ("America/New_York", "2027-03-14 01:00-04:00", "14 06:00-08:00"),
        ("America/New_York", "2027-03-14 01:30-02:30", "14 06:30-07:00"),
        ("America/New_York", "2027-03-14 02:30-03:30", "14 07:00-07:30"),
        ("Europe/Berlin", "2027-03-28 01:00-04:00", "28 00:00-02:00"),
        ("Europe/London", "2027-03-28 00:30-02:30", "28 00:30-01:30"),
        ("Australia/Lord_Howe", "2027-10-03 01:30-03:00", "02 15:00-16:00"),
        ("America/Nuuk", "2027-03-27 22:00-24:00", "28 00:00-01:00"),
        ("Antarctica/Troll", "2027-03-28 00:00-04:00", "28 00:00-02:00"),
    ],
)
def test_hours_around_a_skipped_hour_shrink(name: str, line: str, left: str) -> None:
    assert willing(name, line) == [left]


@pytest.mark.parametrize(
    ("name", "line", "left"),
    [
        ("America/New_York", "2027-11-07 01:30-01:45", ["07 05:30-05:45"]),
        ("America/New_York", "2027-11-07 01:00-04:00", ["07 05:00-06:00", "07 07:00-09:00"]),
        ("Europe/Berlin", "2027-10-31 02:00-03:00", ["31 00:00-01:00"]),
        ("Europe/Dublin", "2027-10-31 01:00-02:00", ["31 00:00-01:00"]),
        ("Australia/Lord_Howe", "2027-04-04 01:30-02:00", ["03 14:30-15:00"]),
        ("Australia/Lord_Howe", "2027-04-04 01:00-03:00", ["03 14:00-15:00", "03 15:30-16:30"]),
        ("Antarctica/Troll", "2027-10-31 01:00-03:00", ["30 23:00-01:00"]),
        ("Pacific/Chatham", "2027-04-04 02:45-03:45", ["03 13:00-14:00"]),
        ("America/Havana", "2027-11-07 00:00-01:00", ["07 04:00-05:00"]),
        ("Africa/Casablanca", "2026-02-15 02:30-03:30", ["15 01:30-02:00", "15 03:00-03:30"]),
    ],
)
def test_hours_that_the_clock_repeats_are_used_once(name: str, line: str, left: list[str]) -> None:
    assert willing(name, line) == left


@pytest.mark.parametrize(
    ("name", "day", "whole", "from_22_to_2"),
    [
        ("America/Santiago", "2027-09-05", "05 04:00-03:00", "05 02:00-05:00"),
        ("Asia/Beirut", "2027-03-28", "27 22:00-21:00", "27 20:00-23:00"),
        ("Africa/Cairo", "2027-04-30", "29 22:00-21:00", "29 20:00-23:00"),
        ("America/Havana", "2026-03-08", "08 05:00-04:00", "08 03:00-06:00"),
    ],
)
def test_a_day_whose_midnight_does_not_exist_begins_at_one(name: str, day: str, whole: str, from_22_to_2: str) -> None:
    before = date.fromisoformat(day) - timedelta(days=1)
    assert willing(name, f"{day} 00:00-24:00") == [whole]
    assert willing(name, f"{before} 22:00-24:00", f"{day} 00:00-02:00") == [from_22_to_2]


@pytest.mark.parametrize(("day", "quarters"), [("2027-03-14", 92), ("2027-03-15", 96), ("2027-11-07", 96)])
def test_whole_days_of_23_24_and_25_hours(day: str, quarters: int) -> None:
    """Of the 25 hours of the last one, the one shown twice counts once."""
    plan = Plan("America/New_York", extra=(extra(f"{day} 00:00-24:00"),))
    base = quarter_of(datetime.fromisoformat(f"{day}T00:00Z"))
    assert expand(plan.hours, base, 2 * DAY).bit_count() == quarters


@pytest.mark.parametrize(
    ("name", "line", "left"),
    [
        ("Asia/Kolkata", "2027-06-01 09:00-10:00", "01 03:30-04:30"),
        ("Asia/Kathmandu", "2027-06-01 09:00-10:00", "01 03:15-04:15"),
        ("Pacific/Chatham", "2027-06-01 09:00-10:00", "31 20:15-21:15"),
        ("Pacific/Chatham", "2027-01-01 09:00-10:00", "31 19:15-20:15"),
        ("Pacific/Kiritimati", "2027-06-02 00:30-01:30", "01 10:30-11:30"),
        ("America/Vancouver", "2026-12-01 09:00-10:00", "01 16:00-17:00"),  # of 2026's rules: -7 all year
        ("Asia/Tokyo", "2028-02-29 09:00-10:00", "29 00:00-01:00"),
    ],
)
def test_hours_at_uncommon_offsets_and_on_a_leap_day(name: str, line: str, left: str) -> None:
    assert willing(name, line) == [left]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("America/Godthab", "America/Nuuk"),
    ],
)
def test_hours_under_the_old_name_of_a_zone_are_the_same(old: str, new: str) -> None:
    assert willing(old, "2027-03-28 00:00-24:00") == willing(new, "2027-03-28 00:00-24:00")
    assert zone(old).key == new


def test_a_session_26_hours_apart_is_on_dates_two_apart() -> None:
    start = datetime(2027, 6, 1, 10, 30, tzinfo=UTC)
    here, there = (Reader(zone(name), start).date(start) for name in ("Pacific/Kiritimati", "Etc/GMT+12"))
    assert here - there == timedelta(days=2)


def test_a_day_off_is_the_mentors_day_and_parts_of_two_days_elsewhere() -> None:
    always = tuple((day, 0, 1440) for day in range(7))
    plan = Plan("Pacific/Kiritimati", always, off=((date(2027, 6, 2), date(2027, 6, 2), ""),))
    assert spans(plan, date(2027, 6, 2)) == ["31 00:00-10:00", "02 10:00-00:00"]


def test_days_off_around_a_leap_day_take_it_along() -> None:
    always = tuple((day, 540, 600) for day in range(7))
    plan = Plan("Etc/UTC", always, off=((date(2028, 2, 28), date(2028, 3, 1), ""),))
    assert spans(plan, date(2028, 2, 29)) == ["27 09:00-10:00", "02 09:00-10:00"]


def test_hours_before_and_after_midnight_make_one_session() -> None:
    """Sunday 22:00 to Monday 02:00 is two intervals, and a session may lie across."""
    hours = Hours(zone("Europe/Berlin"), weekly=((6, 22 * 60, 1440), (0, 0, 120)))
    base = quarter_of(datetime(2026, 11, 22, 12, tzinfo=UTC))
    starts = set_quarters(startable(expand(hours, base, 2 * DAY), 0, length=60, gap=0), base)
    found = [f"{instant_of(quarter).astimezone(hours.zone):%a %H:%M}" for quarter in starts]
    assert (found[0], found[-1], len(found), "Sun 23:30" in found) == ("Sun 22:00", "Mon 01:00", 13, True)


def test_weekly_hours_of_one_side_shift_for_the_other_while_only_one_has_changed() -> None:
    """The United States change two weeks before Europe, and one week after it."""
    plan = Plan("America/New_York", ((2, 17 * 60, 17 * 60 + 15),))
    base = quarter_of(datetime(2027, 3, 8, tzinfo=UTC))
    found = set_quarters(expand(plan.hours, base, 34 * 7 * DAY), base)
    seen = {
        f"{when:%m-%d}": f"{when:%H:%M}" for when in (instant_of(q).astimezone(zone("Europe/Berlin")) for q in found)
    }
    chosen = ("03-10", "03-17", "03-24", "03-31", "10-27")
    assert [seen[day] for day in chosen] == ["23:00", "22:00", "22:00", "23:00", "23:00"]


def test_afternoons_of_the_day_of_a_change_are_where_the_clock_says() -> None:
    """In each zone and at each change of 2026 to 2029; a known bug elsewhere puts them an hour off."""
    wanted = [f"{hour}:{minute:02}" for hour in range(13, 18) for minute in (0, 15, 30, 45)]
    weekly, seen = tuple((day, 13 * 60, 18 * 60) for day in range(7)), 0
    for name in sorted(zone_names()):
        its = ZoneInfo(name)
        for change, _ in oracle.transitions(its, datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)):
            day, base = change.astimezone(its).date(), quarter_of(change) - 2 * DAY
            found = [
                instant_of(quarter).astimezone(its)
                for quarter in set_quarters(expand(Hours(its, weekly), base, 4 * DAY), base)
            ]
            assert [f"{when:%H:%M}" for when in found if when.date() == day] == wanted, (name, day)
            seen += 1
    assert seen > 1000


@pytest.mark.parametrize(
    ("now", "notice", "first"),
    [
        ("2027-03-13T12:00", 1440, "2027-03-14T13:00"),  # 24 hours later, on a day of 23
        ("2027-11-06T12:00", 1440, "2027-11-07T11:00"),  # on a day of 25
        ("2027-03-14T01:30", 60, "2027-03-14T03:30"),
    ],
)
def test_notice_is_elapsed_time_also_over_a_change(now: str, notice: int, first: str) -> None:
    its = zone("America/New_York")
    at, then = (datetime.fromisoformat(text).replace(tzinfo=its).astimezone(UTC) for text in (now, first))
    base = quarter_of(at)
    always = expand(Hours(its, tuple((day, 0, 1440) for day in range(7))), base, 3 * DAY)
    found = set_quarters(upcoming(always, base, now=at, notice=notice, horizon=2), base, 1)
    assert list(map(instant_of, found)) == [then]
