"""Private texts of sessions are removed months after them. What was counted stays."""

from __future__ import annotations

from datetime import UTC, datetime

from portal.clock import now
from portal.database import Table, column, write
from portal.held import HELD, Fading
from portal.limits import limits
from portal.sessions.models import Session, end_of_session

BATCH = 200
"""Sessions in one transaction."""


def fade() -> int:
    """Remove what is due in each table, in small transactions. Returns in how many sessions, for each table anew."""
    if not limits().private_months:
        return 0
    until, found = _months_ago(now(), limits().private_months), 0
    for model, held in HELD.items():
        while held.fades and (some := _fade_some(model, held.fades, until)):
            found += some
    return found


@write
def _fade_some(model: type[Table], fading: Fading, until: datetime) -> int:
    over = Session.select(Session.id).where(end_of_session() <= int(until.timestamp()))
    due = model.select(fading.session).where((fading.session << over) & fading.is_there(model))
    sessions = column(due.distinct().limit(BATCH))
    theirs = fading.session << sessions
    if fading.becomes is None:
        model.delete().where(theirs).execute()
    else:
        model.update(**fading.becomes).where(theirs).execute()
    return len(sessions)


def _months_ago(instant: datetime, months: int) -> datetime:
    """The same day of the month, or its last where there is none."""
    month = instant.year * 12 + instant.month - 1 - months
    day = instant.day
    while True:
        try:
            return datetime(month // 12, month % 12 + 1, day, instant.hour, instant.minute, instant.second, tzinfo=UTC)
        except ValueError:
            day -= 1
