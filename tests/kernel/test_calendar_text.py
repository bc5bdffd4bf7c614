"""Calendar entries hold whatever people write: read back it is the same, and none of it is a line of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event, vText

from portal import clock
from portal.mail import calendar
from portal.mail.calendar import Entry, invitation, published
from portal.text import clean, clean_line
from tests.proof.size import size

EXAMPLES = size(2500, usual=400)
"""Each has four texts: 10,000 in all at full size."""
URL = "https://mentoring.example.org"
ZONES = ("Europe/Berlin", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Etc/UTC")
# What escaping and folding are about, more often than chance would bring it.
EVIL = st.sampled_from(
    ["\\", ";", ",", "\n", ":", '"', "BEGIN:VEVENT", "\r\n", "=0D=0A", "ü", "😀", "\u2028", "a" * 70]
)
TEXT = st.lists(st.one_of(st.text(max_size=20), EVIL), max_size=14).map("".join)


def entry(summary: str, description: str, where: str, *, start: int = 1_796_000_400, **more: bool) -> Entry:
    gone = more.get("is_cancelled", False)
    return Entry("session-x@portal", 3, 1_790_000_000, start, 30, summary, description, where, "/sessions/x", gone)


def faults(file: bytes, wanted: Entry) -> list[str]:
    """What is wrong with a file that should hold just this entry."""
    lines = file.split(b"\r\n")
    found = [f"{len(line)} octets" for line in lines if len(line) > 75]
    found += ["a bare line end"] * (b"\n" in file.replace(b"\r\n", b"") or b"\r" in file.replace(b"\r\n", b""))
    file.decode()
    events = Calendar.from_ical(file).walk("VEVENT")
    if len(events) != 1:
        return [*found, f"{len(events)} events"]
    return found + [name for name, value in read(events[0], file).items() if value != expected(wanted)[name]]


def text_of(name: str, file: bytes) -> str:
    """The text of the event's property, by RFC 5545 3.1 and 3.3.11 alone."""
    event = file.decode().replace("\r\n ", "").split("\r\nBEGIN:VEVENT\r\n")[1].split("\r\nBEGIN:VALARM")[0]
    value = next((line.split(":", 1)[1] for line in event.split("\r\n") if line.startswith(f"{name}:")), "")
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def read(event: Event, file: bytes) -> dict[str, object]:
    return {
        "summary": text_of("SUMMARY", file),
        "description": text_of("DESCRIPTION", file),
        "location": text_of("LOCATION", file),
        "start": event.decoded("DTSTART").astimezone(UTC),
        "end": event.decoded("DTEND").astimezone(UTC),
        "names": sorted(event.keys()),
        "parts": len(event.subcomponents),
    }


def expected(wanted: Entry) -> dict[str, object]:
    start = datetime.fromtimestamp(wanted.start, UTC)
    names = ["UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "DESCRIPTION", "URL", "STATUS"]
    return {
        "summary": wanted.summary,
        "description": f"{wanted.description}\n\n{URL}/sessions/x",
        "location": wanted.where,
        "start": start,
        "end": start + timedelta(minutes=wanted.length),
        "names": sorted([*names, *(["LOCATION"] if wanted.where else []), "ORGANIZER", "ATTENDEE"]),
        "parts": int(not wanted.is_cancelled),
    }


def mailed(wanted: Entry, zone: str) -> bytes:
    to, sender = "sam@example.org", "portal@example.org"
    return invitation(wanted, to=to, sender=sender, zone=clock.zone(zone), portal_url=URL)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(TEXT, TEXT, TEXT, TEXT, st.sampled_from(ZONES), st.booleans())
def test_entries_hold_any_texts(a: str, b: str, c: str, d: str, zone: str, is_cancelled: bool) -> None:
    """As forms clean them: a line is one line, a text has no line ends but its own."""
    text = "\n".join([clean(b), clean(d)])
    wanted = entry(clean_line(a), text, clean_line(c), is_cancelled=is_cancelled)
    assert faults(mailed(wanted, zone), wanted) == []


def _not_folded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("icalendar.parser.content_line._foldline", lambda line, *_, **__: line)


def _not_escaped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(calendar, "_Text", vText)


@pytest.mark.parametrize("fault", [_not_folded, _not_escaped], ids=lambda fault: fault.__name__)
def test_an_entry_that_is_not_folded_or_escaped_is_found(
    monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    wanted = entry("ü" * 60, "one, two; three\nC:\\New", "x")
    assert faults(mailed(wanted, "Europe/Berlin"), wanted) == []
    fault(monkeypatch)
    assert faults(mailed(wanted, "Europe/Berlin"), wanted) != []


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("month", [1, 3, 6, 11])
def test_entry_brings_the_rules_of_its_zone(zone: str, month: int) -> None:
    """Read with these rules alone, whatever the reader's program knows of the zone."""
    start = datetime(2027, month, 14, 6, 30, tzinfo=UTC)
    file = mailed(entry("x", "y", "", start=int(start.timestamp())), zone)
    read_back = Calendar.from_ical(file)
    event = read_back.walk("VEVENT")[0]
    local = start.astimezone(clock.zone(zone))
    assert event.decoded("DTSTART").replace(tzinfo=None) == local.replace(tzinfo=None)
    rules = read_back.walk("VTIMEZONE")
    assert [str(rule["TZID"]) for rule in rules] == ([] if zone == "Etc/UTC" else [zone])
    for rule in rules:
        assert local.replace(tzinfo=rule.to_tz()).utcoffset() == local.utcoffset()


def test_feed_is_the_same_each_time_and_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [entry("x", "y", ""), entry("z", "y", "", start=1_800_000_000)]
    first = published(entries, zone=clock.zone("Europe/Berlin"), portal_url=URL, name="Mine")
    calendar._rules.cache_clear()
    assert published(entries, zone=clock.zone("Europe/Berlin"), portal_url=URL, name="Mine") == first
    read_back = Calendar.from_ical(first)
    assert (str(read_back["METHOD"]), str(read_back["X-WR-CALNAME"])) == ("PUBLISH", "Mine")
    assert len(read_back.walk("VEVENT")) == 2
