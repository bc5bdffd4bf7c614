"""From a calendar file to busy quarters: what takes time, when, and what is no calendar at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from portal.availability import busy_file
from portal.availability.busy_file import Busy, Unreadable
from portal.mail.calendar import Entry, published
from tests.availability.calendars import Event, calendar, minute_by_minute, read, spans
from tests.cast import MONDAY

FIRST = datetime(2026, 11, 23, tzinfo=UTC)
"""A Monday."""
MEETING = "DTSTART:20261124T100000Z\nDTEND:20261124T110000Z"


@pytest.mark.parametrize(
    ("lines", "busy"),
    [
        (MEETING, ["24 10:00–11:00"]),
        ("DTSTART:20261124T100000Z\nDURATION:PT45M", ["24 10:00–10:45"]),
        ("DTSTART:20261124T101400Z\nDTEND:20261124T101600Z", ["24 10:00–10:30"]),
        ("DTSTART:20261124T101459Z\nDTEND:20261124T101500Z", ["24 10:00–10:15"]),
        ("DTSTART:20261124T101500Z\nDTEND:20261124T103000Z", ["24 10:15–10:30"]),
        ("DTSTART:20261124T101500Z\nDTEND:20261124T103001Z", ["24 10:15–10:45"]),
        ("DTSTART:20261124T100000Z\nDTEND:20261124T100000Z", []),
        ("DTSTART:20261124T100000Z", []),
        ("DTSTART;TZID=Europe/Berlin:20261124T100000\nDTEND;TZID=Europe/Berlin:20261124T110000", ["24 09:00–10:00"]),
        ("DTSTART;TZID=W. Europe Standard Time:20261124T100000\nDURATION:PT1H", ["24 09:00–10:00"]),
        ("DTSTART;TZID=Asia/Kathmandu:20261124T100000\nDURATION:PT1H", ["24 04:15–05:15"]),
        ("DTSTART;TZID=Europe/Berlin:20261124T100000\nDTEND;TZID=Asia/Tokyo:20261124T190000", ["24 09:00–10:00"]),
        ("DTSTART:20261122T230000Z\nDTEND:20261123T010000Z", ["23 00:00–01:00"]),
        ("DTSTART:20261129T233000Z\nDTEND:20261130T010000Z", ["29 23:30–00:00"]),
        ("DTSTART:19000101T000000Z\nDTEND:20991231T000000Z", ["23 00:00–00:00"]),
        ("DTSTART:20261124T100000Z\nRRULE:FREQ=HOURLY;COUNT=2\nDURATION:PT15M", ["24 10:00–10:15", "24 11:00–11:15"]),
        ("DTSTART:20261120T100000Z\nDURATION:PT1H\nRDATE:20261126T120000Z", ["26 12:00–13:00"]),
        ("DTSTART:20261120T100000Z\nRDATE;VALUE=PERIOD:20261126T120000Z/PT30M\nDURATION:PT1H", ["26 12:00–12:30"]),
    ],
)  # fmt: skip
def test_event_takes_every_quarter_it_touches(lines: str, busy: list[str]) -> None:
    assert spans(calendar(lines), FIRST) == busy


@pytest.mark.parametrize(
    ("lines", "busy"),
    [
        ("", ["24 10:00–11:00"]),
        ("TRANSP:OPAQUE", ["24 10:00–11:00"]),
        ("STATUS:CONFIRMED", ["24 10:00–11:00"]),
        ("STATUS:TENTATIVE", ["24 10:00–11:00"]),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", ["24 10:00–11:00"]),
        ("TRANSP:TRANSPARENT", []),
        ("TRANSP:transparent", []),
        ("STATUS:CANCELLED", []),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        ("UID:session-abc@portal", []),
        ("UID:session-abc@portal.example.org", ["24 10:00–11:00"]),
        ("UID:my-session-abc@portal", ["24 10:00–11:00"]),
    ],
)
def test_event_takes_no_time_that_it_leaves_free(lines: str, busy: list[str]) -> None:
    assert spans(calendar(f"{lines}\n{MEETING}"), FIRST) == busy


def test_what_the_portal_has_booked_comes_back_as_free() -> None:
    """As our feed says it, through the mentor's calendar and back."""
    entry = Entry("session-abc@portal", 0, 0, int(MONDAY.timestamp()), 30, "Session", "", "", "/sessions/abc", False)
    data = published([entry], zone=ZoneInfo("Europe/Berlin"), portal_url="https://portal.example.org")
    assert b"session-abc@portal" in data
    assert spans(data, FIRST) == []


@pytest.mark.parametrize(
    ("zone", "busy"),
    [("Etc/UTC", ["24 00:00–00:00"]), ("Asia/Kolkata", ["24 00:00–00:00"]), ("Pacific/Kiritimati", ["24 00:00–00:00"])],
)
def test_whole_day_is_the_mentors_day(zone: str, busy: list[str]) -> None:
    for lines in (
        "DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261125",
        "DTSTART;VALUE=DATE:20261124",
        "DTSTART;VALUE=DATE:20261124\nDURATION:P1D",
    ):
        assert spans(calendar(lines), FIRST, zone=zone) == busy


