"""A mentor's own calendar, from the address to the openings: connected, read, kept for a day, removed."""

from __future__ import annotations

import time as real_time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import peewee
import pytest
from flask import Flask

from portal import database
from portal.availability import busy, busy_reader, busy_worker, hours
from portal.availability.busy_fetch import NOTHING_THERE, Rules
from portal.availability.busy_file import Unreadable
from portal.availability.busy_reader import Order, Reading, read
from portal.availability.busy_worker import reading_calendars
from portal.availability.hours import Plan
from portal.availability.models import Availability, BusyCalendar
from portal.availability.openings import DAY, quarter_of
from portal.errors import OpeningTaken
from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions.booking import book
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from tests.availability.calendars import calendar
from tests.availability.cases import day, everything, shown
from tests.availability.hosts import Host, says, trusted_host
from tests.cast import ALL_WEEK, BOOKING, REQUEST, Visitor, make_mentor, make_person, make_session, value_of
from tests.conftest import Time

MEETING = "DTSTART:20261124T100000Z\nDTEND:20261124T110000Z"
TEN = day(24, 10)
URL = "https://calendar.example.org/secret.ics"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Rules]]:
    with trusted_host(tmp_path_factory.mktemp("authority")) as (server, authority):
        yield server, Rules(loopback=True, trusted=authority)


class Reader:
    """Stands in for the process that reads: says what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.problem = ""
        self.taken: list[tuple[datetime, datetime]] = []
        self.etag = '"1"'
        self.left_out = 0

    def __call__(self, order: Order, **_: object) -> Reading:
        self.orders.append(order)
        assert not database.db.in_transaction()
        self.meanwhile()
        if self.problem:
            raise Unreadable(self.problem)
        if order.etag == self.etag:
            return Reading(None, order.etag)
        bits = 0
        for start, end in self.taken:
            bits |= sum(1 << quarter - order.base for quarter in range(quarter_of(start), quarter_of(end)))
        return Reading(bits, self.etag, self.left_out)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    made = Reader()
    monkeypatch.setattr(busy, "read", made)
    return made


def is_open(mentor: Mentor, start: datetime, length: int = 15) -> bool:
    return start in shown(mentor)[length]


def row(mentor: Mentor) -> BusyCalendar:
    found = busy.calendar_of(mentor)
    assert found is not None
    return found


def take_and_fail(mentor: Mentor, start: datetime) -> str:
    """What somebody reads who wants this time."""
    somebody = make_person("Noor Haddad")
    with pytest.raises(OpeningTaken) as refused:
        book(Opening(mentor, start, 15), REQUEST, mentee=somebody, holder=new_token(), hold_ref=new_token())
    return str(refused.value)


def test_busy_time_leaves_the_openings_and_comes_back(
    app: Flask, place: tuple[Host, Rules], mentor: Mentor, mentee: Person
) -> None:
    """All of it: a real host, a real reader, the mentor's page, a booking that is refused."""
    server, rules = place
    server.answers["/basic.ics"] = says(calendar(MEETING))
    wanted = Opening(mentor, TEN, 15)
    sam, page = Visitor(app, mentee), f"/mentors/{mentor.slug}?length=15&day=2026-11-24"
    assert f'value="{value_of(wanted)}"' in sam.get(page).text
    busy.connect(mentor, server.url("/basic.ics"))
    assert [busy.fetch_due(rules=rules) for _ in range(2)] == [True, False]
    assert f'value="{value_of(wanted)}"' not in sam.get(page).text
    assert f'value="{value_of(Opening(mentor, day(24, 11), 15))}"' in sam.get(page).text
    assert sam.hold(wanted).status_code == 409
    assert sam.post("/sessions", {"opening": value_of(wanted), "hold": new_token(), **BOOKING}).status_code == 409
    assert take_and_fail(mentor, TEN) == "This time is no longer free."
    server.answers["/basic.ics"] = says(calendar())
    BusyCalendar.update(due_at=0).execute()
    assert busy.fetch_due(rules=rules)
    assert f'value="{value_of(wanted)}"' in sam.get(page).text
    assert sam.hold(wanted).status_code == 303


