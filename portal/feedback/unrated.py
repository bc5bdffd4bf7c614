"""Sessions that wait for a rating."""

from __future__ import annotations

from typing import Any

from peewee import fn

from portal.clock import now
from portal.database import column
from portal.feedback.models import WINDOW, Rating
from portal.people.models import Person
from portal.sessions.attendance import was_missed
from portal.sessions.models import Session, end_of_session


def to_rate(person: Person) -> set[int]:
    """The ids of this mentee's sessions that wait for a rating."""
    return set(column(Session.select(Session.id).where((Session.mentee == person.id) & waits_for_rating())))


def waits_for_rating() -> Any:
    """Whether a session that took place waits for its rating, from its end for 14 days, in SQL."""
    instant, end = now(), end_of_session()
    is_time = (end <= int(instant.timestamp())) & (end >= int((instant - WINDOW).timestamp()))
    rated = Rating.select(Rating.session).where(Rating.session == Session.id)
    return is_time & Session.cancelled_at.is_null() & ~fn.EXISTS(rated) & ~was_missed()
