"""How it goes, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median

import peewee

from portal.clock import now
from portal.database import tuples
from portal.feedback.models import Rating
from portal.sessions.attendance import was_missed
from portal.sessions.models import Session, end_of_session
from portal.when import Reader


@dataclass(frozen=True)
class Figures:
    """How a time went. None where there is nothing to count yet."""

    held: int
    missed: int | None
    """Of those that ended and were not cancelled, per cent to which somebody did not come. Held are the others."""
    reached: int | None
    """Of those who said, per cent who got what they came for."""
    wait_days: float | None
    """Median days from booking to start."""


def this_month(reader: Reader) -> Figures:
    """The month so far."""
    return figures(datetime(reader.today.year, reader.today.month, 1, tzinfo=reader.zone), now())


def figures(first: datetime, until: datetime) -> Figures:
    """Of the sessions that began from the first instant on, before the second, and have ended."""
    began = (Session.start >= first) & (Session.start < until)
    ended = began & (end_of_session() <= int(now().timestamp())) & Session.cancelled_at.is_null()
    held = ended & ~was_missed()
    sessions = tuples(Session.select(Session.start, Session.created_at).where(held))
    all_ended = Session.select().where(ended).count()
    said = Rating.select(Rating.reached, peewee.fn.COUNT(Rating.session)).join(Session).where(held)
    answers = dict(tuples(said.group_by(Rating.reached)))
    waits = [(start - created).total_seconds() / 86_400 for start, created in sessions]
    return Figures(
        held=len(sessions),
        missed=round(100 * (all_ended - len(sessions)) / all_ended) if all_ended else None,
        reached=round(100 * answers.get("yes", 0) / sum(answers.values())) if answers else None,
        wait_days=round(median(waits), 1) if waits else None,
    )
