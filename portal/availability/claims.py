"""Claims: time taken, one row for each person and quarter, which no two sessions can share."""

from __future__ import annotations

from datetime import datetime

import peewee

from portal import clock
from portal.availability.derived import derive_all, free, release_expired
from portal.availability.mentor_time import claims_of, time_of
from portal.availability.models import Availability, Claim, Hold, Openings
from portal.availability.openings import MINUTES, bitmap, quarter_of, startable, upcoming
from portal.database import column, insert_many, write
from portal.errors import OpeningTaken
from portal.people.blocks import are_apart


@write
def claim(
    availability: Availability,
    start: datetime,
    length: int,
    *,
    mentee_id: int | None,
    hold: Hold | None = None,
    session: int | None = None,
    as_of: datetime | None = None,
) -> None:
    """Take `length` minutes from `start` for the mentor (and the gap after it) and for the mentee.

    Notice and horizon count from `as_of`, when the time was held; from now without a hold. Raises
    OpeningTaken where any of it is not open: by the hours, the limits, or because somebody was faster,
    which the primary key of the claims decides. A block between the two sounds the same.
    """
    people = [availability.mentor_id] if mentee_id is None else [availability.mentor_id, mentee_id]
    release_expired(people)
    # Both are looked up, whatever the first says: how long a refusal takes tells nobody of a block.
    open_now = is_open(availability, start, length, as_of=as_of or clock.now())
    apart = mentee_id is not None and are_apart(mentee_id, availability.mentor_id)
    if apart or start <= clock.now() or not open_now:
        raise OpeningTaken("This time is no longer free.")
    first = quarter_of(start)
    if mentee_id is not None and busy(mentee_id, first) & ((1 << length // MINUTES) - 1):
        raise OpeningTaken("You have another session at this time.")
    mentor = range(first, first + (length + availability.gap) // MINUTES)
    rows = [(availability.mentor_id, quarter, hold, session, quarter == first) for quarter in mentor]
    if mentee_id is not None:
        rows += [(mentee_id, first + step, hold, session, False) for step in range(length // MINUTES)]
    try:
        insert_many(Claim, ("person", "quarter", "hold", "session", "begins"), rows)
    except peewee.IntegrityError as error:
        raise OpeningTaken("This time is no longer free.") from error
    derive_all(people)


def is_open(availability: Availability, start: datetime, length: int, *, as_of: datetime) -> bool:
    """Whether the mentor's hours, limits and claims leave this time open, read afresh, to somebody who
    came at `as_of`.
    """
    first = quarter_of(start)
    if start.timestamp() % 900 or str(length) not in availability.lengths or first < availability.base:
        return False
    time = time_of(availability)
    starts = startable(time.hours, time.taken, length=length, gap=availability.gap)
    open_now = upcoming(starts, time.base, now=as_of, notice=availability.notice, horizon=availability.horizon)
    return bool(open_now >> (first - time.base) & 1)


@write
def release_session(session: int) -> None:
    """Give back all time of a session."""
    free(Claim.session == session)


@write
def hand_on(session: int, *, giver: int, taker: int, start: datetime, length: int) -> None:
    """Let the time that `giver` spends on a session be `taker`'s instead. Raises OpeningTaken where the
    taker has none.
    """
    release_expired([taker])
    first = quarter_of(start)
    if busy(taker, first) & ((1 << length // MINUTES) - 1):
        raise OpeningTaken("They have another session at this time.")
    Claim.update(person=taker).where((Claim.session == session) & (Claim.person == giver)).execute()
    derive_all([giver, taker])


def busy(person_id: int, base: int, *, without: int | None = None) -> int:
    """What is taken of a person's time, in any role, as a bitmap from `base` on. What the session `without`
    takes counts as free.
    """
    mine = claims_of(person_id, base, without=without)
    return bitmap(column(Claim.select(Claim.quarter).where(mine)), base)


def openings_of(mentor_id: int) -> list[Openings]:
    """What could be booked with a mentor, shortest length first."""
    return list(Openings.select().where(Openings.mentor == mentor_id).order_by(Openings.length))
