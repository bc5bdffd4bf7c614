"""Keeps the openings of a mentor true: derived from hours and claims in the transaction that changes
either, and again when time has moved past what is stored.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import peewee

from portal import clock
from portal.availability.mentor_time import Time, time_of
from portal.availability.models import NEVER, Availability, Claim, DaysOff, ExtraHours, Hold, Openings, WeeklyHours
from portal.availability.openings import (
    DAY,
    Hours,
    expand,
    from_bytes,
    instant_of,
    quarter_of,
    set_quarters,
    startable,
    to_bytes,
    upcoming,
)
from portal.database import column, db, lock, skip_locked, write
from portal.people.models import Person
from portal.prepared import Prepared, once_for_each_engine, slot

MARGIN = 3
"""Days expanded beyond the horizon, so that hours are expanded every third day at most."""


def hours_of(availability: Availability) -> Hours:
    """The rows of a mentor's hours as one value."""
    mentor = availability.mentor_id
    weekly = WeeklyHours.select().where(WeeklyHours.mentor == mentor).order_by(WeeklyHours.weekday, WeeklyHours.starts)
    off = DaysOff.select().where(DaysOff.mentor == mentor).order_by(DaysOff.first)
    extra = ExtraHours.select().where(ExtraHours.mentor == mentor).order_by(ExtraHours.date, ExtraHours.starts)
    return Hours(
        zone=clock.zone(availability.time_zone),
        weekly=tuple((row.weekday, row.starts, row.ends) for row in weekly),
        off=tuple((date.fromisoformat(row.first), date.fromisoformat(row.last)) for row in off),
        extra=tuple((date.fromisoformat(row.date), row.starts, row.ends) for row in extra),
        paused_until=date.fromisoformat(opens) if (opens := _opens_on(availability)) else None,
    )


def _opens_on(availability: Availability) -> str:
    """The first date (ISO 8601) that neither the mentor nor a coordinator keeps closed."""
    return max(str(availability.paused_until), str(availability.closed_until))


@write
def expand_hours(availability: Availability) -> None:
    """Expand the hours from now to beyond the horizon, then derive the openings."""
    instant = clock.now()
    availability.base = quarter_of(instant)
    bits = expand(hours_of(availability), availability.base, (availability.horizon + MARGIN) * DAY)
    availability.hours = to_bytes(bits)
    availability.expand_at = instant + timedelta(days=MARGIN - 1)
    availability.save(only=[Availability.base, Availability.hours, Availability.expand_at])
    derive(availability)


@write
def derive(availability: Availability) -> None:
    """Store what can be booked at each length, from the expanded hours and the claims as they are."""
    time = time_of(availability)
    lengths = sorted(int(length) for length in availability.lengths)
    rows = [_row(availability, time, length, is_shortest=length == lengths[0]) for length in lengths]
    Openings.delete().where(Openings.mentor == availability.mentor_id).execute()
    Openings.insert_many(rows).execute()


def _row(availability: Availability, time: Time, length: int, *, is_shortest: bool) -> dict[str, object]:
    starts = startable(time.hours, time.taken, length=length, gap=availability.gap)
    first, stale_at = _next(starts, time.base, availability.notice, availability.horizon)
    return {
        "mentor": availability.mentor_id,
        "length": length,
        "is_shortest": is_shortest,
        "notice": availability.notice,
        "horizon": availability.horizon,
        "base": time.base,
        "starts": to_bytes(starts),
        "next": first,
        "stale_at": stale_at,
        "load": time.load,
    }


