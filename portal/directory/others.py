"""Others who fit: for a mentee whose mentor cancelled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from portal.availability.openings import instant_of
from portal.database import column
from portal.directory.filter import Filter
from portal.directory.finding import Row, find
from portal.directory.search import Reason
from portal.mentors.models import Mentor
from portal.sessions.models import Session
from portal.when import Reader

MOST = 3


@dataclass(frozen=True)
class Fitting:
    """A mentor who can do what the session was for, and when."""

    row: Row
    starts: list[datetime]
    reason: Reason | None


def others_who_fit(session: Session, reader: Reader, mentee_id: int) -> list[Fitting]:
    """Other mentors for the same objective, kind, format and length, with openings: by the objective itself, then
    by what the mentor of the session helps with.
    """
    wanted = Filter(kind=session.kind, format=session.format, length=session.length)
    left_out = {session.mentor.slug, *column(Mentor.select(Mentor.slug).where(Mentor.person == mentee_id))}
    fitting: dict[str, Fitting] = {}
    for need in (session.objective, *session.mentor.topic_names.split("; ")[:2]):
        if need and len(fitting) < MOST:
            for found in find(replace(wanted, q=need), reader=reader, mentee_id=mentee_id).found:
                if found.openings and found.row.slug not in left_out:
                    starts = [instant_of(quarter) for quarter in found.openings]
                    fitting.setdefault(found.row.slug, Fitting(found.row, starts, found.reason))
    return list(fitting.values())[:MOST]