def test_without_the_calendar_the_same_time_is_booked(app: Flask, mentor: Mentor, mentee: Person) -> None:
    """The control."""
    assert Visitor(app, mentee).hold(Opening(mentor, TEN, 15)).status_code == 303


def test_session_that_was_booked_before_stays(world: Time, reader: Reader, mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee)
    reader.taken = [(session.start, session.end)]
    busy.connect(mentor, URL)
    busy.fetch_due()
    kept = Session.get_by_id(session.id)
    assert (kept.start, kept.is_cancelled, busy.busy_minutes(mentor)) == (session.start, False, 15)


@pytest.mark.parametrize(
    ("length", "gap", "kept", "gone"),
    [
        (15, 0, [day(24, 9, 45), day(24, 11)], [day(24, 10), day(24, 10, 45)]),
        (60, 0, [day(24, 9), day(24, 11)], [day(24, 9, 15), day(24, 10, 45)]),
        (15, 30, [day(24, 9, 15), day(24, 11)], [day(24, 9, 30), day(24, 10, 45)]),
    ],
)
def test_openings_keep_clear_of_busy_times(
    world: Time, reader: Reader, length: int, gap: int, kept: list[datetime], gone: list[datetime]
) -> None:
    mentor = make_mentor(plan=Plan("Etc/UTC", ALL_WEEK, lengths=(15, 60), notice=0, gap=gap))
    reader.taken = [(TEN, day(24, 11))]
    busy.connect(mentor, URL)
    busy.fetch_due()
    assert [is_open(mentor, start, length) for start in kept + gone] == [True] * 2 + [False] * 2


def test_connect_asks_for_all_that_can_be_booked(world: Time, reader: Reader) -> None:
    mentor = make_mentor(plan=Plan("Asia/Kolkata", ALL_WEEK, horizon=28))
    busy.connect(mentor, URL)
    busy.fetch_due()
    assert reader.orders == [Order(URL, "", "Asia/Kolkata", quarter_of(world.now), 31 * DAY)]


def test_connect_before_any_hours_are_set(world: Time, reader: Reader, mentor: Mentor) -> None:
    Availability.delete().execute()
    busy.connect(mentor, URL)
    assert busy.fetch_due()
    assert row(mentor).good_at == world.now


def test_connect_another_forgets_the_first_at_once(world: Time, reader: Reader, mentor: Mentor) -> None:
    reader.taken = [(TEN, day(24, 11))]
    busy.connect(mentor, URL)
    busy.fetch_due()
    busy.connect(mentor, URL)
    assert (is_open(mentor, TEN), row(mentor).good_at, row(mentor).due_at) == (False, world.now, world.now)
    busy.connect(mentor, f"{URL}?other")
    assert (is_open(mentor, TEN), row(mentor).good_at, row(mentor).due_at) == (True, None, world.now)


def test_disconnect_opens_busy_times_at_once(world: Time, reader: Reader, mentor: Mentor) -> None:
    before = shown(mentor)
    reader.taken = [(TEN, day(24, 11))]
    busy.connect(mentor, URL)
    busy.fetch_due()
    busy.disconnect(mentor)
    assert (shown(mentor), busy.calendar_of(mentor), busy.fetch_due()) == (before, None, False)
    busy.disconnect(mentor)
    assert shown(mentor) == before


def test_calendar_is_read_every_hour(world: Time, reader: Reader, mentor: Mentor) -> None:
    busy.connect(mentor, URL)
    busy.fetch_due()
    world.pass_(minutes=59, seconds=59)
    assert not busy.fetch_due()
    world.pass_(seconds=1)
    assert [busy.fetch_due(), busy.fetch_due()] == [True, False]
    assert [order.etag for order in reader.orders] == ["", '"1"']
    assert (row(mentor).good_at, row(mentor).due_at) == (world.now, world.now + timedelta(hours=1))


