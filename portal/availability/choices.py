"""Openings as somebody who looks at a page may choose them."""

from __future__ import annotations

from datetime import datetime

from portal.availability.claims import busy
from portal.availability.mentor_time import time_of
from portal.availability.models import Availability, Openings
from portal.availability.openings import (
    blocked,
    from_bytes,
    instant_of,
    nearest,
    quarter_of,
    set_quarters,
    startable,
    upcoming,
)
from portal.clock import now
from portal.mentors.models import Mentor
from portal.people.blocks import are_apart


def bits_for(row: Openings, *, mentee_id: int | None) -> int:
    """The starts of this row that are open now, and at which the mentee has time; none across a block."""
    bits = upcoming(from_bytes(row.starts), row.base, now=now(), notice=row.notice, horizon=row.horizon)
    if mentee_id is not None:
        bits &= ~blocked(busy(mentee_id, row.base), length=row.length)
        if are_apart(mentee_id, row.mentor_id):  # looked up last: that takes as long as finding nothing open
            return 0
    return bits


def choices(row: Openings, *, mentee_id: int | None) -> list[datetime]:
    """All of them, in order."""
    bits = bits_for(row, mentee_id=mentee_id)
    return [instant_of(quarter) for quarter in set_quarters(bits, row.base)]


def nearest_to(mentor_id: int, start: datetime, length: int, *, mentee_id: int | None, most: int = 3) -> list[datetime]:
    """What to offer instead of an opening that is gone: the closest ones of the same mentor."""
    row = Openings.get_or_none((Openings.mentor == mentor_id) & (Openings.length == length))
    if row is None:
        return []
    bits = bits_for(row, mentee_id=mentee_id)
    return [instant_of(quarter) for quarter in nearest(bits, row.base, quarter_of(start), most)]


def next_openings(mentor_id: int, length: int, *, mentee_id: int, most: int | None = 6) -> list[datetime]:
    """The next openings of a mentor at a length, for this mentee; none where the mentor takes no bookings."""
    row = Openings.get_or_none((Openings.mentor == mentor_id) & (Openings.length == length))
    if row is None or not _takes_bookings(mentor_id):
        return []
    return [instant_of(quarter) for quarter in set_quarters(bits_for(row, mentee_id=mentee_id), row.base, most)]


def moves_to(session: int, start: datetime, length: int, *, mentor_id: int, mentee_id: int) -> list[datetime]:
    """Where a session that starts at `start` could start instead, in order: the time that it takes itself
    counts as free, so it can move by less than its length, and within a week whose cap it fills.
    """
    availability = Availability.get_or_none(Availability.mentor == mentor_id)
    if availability is None or not _takes_bookings(mentor_id):
        return []
    if str(length) not in availability.lengths:
        return []
    time = time_of(availability, without=session)
    starts = startable(time.hours, time.taken, length=length, gap=availability.gap)
    starts &= ~blocked(busy(mentee_id, time.base, without=session), length=length)
    bits = upcoming(starts, time.base, now=now(), notice=availability.notice, horizon=availability.horizon)
    if are_apart(mentee_id, mentor_id):  # looked up last, as above
        return []
    return [instant_of(quarter) for quarter in set_quarters(bits, time.base) if instant_of(quarter) != start]


def _takes_bookings(mentor_id: int) -> bool:
    published = Mentor.select().where((Mentor.person == mentor_id) & (Mentor.status == "published"))
    return bool(published.exists())
