"""What a mentor has given, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, Case, fn

from portal.clock import now
from portal.database import rows
from portal.feedback.models import PUBLIC_FROM, FollowUp, Rating
from portal.people.models import Person
from portal.sessions.attendance import was_missed
from portal.sessions.models import Session, end_of_session

THANKS_SHOWN = 100


@dataclass(frozen=True)
class Impact:
    """Counts of all sessions that a mentor has given. What mentees answered is None while it would tell who
    answered: below three ratings, and below three who say that it helped.
    """

    sessions: int
    minutes: int
    mentees: int
    rated: int
    reached: int | None
    helped: int | None
    since: datetime | None
    """When the first of them was."""

    @property
    def hours(self) -> str:
        """ "7.5" """
        return hours(self.minutes)


def hours(minutes: int) -> str:
    """Minutes as hours, to a quarter: 450 is "7.5", 60 is "1"."""
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")


def impact_of(mentor_id: int) -> Impact:
    """Counted anew each time, in one statement."""
    helped = FollowUp.helped == "yes"
    query = (
        Session.select(
            fn.COUNT(Session.id).alias("sessions"),
            fn.COALESCE(fn.SUM(Session.length), 0).alias("minutes"),
            fn.COUNT(Session.mentee.distinct()).alias("mentees"),
            fn.COUNT(Rating.session).alias("rated"),
            fn.COUNT(Case(None, [(Rating.reached == "yes", 1)])).alias("reached"),
            fn.COUNT(Case(None, [(helped, 1)])).alias("helped"),
            fn.COUNT(Case(None, [(helped, Session.mentee)]).distinct()).alias("helped_people"),
            fn.MIN(Session.start).alias("since"),
        )
        .join(Rating, JOIN.LEFT_OUTER)
        .switch(Session)
        .join(FollowUp, JOIN.LEFT_OUTER)
        .where(given_by(mentor_id))
    )
    counts = rows(query)[0]
    tells_nobody = counts.pop("helped_people") >= PUBLIC_FROM
    return Impact(
        **{
            **counts,
            "reached": counts["reached"] if counts["rated"] >= PUBLIC_FROM else None,
            "helped": counts["helped"] if tells_nobody else None,
        }
    )


def given_by(mentor_id: int) -> Any:
    """Sessions of this mentor that were held: over, not cancelled, nobody stayed away."""
    return (Session.mentor == mentor_id) & was_held()


def was_held() -> Any:
    """Whether a session is over, was not cancelled, and nobody stayed away, in SQL."""
    end = end_of_session()
    return Session.cancelled_at.is_null() & (end <= int(now().timestamp())) & ~was_missed()


def has_given(person: Person) -> bool:
    """Whether this person has mentored."""
    return bool(Session.select().where(given_by(person.id)).exists())


def thank_yous(mentor_id: int) -> list[dict[str, Any]]:
    """What mentees wrote to this mentor alone, the latest first."""
    query = (
        Rating.select(Rating.thank_you, Session.ref, Session.start, Person.name.alias("mentee"))
        .join(Session)
        .join(Person, on=Session.mentee == Person.id)
        .where((Session.mentor == mentor_id) & (Rating.thank_you != ""))
        .order_by(Rating.created_at.desc())
        .limit(THANKS_SHOWN)
    )
    return rows(query)