def test_calendar_that_never_changes_is_read_in_full_once_a_day(world: Time, reader: Reader, mentor: Mentor) -> None:
    """What is busy was read for so many days and no further: an event at the horizon comes into sight."""
    far = world.now + timedelta(days=17, hours=2)
    reader.taken = [(far, far + timedelta(hours=1))]
    busy.connect(mentor, URL)
    for _ in range(4 * 24 + 1):
        busy.fetch_due()
        world.pass_(hours=1)
    assert [order.etag for order in reader.orders].count("") == 5
    assert busy.busy_minutes(mentor) == 60
    busy_then = quarter_of(far) - Availability.get().busy_base
    assert int.from_bytes(Availability.get().busy, "little") == 0b1111 << busy_then


def test_hours_on_another_clock_are_read_anew(world: Time, reader: Reader, mentor: Mentor) -> None:
    busy.connect(mentor, URL)
    busy.fetch_due()
    hours.save(Plan("Asia/Tokyo", ALL_WEEK, horizon=42), mentor=mentor)
    assert busy.fetch_due()
    assert reader.orders[1] == Order(URL, "", "Asia/Tokyo", quarter_of(world.now), 45 * DAY)


def test_what_is_the_same_is_not_derived_anew(
    world: Time, reader: Reader, mentor: Mentor, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived: list[object] = []
    monkeypatch.setattr(busy, "derive", derived.append)
    reader.taken = [(day(23, 8, 30), day(23, 9)), (TEN, day(24, 11))]
    busy.connect(mentor, URL)
    for etag in ("1", "2", "2", "3"):
        reader.etag = etag
        busy.fetch_due()
        reader.taken = reader.taken[-1:]  # what is over is no change
        world.pass_(hours=1)
    assert len(derived) == 1


def test_problem_is_said_and_tried_again_later_and_later(world: Time, reader: Reader, mentor: Mentor) -> None:
    reader.problem = NOTHING_THERE
    busy.connect(mentor, URL)
    for minutes, failures in ((15, 1), (60, 2), (240, 3), (720, 4), (720, 5)):
        assert [busy.fetch_due(), busy.fetch_due()] == [True, False]
        found = row(mentor)
        assert (found.problem, found.failures, found.good_at) == (NOTHING_THERE, failures, None)
        assert (found.fetched_at, found.due_at) == (world.now, world.now + timedelta(minutes=minutes))
        world.set(found.due_at)
    reader.problem = ""
    busy.fetch_due()
    found = row(mentor)
    assert (found.problem, found.failures, found.good_at) == ("", 0, world.now)


@pytest.mark.parametrize(("seconds", "counts"), [(-1, True), (0, False), (1, False)])
def test_last_good_copy_counts_for_a_day(
    world: Time, reader: Reader, mentor: Mentor, seconds: int, counts: bool
) -> None:
    start = world.now
    reader.taken = [(TEN + timedelta(hours=4), TEN + timedelta(hours=5))]
    busy.connect(mentor, URL)
    busy.fetch_due()
    reader.problem = NOTHING_THERE
    tried = []
    while (found := row(mentor)).due_at < start + timedelta(hours=24):
        world.set(found.due_at)
        busy.fetch_due()
        tried.append(world.now - start)
    assert tried == [timedelta(minutes=minutes) for minutes in (60, 75, 135, 375, 1095)]
    assert row(mentor).due_at == start + timedelta(hours=24)
    world.set(start + timedelta(hours=24, seconds=seconds))
    assert busy.fetch_due() == (seconds >= 0)
    assert is_open(mentor, TEN + timedelta(hours=4)) != counts
    reader.problem = ""
    BusyCalendar.update(due_at=0).execute()
    busy.fetch_due()
    assert not is_open(mentor, TEN + timedelta(hours=4))
    assert reader.orders[-1].etag == ""


def test_events_left_out_are_told(world: Time, reader: Reader, mentor: Mentor) -> None:
    busy.connect(mentor, URL)
    said = []
    for reader.left_out, reader.etag in ((1, "1"), (0, "1"), (2, "2"), (0, "3")):
        busy.fetch_due()
        said.append(row(mentor).problem)
        world.pass_(hours=1)
    one = "One event in it cannot be read, and takes no time from your openings. Save it anew in your calendar."
    two = "2 events in it cannot be read, and take no time from your openings. Save them anew in your calendar."
    assert said == [one, one, two, ""]


def test_two_workers_never_read_the_same(world: Time, reader: Reader, mentor: Mentor) -> None:
    """While one reads, the other finds nothing to do; a worker that is killed leaves it to others after a while."""
    busy.connect(mentor, URL)
    meanwhile: list[bool] = []

    def other() -> None:
        reader.meanwhile = lambda: None
        meanwhile.append(busy.fetch_due())
        world.pass_(minutes=4, seconds=59)
        meanwhile.append(busy.fetch_due())
        world.pass_(seconds=1)
        meanwhile.append(busy.fetch_due())

    reader.meanwhile = other
    assert busy.fetch_due()
    assert (meanwhile, len(reader.orders)) == ([False, False, True], 2)


def test_two_workers_that_look_at_once_do_not_both_take_it(world: Time, reader: Reader, mentor: Mentor) -> None:
    busy.connect(mentor, URL)
    first, second = row(mentor), row(mentor)
    until = world.now + busy.LEASE
    assert [busy._move(calendar, until) for calendar in (first, second)] == [True, False]


@pytest.mark.parametrize("problem", ["", NOTHING_THERE])
def test_calendar_that_is_removed_while_it_is_read_takes_nothing(
    world: Time, reader: Reader, mentor: Mentor, problem: str
) -> None:
    reader.taken, reader.problem = [(TEN, day(24, 11))], problem
    busy.connect(mentor, URL)
    left: list[object] = []

    def remove() -> None:
        busy.disconnect(mentor)
        left.append(everything())

    reader.meanwhile = remove
    busy.fetch_due()
    assert left == [everything()]
    assert is_open(mentor, TEN)


def test_worker_reads_beside_its_other_tasks_and_stops_with_them(
    place: tuple[Host, Rules], world: Time, mentor: Mentor
) -> None:
    server, rules = place
    server.answers["/basic.ics"] = says(calendar(MEETING))
    busy.connect(mentor, server.url("/basic.ics"))
    database.disconnect()
    with reading_calendars(rules=rules):
        database.connect()
        _until(lambda: row(mentor).good_at is not None)
    assert not is_open(mentor, TEN)


def test_worker_that_is_asked_to_stop_gives_up_what_it_reads(
    world: Time, mentor: Mentor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busy_reader, "CHILD", "import time; time.sleep(30)")
    busy.connect(mentor, URL)
    began = real_time.monotonic()
    with reading_calendars():
        _until(lambda: row(mentor).due_at > world.now)
    assert real_time.monotonic() - began < 20
    assert (row(mentor).failures, row(mentor).due_at) == (0, world.now + busy.LEASE)


def test_worker_outlives_what_goes_wrong(
    world: Time, mentor: Mentor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []

    def fails(**_: object) -> bool:
        said.append("asked")
        raise peewee.OperationalError("away")

    monkeypatch.setattr(busy_worker, "PAUSE", 0.01)
    monkeypatch.setattr(busy_worker, "fetch_due", fails)
    with reading_calendars():
        _until(lambda: len(said) > 1)
    assert set(caplog.messages) == {"reading calendars failed; trying again"}


def _until(is_done: Callable[[], bool]) -> None:
    end = real_time.monotonic() + 30
    while not is_done():
        assert real_time.monotonic() < end
        real_time.sleep(0.05)


def test_reader_is_the_real_one_but_for_these_tests() -> None:
    assert busy.read is read


def test_disconnect_after_the_clock_was_set_back(world: Time, reader: Reader, mentor: Mentor) -> None:
    busy.connect(mentor, "https://calendar.example.org/secret.ics")
    reader.taken = [(TEN, TEN + timedelta(hours=1))]
    assert busy.fetch_due()
    world.pass_(days=-2)
    busy.disconnect(mentor)
    assert busy.calendar_of(mentor) is None