def test_whole_day_on_which_the_clock_changes_has_another_length() -> None:
    for day, hours in (("20270328", 23), ("20271031", 25), ("20270329", 24)):
        first = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) - timedelta(days=1)
        busy = read(calendar(f"DTSTART;VALUE=DATE:{day}"), first, zone="Europe/Berlin")
        assert (day, busy.bits.bit_count()) == (day, hours * 4)


def test_floating_time_is_on_the_mentors_clock() -> None:
    lines = "DTSTART:20261124T100000\nDTEND:20261124T110000"
    assert spans(calendar(lines), FIRST, zone="America/New_York") == ["24 10:00–11:00"]
    assert spans(calendar(lines), FIRST) == ["24 10:00–11:00"]
    unknown = "DTSTART;TZID=Nowhere/Else:20261124T100000\nDURATION:PT1H"
    assert spans(calendar(unknown), FIRST, zone="America/New_York") == ["24 10:00–11:00"]


def test_night_is_one_span_over_midnight() -> None:
    lines = "DTSTART;TZID=Europe/Berlin:20261124T220000\nDTEND;TZID=Europe/Berlin:20261125T060000"
    assert spans(calendar(lines), FIRST, zone="Europe/Berlin") == ["24 22:00–06:00"]


def test_night_in_which_the_clock_changes_ends_at_its_wall_time() -> None:
    """As calendar programs show it: an hour shorter in spring, an hour longer in autumn."""
    for first, date in (
        (datetime(2027, 3, 26, tzinfo=UTC), "20270326"),
        (datetime(2027, 10, 29, tzinfo=UTC), "20271029"),
    ):
        lines = f"DTSTART;TZID=Europe/Berlin:{date}T220000\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=2"
        nights = [f"{date[6:]} 22:00–06:00", f"{int(date[6:]) + 1} 22:00–06:00"]
        assert spans(calendar(lines), first, zone="Europe/Berlin") == nights


WEEKLY = "UID:weekly\nDTSTART;TZID=Europe/Berlin:20270309T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
MARCH = datetime(2027, 3, 15, tzinfo=UTC)
BEFORE, SECOND, AFTER = "16 10:00–11:00", "23 10:00–11:00", "30 10:00–11:00"


def one(day: int, *lines: str) -> str:
    """A time of the series that is not as the others."""
    return "\n".join(["UID:weekly", f"RECURRENCE-ID;TZID=Europe/Berlin:202703{day}T100000", *lines])


MOVED = one(23, "DTSTART;TZID=Europe/Berlin:20270325T150000", "DURATION:PT2H")
CANCELLED = one(30, "DTSTART;TZID=Europe/Berlin:20270330T100000", "DURATION:PT1H", "STATUS:CANCELLED")
FREE = "UID:weekly\nRECURRENCE-ID:20270330T080000Z\nDTSTART:20270330T080000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT"


@pytest.mark.parametrize(
    ("series", "busy"),
    [
        ([WEEKLY], [BEFORE, SECOND, AFTER]),
        ([f"{WEEKLY}\nEXDATE;TZID=Europe/Berlin:20270323T100000"], [BEFORE, AFTER]),
        ([f"{WEEKLY}\nEXDATE:20270330T080000Z"], [BEFORE, SECOND]),
        ([WEEKLY, MOVED], [BEFORE, "25 15:00–17:00", AFTER]),
        ([WEEKLY, CANCELLED], [BEFORE, SECOND]),
        ([WEEKLY, FREE], [BEFORE, SECOND]),
        ([f"{WEEKLY};UNTIL=20270323T090000Z"], [BEFORE, SECOND]),
        ([f"{WEEKLY};UNTIL=20270323"], [BEFORE]),
    ],
    ids=["all", "left out", "left out in UTC", "one moved", "one cancelled", "one free", "until", "until a day"],
)
def test_weekly_event_stays_at_its_wall_time(series: list[str], busy: list[str]) -> None:
    """Over the night of 28 March 2027, in which the clock is put forward."""
    assert spans(calendar(*series), MARCH, days=21, zone="Europe/Berlin") == busy


