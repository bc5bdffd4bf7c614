"""Setting hours: everything a mentor decides about their time, saved in one go or only previewed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from portal import clock
from portal.availability.derived import expand_hours, hours_of
from portal.availability.mentor_time import time_of
from portal.availability.models import Availability, BusyCalendar, Claim, DaysOff, ExtraHours, WeeklyHours
from portal.availability.openings import DAY, Hours, expand, instant_of, quarter_of, set_quarters, startable, upcoming
from portal.database import insert_many, lock, tuples, write
from portal.mentors.models import Mentor
from portal.people.models import Person


@dataclass(frozen=True)
class Plan:
    """A mentor's hours and limits. Times are minutes of the wall clock in `time_zone`."""

    time_zone: str
    weekly: tuple[tuple[int, int, int], ...] = ()
    off: tuple[tuple[date, date, str], ...] = ()
    extra: tuple[tuple[date, int, int], ...] = ()
    lengths: tuple[int, ...] = (15, 30)
    notice: int = 240
    gap: int = 0
    horizon: int = 14
    weekly_cap: int | None = None
    paused_until: date | None = None

    @property
    def hours(self) -> Hours:
        """The hours without the limits."""
        return Hours(
            zone=clock.zone(self.time_zone),
            weekly=self.weekly,
            off=tuple((first, last) for first, last, _ in self.off),
            extra=self.extra,
            paused_until=self.paused_until,
        )


@dataclass(frozen=True)
class Preview:
    """What mentees would see: quarters at which a session of the shortest length could start."""

    length: int
    starts: list[int] = field(default_factory=list)


def plan_of(mentor: Mentor) -> Plan | None:
    """The hours as they are saved; None before the first time."""
    availability = Availability.get_or_none(Availability.mentor == mentor)
    if availability is None:
        return None
    hours = hours_of(availability)
    off = DaysOff.select().where(DaysOff.mentor == mentor).order_by(DaysOff.first)
    return Plan(
        time_zone=availability.time_zone,
        weekly=hours.weekly,
        off=tuple((date.fromisoformat(row.first), date.fromisoformat(row.last), row.note) for row in off),
        extra=hours.extra,
        lengths=tuple(int(length) for length in availability.lengths),
        notice=availability.notice,
        gap=availability.gap,
        horizon=availability.horizon,
        weekly_cap=availability.weekly_cap,
        paused_until=_date(availability.paused_until),
    )


@write
def save(plan: Plan, *, mentor: Mentor) -> None:
    """Make these the mentor's hours. Sessions already booked stay as they are."""
    lock(Person, [mentor.person_id])
    for table in (WeeklyHours, DaysOff, ExtraHours):
        table.delete().where(table.mentor == mentor).execute()
    key = mentor.person_id
    insert_many(WeeklyHours, ("mentor", "weekday", "starts", "ends"), [(key, *row) for row in plan.weekly])
    off = [(key, first.isoformat(), last.isoformat(), note) for first, last, note in plan.off]
    insert_many(DaysOff, ("mentor", "first", "last", "note"), off)
    extra = [(key, day.isoformat(), starts, ends) for day, starts, ends in plan.extra]
    insert_many(ExtraHours, ("mentor", "date", "starts", "ends"), extra)
    # Their own calendar is read anew: further ahead, perhaps, or on another clock.
    BusyCalendar.update(due_at=clock.now(), etag="").where(BusyCalendar.mentor == mentor).execute()
    expand_hours(_limits(plan, mentor))


def booked_outside(plan: Plan, mentor: Mentor) -> list[datetime]:
    """When sessions begin that are booked with this mentor, and do not lie inside these hours."""
    base = quarter_of(clock.now())
    ahead = (Claim.person == mentor.person_id) & Claim.session.is_null(False) & (Claim.quarter >= base)
    taken = tuples(Claim.select(Claim.quarter, Claim.session, Claim.begins).where(ahead).order_by(Claim.quarter))
    willing = expand(plan.hours, base, taken[-1][0] - base + 1) if taken else 0
    outside = {session for quarter, session, _ in taken if not willing >> (quarter - base) & 1}
    return [instant_of(quarter) for quarter, session, is_given in taken if is_given and session in outside]


@write
def begin(mentor: Mentor) -> None:
    """Give a mentor who has set no hours yet an empty week: without an opening, and found all the same."""
    if plan_of(mentor) is None:
        save(Plan(mentor.person.time_zone), mentor=mentor)


def _limits(plan: Plan, mentor: Mentor) -> Availability:
    stored = Availability.get_or_none(Availability.mentor == mentor)
    availability = stored or Availability(mentor=mentor.person_id)
    availability.time_zone = plan.time_zone
    availability.lengths = plan.lengths
    availability.notice, availability.gap = plan.notice, plan.gap
    availability.horizon, availability.weekly_cap = plan.horizon, plan.weekly_cap
    availability.paused_until = plan.paused_until.isoformat() if plan.paused_until else ""
    availability.confirmed_at, availability.asked_at, availability.is_lapsed = clock.now(), None, False
    availability.save(force_insert=stored is None)
    return availability


def preview(plan: Plan, *, mentor: Mentor) -> Preview:
    """What mentees would see if this were saved now. Changes nothing."""
    instant = clock.now()
    availability = Availability.get_or_none(Availability.mentor == mentor) or Availability(mentor=mentor.person_id)
    availability.time_zone, availability.weekly_cap = plan.time_zone, plan.weekly_cap
    availability.base = quarter_of(instant)
    opens = max(filter(None, (plan.paused_until, closed_until(mentor))), default=None)
    hours = expand(replace(plan.hours, paused_until=opens), availability.base, plan.horizon * DAY + DAY)
    time = time_of(availability, hours)
    length = min(plan.lengths)
    starts = startable(time.hours, time.taken, length=length, gap=plan.gap)
    open_now = upcoming(starts, time.base, now=instant, notice=plan.notice, horizon=plan.horizon)
    return Preview(length, set_quarters(open_now, time.base))


@write
def close_until(mentor: Mentor, until: date | None) -> None:
    """A coordinator keeps these hours closed before this date, whatever the mentor sets; with None, they
    are open again. Sessions already booked stay as they are.
    """
    lock(Person, [mentor.person_id])
    begin(mentor)
    availability = Availability.get(Availability.mentor == mentor)
    availability.closed_until = until.isoformat() if until else ""
    availability.save(only=[Availability.closed_until])
    expand_hours(availability)


def closed_until(mentor: Mentor) -> date | None:
    """The date from which a coordinator lets these hours be open again; None where none is ahead."""
    availability = Availability.get_or_none(Availability.mentor == mentor)
    if availability is None or not availability.closed_until:
        return None
    until = date.fromisoformat(availability.closed_until)
    today = clock.now().astimezone(clock.zone(availability.time_zone)).date()
    return until if until > today else None


def _date(stored: str) -> date | None:
    return date.fromisoformat(stored) if stored else None


def merge(intervals: Iterable[tuple[int, int, int]]) -> tuple[tuple[int, int, int], ...]:
    """Weekly intervals in order, those that touch or overlap made one."""
    merged: list[tuple[int, int, int]] = []
    for weekday, starts, ends in sorted(intervals):
        if merged and merged[-1][0] == weekday and starts <= merged[-1][2]:
            merged[-1] = (weekday, merged[-1][1], max(ends, merged[-1][2]))
        else:
            merged.append((weekday, starts, ends))
    return tuple(merged)
