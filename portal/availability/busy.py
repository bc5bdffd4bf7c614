"""A mentor's own calendar: connected by its address, read by the worker; what is busy there leaves the openings."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from threading import Event

from portal import clock
from portal.availability import hours
from portal.availability.busy_fetch import RULES, Rules
from portal.availability.busy_file import Unreadable
from portal.availability.busy_reader import Order, Reading, read
from portal.availability.derived import MARGIN, derive
from portal.availability.mentor_time import busy_of
from portal.availability.models import Availability, BusyCalendar
from portal.availability.openings import DAY, MINUTES, between, from_bytes, quarter_of, to_bytes
from portal.database import lock, write
from portal.mentors.models import Mentor
from portal.people.models import Person

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
AGAIN = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
"""After the first failure in a row, the second, and so on."""
KEPT = timedelta(hours=24)
"""So long do busy times count that could not be read again."""
AHEAD = 14 * DAY
"""Quarters: so far ahead a mentor is told how much is busy."""
LEASE = timedelta(minutes=5)
"""So long is a calendar with the worker that took it. Longer than reading one may take."""
OUR_FAULT = "It could not be read, for a reason on our side. It is tried again."
LEFT_OUT = "{} in it cannot be read, and {} no time from your openings. Save {} anew in your calendar."


@write
def connect(mentor: Mentor, url: str) -> None:
    """Let this calendar be read, at once and from then on. One that was connected before counts no more."""
    hours.begin(mentor)
    lock(Person, [mentor.person_id])
    before = calendar_of(mentor)
    if before is None or before.url != url:
        disconnect(mentor)
        BusyCalendar.create(mentor=mentor.person_id, url=url, due_at=clock.now())
    else:
        BusyCalendar.update(due_at=clock.now()).where(BusyCalendar.mentor == mentor).execute()


@write
def disconnect(mentor: Mentor) -> None:
    """Forget the calendar and what was busy in it."""
    lock(Person, [mentor.person_id])
    BusyCalendar.delete().where(BusyCalendar.mentor == mentor).execute()
    availability = Availability.get_or_none(Availability.mentor == mentor)
    if availability is not None:
        _take(availability, 0, 0)


def calendar_of(mentor: Mentor) -> BusyCalendar | None:
    """The calendar that a mentor has connected."""
    found: BusyCalendar | None = BusyCalendar.get_or_none(BusyCalendar.mentor == mentor)
    return found


def busy_minutes(mentor: Mentor) -> int:
    """How much of the next two weeks is busy in it."""
    availability = Availability.get_or_none(Availability.mentor == mentor)
    if availability is None:
        return 0
    first = quarter_of(clock.now())
    ahead = from_bytes(availability.busy) & between(first, first + AHEAD, availability.busy_base)
    return ahead.bit_count() * MINUTES


def counts_until(calendar: BusyCalendar) -> datetime | None:
    """How long what was read last counts, if nothing better comes; None where nothing was read yet."""
    return calendar.good_at + KEPT if calendar.good_at else None


def fetch_due(*, rules: Rules = RULES, stop: Event | None = None) -> bool:
    """Read the calendar that has been due for longest. The network is asked outside of any transaction.
    Whether there was one. Raises Stopped soon after `stop` is set.
    """
    calendar = _lease()
    if calendar is None:
        return False
    availability = Availability.get(Availability.mentor == calendar.mentor_id)
    order = _order(calendar, availability)
    try:
        reading = read(order, rules=rules, stop=stop)
    except Unreadable as problem:
        _fail(calendar, str(problem))
    except OSError:
        log.exception("a calendar could not be read")
        _fail(calendar, OUR_FAULT)
    else:
        _keep(calendar, order, reading)
    return True


def _order(calendar: BusyCalendar, availability: Availability) -> Order:
    base = quarter_of(clock.now())
    # What was read more than a day ago ends too early to be kept, even where nothing has changed in the calendar.
    is_fresh = availability.busy_base > base - DAY
    count = (availability.horizon + MARGIN) * DAY
    return Order(calendar.url, calendar.etag if is_fresh else "", availability.time_zone, base, count)


def _lease() -> BusyCalendar | None:
    """A due calendar that no other worker has: its time is moved on while it is read."""
    instant = clock.now()
    due = BusyCalendar.select().where(BusyCalendar.due_at <= instant).order_by(BusyCalendar.due_at)
    calendar: BusyCalendar | None = due.first()
    if calendar is None or not _move(calendar, instant + LEASE):
        return None
    calendar.due_at = instant + LEASE
    return calendar


@write
def _move(calendar: BusyCalendar, until: datetime) -> bool:
    return bool(BusyCalendar.update(due_at=until).where(_is_same(calendar)).execute())


def _is_same(calendar: BusyCalendar) -> object:
    """Nobody has changed it, or taken it, since it was looked at."""
    same = (BusyCalendar.mentor == calendar.mentor_id) & (BusyCalendar.url == calendar.url)
    return same & (BusyCalendar.due_at == calendar.due_at)


@write
def _keep(calendar: BusyCalendar, order: Order, reading: Reading) -> None:
    lock(Person, [calendar.mentor_id])
    instant = clock.now()
    read_now = {"fetched_at": instant, "good_at": instant, "failures": 0, "due_at": instant + EVERY}
    if reading.bits is not None:
        read_now |= {"etag": reading.etag, "problem": _left_out(reading.left_out)}
    if BusyCalendar.update(read_now).where(_is_same(calendar)).execute() and reading.bits is not None:
        _take(Availability.get(Availability.mentor == calendar.mentor_id), reading.bits, order.base)


def _left_out(count: int) -> str:
    if not count:
        return ""
    return LEFT_OUT.format(*(("One event", "takes", "it") if count == 1 else (f"{count} events", "take", "them")))


@write
def _fail(calendar: BusyCalendar, problem: str) -> None:
    lock(Person, [calendar.mentor_id])
    instant = clock.now()
    failures = calendar.failures + 1
    again = instant + AGAIN[min(failures, len(AGAIN)) - 1]
    until = counts_until(calendar)
    if until is not None and until > instant:
        again = min(again, until)  # a last try before its busy times go
    # Without the etag: once it can be read again, it is read in full, and the problem is over.
    failed = {"etag": "", "fetched_at": instant, "failures": failures, "problem": problem, "due_at": again}
    is_same = BusyCalendar.update(failed).where(_is_same(calendar)).execute()
    if is_same and until is not None and until <= instant:
        _take(Availability.get(Availability.mentor == calendar.mentor_id), 0, 0)


def _take(availability: Availability, bits: int, base: int) -> None:
    """Let these times be busy. Openings are derived anew only where something changed."""
    passed = max(quarter_of(clock.now()) - availability.base, 0)  # a clock may have been set back
    before = busy_of(availability)
    availability.busy, availability.busy_base = to_bytes(bits), base
    availability.save(only=[Availability.busy, Availability.busy_base])
    if busy_of(availability) >> passed != before >> passed:
        derive(availability)
