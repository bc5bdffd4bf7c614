"""The process that reads one calendar: what it brings back, and that nothing in a calendar outlives its limits."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from io import BytesIO, StringIO, TextIOWrapper
from threading import Event, Timer

import pytest

from portal.availability import busy_reader
from portal.availability.busy_fetch import NOT_PUBLIC, TOO_BIG, TOO_SLOW, Rules
from portal.availability.busy_file import WEB_PAGE, Unreadable
from portal.availability.busy_reader import TOO_MUCH, Order, Reading, Stopped
from portal.availability.openings import quarter_of
from tests.availability.calendars import calendar
from tests.availability.hosts import Host, drips, named, says, trusted_host
from tests.cast import MONDAY

BASE = quarter_of(MONDAY)
HOUR = "DTSTART:20261123T{}0000Z\nDURATION:PT1H"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Rules]]:
    with trusted_host(tmp_path_factory.mktemp("authority")) as (server, authority):
        yield server, Rules(loopback=True, trusted=authority)


def order(url: str, etag: str = "") -> Order:
    return Order(url, etag, "Europe/Berlin", BASE, 17 * 96)


def problem(url: str, rules: Rules) -> str:
    with pytest.raises(Unreadable) as refused:
        busy_reader.read(order(url), rules=rules)
    return str(refused.value)


def test_read_brings_what_is_busy_and_then_only_what_is_new(place: tuple[Host, Rules]) -> None:
    server, rules = place
    server.answers["/a"] = named(calendar(HOUR.format("09"), "DTSTART:never"), '"1"')
    assert busy_reader.read(order(server.url("/a")), rules=rules) == Reading(0b11110000, '"1"', left_out=1)
    assert busy_reader.read(order(server.url("/a"), '"1"'), rules=rules) == Reading(None, '"1"')


def test_read_keeps_to_the_rules_for_all_unless_told_otherwise(place: tuple[Host, Rules]) -> None:
    server, _ = place
    with pytest.raises(Unreadable) as refused:
        busy_reader.read(order(server.url("/a")))
    assert str(refused.value) == NOT_PUBLIC


def test_read_says_what_is_wrong_with_the_file(place: tuple[Host, Rules]) -> None:
    server, rules = place
    server.answers["/page"] = says(b"<html><title>Sign in</title></html>", Content_Type="text/html")
    assert problem(server.url("/page"), rules) == WEB_PAGE


SECONDLY = "DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"
NO_STEP = "DTSTART:20261123T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=0"


def test_read_ends_with_its_share_of_the_processor(place: tuple[Host, Rules]) -> None:
    """Every second since 1970."""
    server, rules = place
    server.answers["/millions"] = says(calendar(SECONDLY))
    began, used = time.monotonic(), os.times().children_user
    assert problem(server.url("/millions"), replace(rules, cpu=1)) == TOO_MUCH
    assert os.times().children_user - used < 4
    assert time.monotonic() - began < 30


def test_read_ends_with_its_share_of_memory(place: tuple[Host, Rules]) -> None:
    """Every second of two weeks, kept in memory one by one."""
    server, rules = place
    server.answers["/seconds"] = says(calendar(SECONDLY.replace("1970", "2026").replace("0101", "1123")))
    used = os.times().children_user
    assert problem(server.url("/seconds"), replace(rules, memory=120 * 1024**2, cpu=20)) == TOO_MUCH
    assert os.times().children_user - used < 10


def test_read_ends_with_its_time(place: tuple[Host, Rules]) -> None:
    """The same moment over and over: the library never comes back from it."""
    server, rules = place
    server.answers["/for-ever"] = says(calendar(NO_STEP))
    began = time.monotonic()
    assert problem(server.url("/for-ever"), replace(rules, wall=1.5)) == TOO_MUCH
    assert 1.5 <= time.monotonic() - began < 15


def test_read_waits_no_longer_for_a_host_that_drips(place: tuple[Host, Rules]) -> None:
    server, rules = place
    server.answers["/drip"] = drips(b"HTTP/1.1 200 OK\r\nX: ", b"x")
    assert problem(server.url("/drip"), replace(rules, seconds=0.5)) == TOO_SLOW


def test_read_goes_through_a_hundred_thousand_events_or_says_that_it_cannot(place: tuple[Host, Rules]) -> None:
    """They are more than fit into the size that is read, so that is raised here."""
    server, rules = place
    head, event, end = re.split(b"(?=BEGIN:VEVENT)|(?=END:VCALENDAR)", calendar(HOUR.format("09")))
    server.answers["/many"] = says(head + event * 100_000 + end)
    url = server.url("/many")
    assert problem(url, rules) == TOO_BIG.format(2)
    assert problem(url, replace(rules, size=2**30, cpu=1)) == TOO_MUCH


def test_read_stops_when_the_worker_does(place: tuple[Host, Rules]) -> None:
    server, rules = place
    server.answers["/drip"] = drips(b"HTTP/1.1 200 OK\r\nX: ", b"x")
    stop = Event()
    Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        busy_reader.read(order(server.url("/drip")), rules=rules, stop=stop)
    assert time.monotonic() - began < 3.5


def test_child_knows_no_secret_of_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(busy_reader, "CHILD", "import json, os; print(json.dumps(dict(os.environ)))")
    with busy_reader._child() as child:
        said = json.loads(child.communicate()[0])
    assert set(said) <= {*busy_reader.ENVIRONMENT, "LC_CTYPE"}


def test_child_that_fails_is_our_mistake(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(busy_reader, "CHILD", "raise SystemExit(3)")
    assert problem("https://example.org/secret", Rules()) == busy_reader.OUR_MISTAKE
    assert caplog.messages == ["a calendar could not be read: its reader ended with code 3"]


def test_child_answers_what_it_is_asked(place: tuple[Host, Rules], monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, where it sets no limits: what it says for each way a reading can end."""
    server, rules = place
    server.answers["/a"] = named(calendar(HOUR.format("09")), '"1"')
    monkeypatch.setattr(busy_reader, "_limit", lambda _: None)

    def answered(url: str, etag: str = "") -> dict[str, object]:
        asked = {"order": asdict(order(url, etag)), "rules": asdict(rules)}
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(json.dumps(asked).encode())))
        said = StringIO()
        monkeypatch.setattr("sys.stdout", said)
        busy_reader.answer()
        found: dict[str, object] = json.loads(said.getvalue())
        return found

    assert answered(server.url("/a")) == {"bits": "f0", "etag": '"1"', "left_out": 0}
    assert answered(server.url("/a"), '"1"') == {"bits": None, "etag": '"1"', "left_out": 0}
    assert answered("https://10.0.0.1/") == {"problem": NOT_PUBLIC}

    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(busy_reader, "fetch", no_memory)
    assert answered(server.url("/a")) == {"problem": TOO_MUCH}
