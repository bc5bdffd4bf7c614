"""Hours, limits, claims, and the derived openings."""

from __future__ import annotations

from datetime import datetime

import peewee

from portal.database import Reference, Table, UTCDateTime, Words
from portal.mentors.models import Mentor
from portal.people.models import Person

LENGTHS = (15, 30, 60)
"""Minutes a session can take."""


class Availability(Table):
    """A mentor's limits, and their hours expanded to quarters.

    `hours` has one bit for each quarter from `base` on: set where the mentor is willing. It is
    derived from the rows below and expanded again at `expand_at`, when the horizon has moved on.
    """

    mentor_id: int

    mentor = Reference(Mentor, primary_key=True, on_delete="CASCADE")
    time_zone = peewee.TextField()
    lengths = Words(default=(15, 30))
    notice = peewee.IntegerField(default=240)
    gap = peewee.IntegerField(default=0)
    horizon = peewee.IntegerField(default=14)
    weekly_cap = peewee.IntegerField(null=True)
    paused_until = peewee.TextField(default="")
    closed_until = peewee.TextField(default="")
    """A coordinator keeps these hours closed before this date (ISO 8601), whatever the mentor sets."""
    base = peewee.BigIntegerField(default=0)
    hours = peewee.BlobField(default=b"")
    confirmed_at = UTCDateTime(default=0, index=True)
    """When the mentor last set them or said that they are still good."""
    asked_at = UTCDateTime(null=True)
    """When they were asked whether they are, and have not answered since."""
    is_lapsed = peewee.BooleanField(default=False)
    """Nobody said so for too long: no openings until somebody does."""
    busy_base = peewee.BigIntegerField(default=0)
    busy = peewee.BlobField(default=b"")
    """What is taken in the mentor's own calendar: one bit for each quarter from `busy_base` on."""
    expand_at = UTCDateTime(default=0, index=True)

    class Meta:
        constraints = [
            peewee.Check("notice between 0 and 10080"),
            peewee.Check("gap in (0, 15, 30, 45, 60)"),
            peewee.Check("horizon between 1 and 56"),
            peewee.Check("weekly_cap is null or weekly_cap between 1 and 50"),
        ]


class WeeklyHours(Table):
    """Every week on this day (Monday is 0), from `starts` to `ends` minutes of the wall clock."""

    id = peewee.AutoField()
    mentor_id: int

    mentor = Reference(Mentor, on_delete="CASCADE")
    weekday = peewee.IntegerField()
    starts = peewee.IntegerField()
    ends = peewee.IntegerField()

    class Meta:
        constraints = [
            peewee.Check("weekday between 0 and 6"),
            peewee.Check("starts >= 0 and ends <= 1440 and starts < ends"),
            peewee.Check("starts / 15 * 15 = starts and ends / 15 * 15 = ends"),
        ]


class DaysOff(Table):
    """Away from the first to the last of these dates (ISO 8601), in the mentor's zone."""

    id = peewee.AutoField()
    mentor_id: int

    mentor = Reference(Mentor, on_delete="CASCADE")
    first = peewee.TextField()
    last = peewee.TextField()
    note = peewee.TextField(default="")


class ExtraHours(Table):
    """Willing on this date as well, from `starts` to `ends` minutes of the wall clock."""

    id = peewee.AutoField()
    mentor_id: int

    mentor = Reference(Mentor, on_delete="CASCADE")
    date = peewee.TextField()
    starts = peewee.IntegerField()
    ends = peewee.IntegerField()

    class Meta:
        constraints = [
            peewee.Check("starts >= 0 and ends <= 1440 and starts < ends"),
            peewee.Check("starts / 15 * 15 = starts and ends / 15 * 15 = ends"),
        ]


class Hold(Table):
    """An opening reserved for one browser for 10 minutes, or for 2 hours for the first in line of those who wait.
    `draft` (JSON) keeps what was typed.
    """

    id = peewee.AutoField()
    mentor_id: int
    person_id: int | None

    ref = peewee.TextField(unique=True)
    holder = peewee.TextField(index=True)
    person = Reference(Person, null=True, on_delete="CASCADE")
    """Who holds it, where it is known."""
    mentor = Reference(Mentor, on_delete="CASCADE")
    start = UTCDateTime()
    length = peewee.IntegerField()
    draft = peewee.TextField(default="{}")
    held_at = UTCDateTime(default=0)
    expires_at = UTCDateTime()
    is_released = peewee.BooleanField(default=False)
    """Its time has been given back: it ran out, was given up, or became a session."""

    class Meta:
        indexes = ((("is_released", "expires_at"), False),)

    def stands(self, now: datetime) -> bool:
        """Whether the time is still held."""
        return not self.is_released and bool(now < self.expires_at)


class BusyCalendar(Table):
    """The feed of a mentor's own calendar, whose busy times leave the openings."""

    mentor_id: int

    mentor = Reference(Mentor, primary_key=True, on_delete="CASCADE")
    url = peewee.TextField()
    etag = peewee.TextField(default="")
    due_at = UTCDateTime(index=True)
    """When it is fetched next."""
    fetched_at = UTCDateTime(null=True)
    good_at = UTCDateTime(null=True)
    """When it was last read without a problem."""
    failures = peewee.IntegerField(default=0)
    """In a row."""
    problem = peewee.TextField(default="")
    """Why it could not be read the last time, in a sentence to the mentor."""


class Claim(Table):
    """One quarter of one person's time, taken. The primary key is what makes double booking
    impossible: a second row for the same quarter is refused by the database.
    """

    person_id: int
    hold_id: int | None

    person = Reference(Person, on_delete="CASCADE")
    quarter = peewee.BigIntegerField()
    hold = Reference(Hold, null=True, on_delete="CASCADE", index=True)
    session = peewee.IntegerField(null=True, index=True)
    begins = peewee.BooleanField(default=False)
    """The first quarter of a session that this person gives as mentor, or of a hold that may become
    one: what the weekly cap counts."""

    class Meta:
        primary_key = peewee.CompositeKey("person", "quarter")


class Openings(Table):
    """What could be booked with a mentor at one length, derived from hours, limits and claims.

    `starts` has one bit for each quarter from `base` on, set where a session could start; notice and
    horizon are left to the reader of the clock. `next` is the first start after notice (NEVER if
    there is none), right until `stale_at`.
    """

    mentor_id: int

    mentor = Reference(Mentor, on_delete="CASCADE")
    length = peewee.IntegerField()
    is_shortest = peewee.BooleanField()
    notice = peewee.IntegerField()
    horizon = peewee.IntegerField()
    base = peewee.BigIntegerField()
    starts = peewee.BlobField()
    next = UTCDateTime()
    stale_at = UTCDateTime(index=True)
    load = peewee.IntegerField(default=0)
    """Sessions given in the last four weeks: among equals, those with fewer come first."""

    class Meta:
        primary_key = peewee.CompositeKey("mentor", "length")
        indexes = ((("length", "next", "load", "mentor"), False), (("is_shortest", "next", "load", "mentor"), False))


NEVER = 253_370_764_800
"""9999-01-01 in epoch seconds: sorts after every opening."""
