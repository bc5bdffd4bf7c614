"""Reminders: so many hours before a session, to the side that should act. Each comes up once.

The last one, an hour ahead, goes to everybody: come. Those before it go only to a side that is not ready. One whose
time had come when the session was booked, or moved, is none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from portal.database import tuples
from portal.limits import limits
from portal.preparation import mails
from portal.preparation.models import Preparation, Reminder
from portal.rounds import Span, go_round
from portal.sessions.models import Session, SessionEvent
from portal.sessions.turns import full_sessions

LATE = timedelta(minutes=15)
"""A reminder found so much later than it was due is marked as late."""


def remind_due() -> int:
    """Remind of everything whose time has come. Returns how many reminders came up."""
    return go_round("reminders", is_due=_is_due, work=_remind)


def _is_due(span: Span) -> bool:
    return any(Session.select().where(_between(span, hours)).exists() for hours in limits().remind_hours)


def _between(span: Span, hours: int) -> Any:
    """Sessions that stand, and whose reminder so many hours ahead came due in this time."""
    ahead = timedelta(hours=hours)
    return (Session.start > span[0] + ahead) & (Session.start <= span[1] + ahead) & Session.cancelled_at.is_null()


def _remind(span: Span) -> int:
    return sum(_remind_ahead(span, hours) for hours in limits().remind_hours)


def _remind_ahead(span: Span, hours: int) -> int:
    sessions = list(full_sessions().where(_between(span, hours)).order_by(Session.start, Session.id))
    set_at, kept = _set_at(sessions), _preparations(sessions)
    due = [s for s in sessions if s.start - timedelta(hours=hours) > set_at.get(s.id, s.created_at)]
    for session in due:
        _come_up(session, hours, span[1], kept.get(session.id) or Preparation(session=session))
    return len(due)


def _set_at(sessions: list[Session]) -> dict[int, datetime]:
    """When each was booked for, or moved to, the time it has."""
    times = (SessionEvent.session << [session.id for session in sessions]) & (SessionEvent.what << ("booked", "moved"))
    latest = SessionEvent.select(SessionEvent.session, fn.MAX(SessionEvent.at)).where(times)
    return dict(tuples(latest.group_by(SessionEvent.session)))


def _preparations(sessions: list[Session]) -> dict[int, Preparation]:
    theirs = Preparation.session << [session.id for session in sessions]
    return {row.session_id: row for row in Preparation.select().where(theirs)}


def _come_up(session: Session, hours: int, now: datetime, kept: Preparation) -> None:
    late_by = now - (session.start - timedelta(hours=hours))
    is_over = now >= session.start or _is_next_due(session, hours, now)
    is_told = not is_over and _tell(session, hours, kept)
    is_late = is_over or late_by > LATE
    Reminder.insert(
        session=session, start=session.start, hours=hours, at=now, is_late=is_late, is_told=is_told
    ).on_conflict(  # a clock that was ahead and is set right makes it come due twice
        action="nothing", conflict_target=[Reminder.session, Reminder.start, Reminder.hours]
    ).execute()


def _is_next_due(session: Session, hours: int, now: datetime) -> bool:
    """Whether a later reminder of the same session is due as well: two at once help nobody."""
    later = [other for other in limits().remind_hours if other < hours]
    return any(session.start - timedelta(hours=other) <= now for other in later)


def _tell(session: Session, hours: int, kept: Preparation) -> bool:
    if hours == min(limits().remind_hours):
        mails.soon(session, hours)
        return True
    must_read, must_prepare = not kept.is_read(session), not kept.is_ready(session)
    if must_read:
        mails.questions_open(session, hours)
    if must_prepare:
        mails.get_ready(session, hours)
    return must_read or must_prepare
