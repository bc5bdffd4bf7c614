"""The oracle: what can be booked with a mentor, found the slow way.

It walks UTC minute by minute and asks zoneinfo for the wall time of each. It shares no code with
portal/availability, and knows neither quarters as numbers nor bitmaps nor intervals of UTC: only
the rules, as a person would check them for one instant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from portal.availability.hours import Plan

QUARTER = timedelta(minutes=15)


def willing(plan: Plan, first: datetime, last: datetime) -> set[int]:
    """The minutes (since the epoch) from `first` up to `last` at which the mentor is willing."""
    zone, intervals = ZoneInfo(plan.time_zone), dict[date, list[tuple[int, int]]]()
    found = set()
    for minute in range(_minute(first), _minute(last)):
        wall = datetime.fromtimestamp(minute * 60, zone)
        day = wall.date()
        if day not in intervals:
            intervals[day] = _on(plan, day)
        # fold says that the clock shows this time for the second time.
        if not wall.fold and any(s <= wall.hour * 60 + wall.minute < e for s, e in intervals[day]):
            found.add(minute)
    return found


def _on(plan: Plan, day: date) -> list[tuple[int, int]]:
    if plan.paused_until and day < plan.paused_until:
        return []
    weekly = [(starts, ends) for weekday, starts, ends in plan.weekly if weekday == day.weekday()]
    away = any(first <= day <= last for first, last, _ in plan.off)
    return [(starts, ends) for when, starts, ends in plan.extra if when == day] + ([] if away else weekly)


def starts(
    plan: Plan, length: int, *, now: datetime, taken: Collection[datetime] = (), begun: Collection[datetime] = ()
) -> list[datetime]:
    """When a session of `length` minutes could start for a mentee who looks at `now`.

    `taken` holds the starts of the quarters that are not free, `begun` the starts of the sessions
    that the mentor gives. A week with as many of these as the cap allows is closed: no session
    begins in it, and none reaches into it.
    """
    zone = ZoneInfo(plan.time_zone)
    latest = now + timedelta(days=plan.horizon)
    free = willing(plan, now - QUARTER, latest + timedelta(minutes=length))
    busy = {_minute(quarter) + more for quarter in taken for more in range(15)}
    given = Counter(_week(start, zone) for start in begun)
    full = {week for week, count in given.items() if plan.weekly_cap is not None and count >= plan.weekly_cap}
    found = []
    start = now - timedelta(minutes=now.minute % 15, seconds=now.second)
    while (start := start + QUARTER) <= latest:
        begins = _minute(start)
        ends = begins + length
        if (
            start > now
            and start >= now + timedelta(minutes=plan.notice)
            and all(minute in free and minute not in busy for minute in range(begins, ends))
            and not any(minute in busy for minute in range(ends, ends + plan.gap))
            and not {_week(start, zone), _week(start + timedelta(minutes=length - 1), zone)} & full
        ):
            found.append(start)
    return found


def _week(instant: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """ISO 8601 weeks run from Monday to Monday."""
    return instant.astimezone(zone).isocalendar()[:2]


def _minute(instant: datetime) -> int:
    return int(instant.timestamp()) // 60


def transitions(zone: ZoneInfo, first: datetime, last: datetime) -> list[tuple[datetime, timedelta]]:
    """When the clock there is changed, and by how much: found by looking at it once a day."""
    found = []
    before, offset = first, _offset(first, zone)
    while before < last:
        after = before + timedelta(days=1)
        later = _offset(after, zone)
        if later != offset:
            found.append((_first_minute(before, after, zone), later - offset))
        before, offset = after, later
    return found


def _first_minute(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """When the offset of `after` begins."""
    return next(
        instant
        for more in range(24 * 60 + 1)
        if _offset(instant := before + timedelta(minutes=more), zone) == _offset(after, zone)
    )


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