OWN_RULES = """BEGIN:VTIMEZONE
TZID:Our office
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""


def test_zone_that_the_file_describes_itself() -> None:
    lines = "DTSTART;TZID=Our office:20270309T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
    data = calendar(lines, head=OWN_RULES)
    assert spans(data, MARCH, days=21) == ["16 09:00–10:00", "23 09:00–10:00", "30 08:00–09:00"]


def test_series_in_utc_follows_the_zone_of_its_calendar() -> None:
    """As Google writes it: times in UTC, the zone once for all."""
    lines = "DTSTART:20270309T090000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
    data = calendar(lines, head="X-WR-TIMEZONE:Europe/Berlin\n")
    assert spans(data, MARCH, days=21) == ["16 09:00–10:00", "23 09:00–10:00", "30 08:00–09:00"]


@pytest.mark.parametrize(
    "lines",
    [
        "SUMMARY:no time at all",
        "DTSTART:tomorrow",
        "DTSTART:20261124T100000Z\nRRULE:FREQ=SOMETIMES",
        "DTSTART:20261124T100000Z\nDURATION:P999999999D",
        "DTSTART:99991231T235959Z\nDURATION:P5D",
        "DTSTART:20261124T100000Z\nDTSTART:20261124T110000Z",
        "DTSTART:20261124T100000Z\nEXDATE:never",
    ],
)
def test_event_that_is_written_wrongly_hides_no_other(lines: str) -> None:
    data = calendar(lines, MEETING)
    assert read(data, FIRST) == Busy(read(calendar(MEETING), FIRST).bits, left_out=1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", busy_file.NO_CALENDAR),
        (b"\xff\xfe\x00", busy_file.NO_CALENDAR),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", busy_file.NO_CALENDAR),
        (b"  \n<!doctype html><title>Sign in</title>", busy_file.WEB_PAGE),
        (b"BEGIN:VCALENDAR\r\n", busy_file.CUT_OFF),
        (calendar(MEETING)[:-40], busy_file.CUT_OFF),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", busy_file.BROKEN),
        (b"BEGIN:VCALENDAR\r\nnonsense\r\nEND:VCALENDAR\r\n", busy_file.BROKEN),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nEND:VCALENDAR\r\n", busy_file.BROKEN),
        (b"BEGIN:VCALENDAR\r\n" * 5000 + b"END:VCALENDAR\r\n", busy_file.BROKEN),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_said_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(data, FIRST)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        b"\xef\xbb\xbfbegin:vcalendar\nend:vcalendar\n\n",
        calendar(head=OWN_RULES),
    ],
)
def test_empty_calendar_is_one(data: bytes) -> None:
    assert read(data, FIRST) == Busy(0)


def test_file_may_hold_several_calendars() -> None:
    other = calendar("DTSTART:20261125T100000Z\nDURATION:PT1H")
    assert spans(calendar(MEETING) + other, FIRST) == ["24 10:00–11:00", "25 10:00–11:00"]


def test_memory_that_runs_out_is_no_broken_event(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_: object) -> list[object]:
        raise MemoryError

    monkeypatch.setattr(busy_file, "_repeated", no_memory)
    with pytest.raises(MemoryError):
        read(calendar(MEETING), FIRST)


ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Etc/UTC", None)
CHANGES = (datetime(2027, 3, 27, tzinfo=UTC), datetime(2026, 10, 30, tzinfo=UTC), FIRST)
"""Days around which clocks are changed somewhere, and quiet ones."""


def random_event(chance: Random, near: datetime) -> Event:
    times = chance.choice([1, 1, 2, 5])
    numbers = chance.sample(range(times), min(times, 3))
    without, moved = (numbers[:1], numbers[1:2]) if times > 1 else ([], [])
    begins = near.replace(tzinfo=None) + timedelta(minutes=chance.randrange(-3000, 4000))
    return Event(
        zone=chance.choice(ZONES),
        # Apart from the nights in which clocks are changed: there, programs go by the wall clock, not by minutes.
        begins=begins.replace(hour=min(max(begins.hour, 4), 15)),
        minutes=chance.choice([0, 1, 14, 15, 16, 30, 60, 200]),
        times=times,
        step=chance.choice([1, 1, 2, 7]),
        without=frozenset(without),
        moved={number: chance.choice([1, 45, 300]) for number in moved},
        is_free=chance.random() < 0.15,
    )


@pytest.mark.parametrize("seed", range(30))
def test_random_calendars_are_busy_minute_by_minute(seed: int) -> None:
    chance = Random(seed)
    near = chance.choice(CHANGES)
    zone = chance.choice(ZONES) or "Asia/Kathmandu"
    events = [random_event(chance, near) for _ in range(chance.randrange(1, 6))]
    data = calendar(*(lines for event in events for lines in event.lines()))
    assert read(data, near, days=3, zone=zone) == Busy(minute_by_minute(events, near, days=3, zone=zone))


def test_the_oracle_finds_a_reader_that_forgets_the_zone() -> None:
    """The control: read on the clock of UTC, random calendars differ."""
    differ = 0
    for seed in range(20):
        event = replace(random_event(Random(seed), FIRST), zone=None)
        told = minute_by_minute([event], FIRST, days=3, zone="Asia/Kathmandu")
        differ += told != read(calendar(*event.lines()), FIRST, days=3).bits
    assert differ > 5
