"""A rating, and the sums that a mentor's page shows."""

from __future__ import annotations

from datetime import timedelta

import peewee

from portal.database import Reference, Table, UTCDateTime
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.models import Session

REACHED = {"yes": "Yes", "partly": "Partly", "no": "No"}
WINDOW = timedelta(days=14)
"""So long after the end both are asked: the mentee for a rating, and each whether they want to meet again."""
PUBLIC_FROM = 3
"""Ratings a mentor must have before the average is shown: fewer would tell who gave it."""


class Rating(Table):
    """What the mentee says of a session, once. `line` is for others, after a coordinator saw it."""

    session_id: int

    session = Reference(Session, primary_key=True, on_delete="CASCADE")
    reached = peewee.TextField()
    stars = peewee.IntegerField()
    next_step = peewee.TextField(default="")
    line = peewee.TextField(default="")
    line_status = peewee.TextField(default="none", index=True)
    thank_you = peewee.TextField(default="")
    created_at = UTCDateTime()

    class Meta:
        constraints = [
            peewee.Check("stars between 1 and 5"),
            peewee.Check("reached in ('yes', 'partly', 'no')"),
            peewee.Check("line_status in ('none', 'waiting', 'shown', 'refused')"),
        ]


class Standing(Table):
    """A mentor's ratings, summed up: kept in the transaction of each rating."""

    mentor_id: int

    mentor = Reference(Mentor, primary_key=True, on_delete="CASCADE")
    ratings = peewee.IntegerField(default=0)
    stars = peewee.IntegerField(default=0)
    reached = peewee.IntegerField(default=0)

    @property
    def average(self) -> float | None:
        """The public average; None below three ratings."""
        return average(self.ratings, self.stars)


def average(ratings: int | None, stars: int | None) -> float | None:
    """Stars a rating, to one decimal; None below three ratings."""
    if not ratings or ratings < PUBLIC_FROM or stars is None:
        return None
    return round(stars / ratings, 1)


class FollowUp(Table):
    """What became of the next step: done, and two weeks later, whether it helped."""

    session_id: int

    session = Reference(Session, primary_key=True, on_delete="CASCADE")
    done_at = UTCDateTime(null=True)
    asked_at = UTCDateTime(null=True)
    """When the mail went out that asks whether it helped."""
    helped = peewee.TextField(null=True)
    helped_at = UTCDateTime(null=True)

    class Meta:
        constraints = [peewee.Check("helped in ('yes', 'partly', 'no')")]


class Wish(Table):
    """Whether one side wants to meet again. Only a double yes is ever read aloud."""

    session_id: int
    person_id: int

    session = Reference(Session, on_delete="CASCADE", index=False)
    person = Reference(Person, on_delete="CASCADE")
    again = peewee.BooleanField()
    at = UTCDateTime()

    class Meta:
        primary_key = peewee.CompositeKey("session", "person")


class Certificate(Table):
    """What a mentor had given when it was made. `code` is on the sheet, for others to verify."""

    mentor_id: int

    code = peewee.TextField(primary_key=True)
    mentor = Reference(Mentor, on_delete="CASCADE")
    name = peewee.TextField()
    sessions = peewee.IntegerField()
    minutes = peewee.IntegerField()
    reached = peewee.IntegerField()
    since = UTCDateTime()
    issued_at = UTCDateTime()
