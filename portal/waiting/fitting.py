"""Which opening fits whom: for all who wait at once, in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from portal import clock
from portal.availability.days import AFTERNOON, EVENING, MORNING
from portal.availability.models import NEVER, Claim, Openings
from portal.availability.openings import (
    DAY,
    bitmap,
    blocked,
    from_bytes,
    instant_of,
    quarter_from,
    quarter_of,
    set_quarters,
    upcoming,
)
from portal.database import tuples
from portal.mentors.models import Mentor, MentorExpertise
from portal.people.models import Block
from portal.waiting.line import Waiter, in_line
from portal.waiting.models import Offer, Watch

LIFE = timedelta(hours=2)
"""So long an offer is held. An opening that begins sooner is offered to nobody: it could not be held so long."""
FARTHEST = 58 * DAY
"""Quarters from a midnight (UTC) on, in which openings can lie: the longest horizon, and a bit."""


class Fit(NamedTuple):
    """An opening for somebody who waits."""

    watch_id: int
    person_id: int
    mentor_id: int
    start: datetime
    length: int


class _Open(NamedTuple):
    """The starts of one mentor at one length, as a bitmap, and the sessions given lately."""

    starts: int
    length: int
    load: int


def first_fit(refused: Container[Fit] = ()) -> Fit | None:
    """The first in line for whom there is an opening, with the first one that there is. Not what they were offered
    before, and none that was `refused`. Reads only.
    """
    line = in_line()
    if not line:
        return None
    openings = _Openings()
    fits = (fit for waiter in line if (fit := openings.for_(waiter)) is not None)
    return next((fit for fit in fits if fit not in refused), None)


class _Openings:
    """What is open, and to whom: read once, in five statements. Bitmaps count from the current quarter on."""

    def __init__(self) -> None:
        self.now = clock.now()
        self.base = quarter_of(self.now)
        self.open = self._read_open()
        self.able: dict[int | None, list[int]] = defaultdict(list)
        for expertise, mentor in tuples(_able()):
            self.able[expertise].append(mentor)
        waits = Watch.select(Watch.person)
        claims = Claim.select(Claim.person, Claim.quarter).where((Claim.person << waits) & (Claim.quarter >= self.base))
        self.busy = self._bitmaps((row[:1], row[1]) for row in tuples(claims))
        before = Offer.select(Offer.person, Offer.mentor, Offer.start)
        before = before.where((Offer.person << waits) & (Offer.start > self.now))
        self.offered = self._bitmaps((row[:2], quarter_of(row[2])) for row in tuples(before))
        both = Block.select(Block.person, Block.blocked)
        pairs = tuples(both.where((Block.person << waits) | (Block.blocked << waits)))
        self.apart = {*pairs, *((other, one) for one, other in pairs)}

    def for_(self, waiter: Waiter) -> Fit | None:
        """The first opening for this one: the soonest, and of those at the same time, of who gave fewer lately."""
        mentors = [waiter.mentor_id] if waiter.mentor_id is not None else self.able[waiter.expertise_id]
        found = []
        for mentor in mentors:
            at = self.open.get((mentor, waiter.length))
            bits = self._for(waiter, mentor, at) if at is not None else 0
            if at is not None and bits:
                found.append((set_quarters(bits, self.base, 1)[0], at.load, mentor, at.length))
        if not found:
            return None
        quarter, _, mentor, length = min(found)
        return Fit(waiter.watch_id, waiter.person_id, mentor, instant_of(quarter), length)

    def _for(self, waiter: Waiter, mentor: int, at: _Open) -> int:
        if mentor == waiter.person_id or (waiter.person_id, mentor) in self.apart:
            return 0
        bits = at.starts & part_of_day(waiter.part, clock.zone(waiter.zone), self.base)
        busy = blocked(self.busy[(waiter.person_id,)], length=at.length)
        return bits & ~busy & ~self.offered[(waiter.person_id, mentor)]

    def _read_open(self) -> dict[tuple[int, int], _Open]:
        """By mentor and length; the shortest is also under 0, for any length."""
        awaited = (Openings.mentor << _mentors_awaited()) & (Openings.next < NEVER) & (Mentor.status == "published")
        columns = (Openings.base, Openings.starts, Openings.notice, Openings.horizon, Openings.load)
        rows = Openings.select(Openings.mentor, Openings.length, Openings.is_shortest, *columns)
        found = {}
        for mentor, length, is_shortest, *bits, load in tuples(rows.join(Mentor).where(awaited)):
            at = _Open(self._starts(*bits), length, load)
            found[mentor, length] = at
            if is_shortest:
                found[mentor, 0] = at
        return found

    def _starts(self, base: int, stored: bytes, notice: int, horizon: int) -> int:
        bits = upcoming(from_bytes(stored), base, now=self.now, notice=notice, horizon=horizon)
        shift = self.base - base
        bits = bits >> shift if shift >= 0 else bits << -shift
        return bits & -(1 << quarter_from(self.now + LIFE) - self.base)

    def _bitmaps(self, rows: Iterable[tuple[tuple[Any, ...], int]]) -> dict[tuple[Any, ...], int]:
        found: dict[tuple[Any, ...], int] = defaultdict(int)
        for key, quarter in rows:
            found[key] |= bitmap((quarter,), self.base)
        return found


def _able() -> Any:
    """Expertise that somebody waits for, and who has it."""
    awaited = Watch.select(Watch.expertise).where(Watch.expertise.is_null(False))
    able = MentorExpertise.select(MentorExpertise.expertise, MentorExpertise.mentor)
    return able.where(MentorExpertise.expertise << awaited)


def _mentors_awaited() -> Any:
    by_name = Watch.select(Watch.mentor).where(Watch.mentor.is_null(False))
    return by_name.union(_able().select(MentorExpertise.mentor))


def part_of_day(part: str, zone: ZoneInfo, base: int) -> int:
    """The quarters from `base` on in this part of the day, or on a weekend, on the wall clock of `zone`."""
    midnight = base - base % DAY
    return _parts(part, zone, midnight) >> base - midnight


@lru_cache(maxsize=256)
def _parts(part: str, zone: ZoneInfo, base: int) -> int:
    """Once a day for all who wait for the same part in a zone."""
    if not part:
        return (1 << FARTHEST) - 1
    quarters = range(base, base + FARTHEST)
    return bitmap((quarter for quarter in quarters if _is_in(part, instant_of(quarter).astimezone(zone))), base)


HOURS = {
    "mornings": range(MORNING, AFTERNOON),
    "afternoons": range(AFTERNOON, EVENING),
    "evenings": range(EVENING, 24),
}
"""As the times on a mentor's page are parted."""


def _is_in(part: str, local: datetime) -> bool:
    return local.weekday() >= 5 if part == "weekend" else local.hour in HOURS[part]
