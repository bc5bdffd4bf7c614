"""From hours to openings, as arithmetic on bitmaps. Pure: no database, no clock.

A quarter is 15 minutes of UTC, counted from the epoch. A bitmap is an int: bit i stands for the
quarter `base + i`. All zone offsets in use are multiples of a quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.when import monday_of

MINUTES = 15
SECONDS = 900
DAY = 96
"""Quarters in 24 hours."""


@dataclass(frozen=True)
class Hours:
    """When a mentor is willing, on the wall clock of `zone`. Minutes of the day; 1440 is its end."""

    zone: ZoneInfo
    weekly: tuple[tuple[int, int, int], ...] = ()
    """(weekday, starts, ends); Monday is 0."""
    off: tuple[tuple[date, date], ...] = ()
    """First and last day away."""
    extra: tuple[tuple[date, int, int], ...] = ()
    """Hours on one date, also on a day off."""
    paused_until: date | None = None
    """Nothing before this date."""

    def on(self, day: date) -> list[tuple[int, int]]:
        """The intervals of one date."""
        if self.paused_until is not None and day < self.paused_until:
            return []
        extra = [(starts, ends) for when, starts, ends in self.extra if when == day]
        if any(first <= day <= last for first, last in self.off):
            return extra
        return extra + [(starts, ends) for weekday, starts, ends in self.weekly if weekday == day.weekday()]


def quarter_of(instant: datetime) -> int:
    """The quarter that holds this instant."""
    return int(instant.timestamp()) // SECONDS


def quarter_from(instant: datetime) -> int:
    """The first quarter that starts at this instant or later."""
    return -(-int(instant.timestamp()) // SECONDS)


def instant_of(quarter: int) -> datetime:
    """When a quarter starts."""
    return datetime.fromtimestamp(quarter * SECONDS, UTC)


def expand(hours: Hours, base: int, count: int) -> int:
    """The quarters `base` to `base + count` at which the mentor is willing.

    Follows the wall clock: an hour that the clock skips is not there, an hour that it repeats counts
    once, the first time.
    """
    bits = 0
    for day in _dates(hours.zone, base, count):
        for starts, ends in hours.on(day):
            bits |= _interval(hours.zone, day, starts, ends, base)
    return bits & ((1 << count) - 1)


def _dates(zone: ZoneInfo, base: int, count: int) -> Iterator[date]:
    day = instant_of(base).astimezone(zone).date()
    last = instant_of(base + count).astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _interval(zone: ZoneInfo, day: date, starts: int, ends: int, base: int) -> int:
    midnight = _midnight(day)
    first, last = (midnight + timedelta(minutes=starts), midnight + timedelta(minutes=ends))
    # Usual: one offset all through, and neither end in an hour that is skipped or repeated.
    if len({*_offsets(first, zone), *_offsets(last, zone)}) == 1:
        return _run(_quarter(first, zone) - base, (ends - starts) // MINUTES)
    bits = 0
    for minute in range(starts, ends, MINUTES):
        wall = midnight + timedelta(minutes=minute)
        quarter = _quarter(wall, zone)
        if instant_of(quarter).astimezone(zone).replace(tzinfo=None) == wall:
            bits |= _run(quarter - base, 1)
    return bits


def _midnight(day: date) -> datetime:
    """As a wall clock shows it: without a zone, and whether or not it exists."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _offsets(wall: datetime, zone: ZoneInfo) -> tuple[timedelta | None, timedelta | None]:
    return wall.replace(tzinfo=zone).utcoffset(), wall.replace(tzinfo=zone, fold=1).utcoffset()


def _quarter(wall: datetime, zone: ZoneInfo) -> int:
    return quarter_of(wall.replace(tzinfo=zone).astimezone(UTC))


def _run(first: int, count: int) -> int:
    run = (1 << count) - 1
    return run << first if first >= 0 else run >> -first


def bitmap(quarters: Iterable[int], base: int) -> int:
    """The bitmap of these quarters; those before `base` are left out."""
    bits = 0
    for quarter in quarters:
        if quarter >= base:
            bits |= 1 << (quarter - base)
    return bits


def startable(hours: int, taken: int, *, length: int, gap: int) -> int:
    """Where a session of `length` minutes could start: it lies inside the hours, nothing of it is
    taken, and nothing is taken in the `gap` minutes after it.
    """
    free = hours & ~taken
    starts = free
    for step in range(1, length // MINUTES):
        starts &= free >> step
    for step in range(length // MINUTES, (length + gap) // MINUTES):
        starts &= ~(taken >> step)
    return starts


def blocked(busy: int, *, length: int) -> int:
    """Where a session of `length` minutes would overlap what is busy."""
    bits = 0
    for step in range(length // MINUTES):
        bits |= busy >> step
    return bits


def week_of(quarter: int, zone: ZoneInfo) -> tuple[int, int]:
    """The week of this quarter in `zone`, Monday to Monday, as its first quarter and the one after."""
    monday = monday_of(instant_of(quarter).astimezone(zone).date())
    first, after = (_midnight(d) for d in (monday, monday + timedelta(days=7)))
    return _quarter(first, zone), _quarter(after, zone)


def between(first: int, after: int, base: int) -> int:
    """The bitmap of the quarters from `first` up to, not including, `after`."""
    low, high = max(first - base, 0), max(after - base, 0)
    return (1 << high) - (1 << low) if high > low else 0


def set_quarters(bits: int, base: int, most: int | None = None) -> list[int]:
    """The quarters of a bitmap in order, `most` of them at the most."""
    quarters: list[int] = []
    while bits and (most is None or len(quarters) < most):
        lowest = bits & -bits
        quarters.append(base + lowest.bit_length() - 1)
        bits ^= lowest
    return quarters


def to_bytes(bits: int) -> bytes:
    """How a bitmap is stored."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def from_bytes(stored: bytes | memoryview) -> int:
    """A stored bitmap."""
    return int.from_bytes(bytes(stored), "little")


def upcoming(starts: int, base: int, *, now: datetime, notice: int, horizon: int) -> int:
    """The starts that are open to a mentee at `now`: after `notice` minutes, within `horizon` days."""
    first = quarter_from(now + timedelta(minutes=notice))
    # A session starts in the future even without notice.
    first = max(first, quarter_of(now) + 1)
    return starts & between(first, quarter_of(now + timedelta(days=horizon)) + 1, base)


def nearest(starts: int, base: int, wanted: int, most: int) -> list[int]:
    """The `most` starts closest to the `wanted` quarter, in order of time."""
    closest = sorted(set_quarters(starts, base), key=lambda quarter: (abs(quarter - wanted), quarter))
    return sorted(closest[:most])
