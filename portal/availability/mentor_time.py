"""A mentor's time as it stands: the hours that are open, and what is taken of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from portal import clock
from portal.availability.models import Availability, Claim
from portal.availability.openings import MINUTES, between, bitmap, from_bytes, quarter_of, week_of
from portal.database import tuples

LATELY = timedelta(days=28)


@dataclass(frozen=True)
class Time:
    """A mentor's time from `base` on: hours without the weeks whose cap is reached, what is taken,
    and how many sessions were given lately.
    """

    base: int
    hours: int
    taken: int
    load: int


def time_of(availability: Availability, hours: int | None = None, *, without: int | None = None) -> Time:
    """Read it. `hours` stands in for the stored ones, for a preview. What the session `without` takes counts
    as free.
    """
    base = availability.base
    lately = quarter_of(clock.now() - LATELY)
    of_mentor = claims_of(availability.mentor_id, lately, without=without)
    claims = tuples(Claim.select(Claim.quarter, Claim.begins).where(of_mentor))
    begun = [quarter for quarter, begins in claims if begins]
    open_hours = _open_hours(availability) if hours is None else hours
    for first, after in weeks_at_cap(availability, begun):
        open_hours &= ~between(first, after, base)
    taken = bitmap((quarter for quarter, _ in claims), base) | busy_of(availability)
    return Time(base, open_hours, taken, len(begun))


def _open_hours(availability: Availability) -> int:
    """None where nobody has said for too long that they are still good."""
    return 0 if availability.is_lapsed else from_bytes(availability.hours)


def is_within_hours(mentor_id: int, start: datetime, length: int) -> bool:
    """Whether the mentor is willing then and free by their own calendar, whatever is claimed."""
    availability = Availability.get_or_none(Availability.mentor == mentor_id)
    if availability is None:
        return False
    wanted = ((1 << length // MINUTES) - 1) << max(quarter_of(start) - availability.base, 0)
    return not wanted & ~(_open_hours(availability) & ~busy_of(availability))


def busy_of(availability: Availability) -> int:
    """What is taken in the mentor's own calendar, as a bitmap from `base` on."""
    shift = availability.base - availability.busy_base
    bits = from_bytes(availability.busy)
    return bits >> shift if shift >= 0 else bits << -shift


def claims_of(person_id: int, since: int, *, without: int | None = None) -> peewee.Expression:
    """What takes a person's time from the quarter `since` on, in any role, but for the session `without`."""
    theirs = (Claim.person == person_id) & (Claim.quarter >= since)
    # Only where it is asked for: without it, the index of the key answers alone.
    return theirs if without is None else theirs & (Claim.session.is_null() | (Claim.session != without))


def weeks_at_cap(availability: Availability, begun: list[int]) -> list[tuple[int, int]]:
    """The weeks in which the mentor has as many sessions as the weekly cap allows, of those in which these begin."""
    if availability.weekly_cap is None:
        return []
    zone = clock.zone(availability.time_zone)
    weeks = Counter(week_of(quarter, zone) for quarter in begun)
    return sorted(week for week, count in weeks.items() if count >= availability.weekly_cap)