def _next(starts: int, base: int, notice: int, horizon: int) -> tuple[datetime | int, datetime | int]:
    """The first opening after notice, and until when that is right."""
    instant = clock.now()
    open_now = upcoming(starts, base, now=instant, notice=notice, horizon=horizon)
    if not open_now:
        # Right until the first start beyond the horizon comes into it, or the hours are expanded again.
        after = max(quarter_of(instant + timedelta(days=horizon)) + 1, base)
        beyond = set_quarters(starts >> (after - base), after, 1)
        return NEVER, instant_of(beyond[0]) - timedelta(days=horizon) if beyond else NEVER
    first = instant_of(set_quarters(open_now, base, 1)[0])
    # A start at exactly now + notice can still be booked in that second.
    return first, first - timedelta(minutes=notice) + timedelta(seconds=notice and 1)


@write
def release_expired(person_ids: list[int]) -> None:
    """Give back the time of holds that have run out, as far as it is these people's."""
    stands = Claim.select(Claim.hold).where(Claim.person << person_ids, Claim.hold.is_null(False))
    expired = list(Hold.select().where(Hold.id << stands, Hold.expires_at <= clock.now()))
    if expired:
        release(expired)


@write
def release(holds: list[Hold]) -> None:
    """Give back the time of these holds."""
    ids = [hold.id for hold in holds]
    free(Claim.hold << ids)
    Hold.update(is_released=True).where(Hold.id << ids).execute()


@write
def free(claims: peewee.Expression) -> None:
    """Give these claims up, for everybody whose time they took."""
    people = column(Claim.select(Claim.person).where(claims).distinct())
    Claim.delete().where(claims).execute()
    derive_all(people)


@write
def derive_all(people: list[int]) -> None:
    """Derive the openings of those who are mentors: what they do as mentees takes their time as well."""
    for availability in Availability.select().where(Availability.mentor << people):
        derive(availability)


def freshen(most: int = 200) -> int:
    """Bring stored openings up to the clock: passed ones, expired holds, expanded hours.

    Costs three index look-ups where nothing is due. Returns how many mentors were brought up to date.
    """
    instant = clock.now()
    if not _something_due().rows(now=int(instant.timestamp()))[0][0]:
        return 0
    passed = pass_on(instant, most * 5)
    run_out = ~Hold.is_released & (Hold.expires_at <= instant)
    expired = Hold.select(Hold.mentor).where(run_out).limit(most)
    due = Availability.select(Availability.mentor).where(Availability.expand_at <= instant).limit(most)
    mentors = sorted({*column(expired), *column(due)})
    for mentor in mentors:
        bring_up_to_date(mentor, instant)
    return passed + len(mentors)


@once_for_each_engine
def _something_due() -> Prepared:
    stale = Openings.select(peewee.SQL("1")).where(Openings.stale_at <= slot("now"))
    expired = Hold.select(peewee.SQL("1")).where(~Hold.is_released & (Hold.expires_at <= slot("now")))
    due = Availability.select(peewee.SQL("1")).where(Availability.expand_at <= slot("now"))
    exists = peewee.fn.EXISTS
    return Prepared(peewee.Select(columns=[exists(stale) | exists(expired) | exists(due)]).bind(db))


@write
def pass_on(instant: datetime, most: int) -> int:
    """Where the stored next opening has passed, store the one after it. Cheap: no hours, no claims."""
    query = Openings.select().where(Openings.stale_at <= instant).limit(most)
    stale: list[Openings] = list(skip_locked(query))
    for row in stale:
        row.next, row.stale_at = _next(from_bytes(row.starts), row.base, row.notice, row.horizon)
    for batch in peewee.chunked(stale, 200):
        Openings.insert_many([row.__data__ for row in batch]).on_conflict(
            conflict_target=[Openings.mentor, Openings.length], preserve=[Openings.next, Openings.stale_at]
        ).execute()
    return len(stale)


@write
def bring_up_to_date(mentor_id: int, instant: datetime) -> None:
    """Give back expired holds of one mentor, and expand the hours if that is due."""
    lock(Person, [mentor_id])
    availability = Availability.get_or_none(Availability.mentor == mentor_id)
    if availability is None:
        return
    release_expired([mentor_id])
    if availability.expand_at <= instant:
        expand_hours(availability)
