"""In the morning, a mentor gets the briefs of the day's sessions in one mail."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta

from portal.clock import zone
from portal.database import column
from portal.people.models import Person
from portal.preparation import mails
from portal.rounds import Span, go_round, has_come, passes_quarter
from portal.sessions.models import Session
from portal.sessions.turns import full_sessions

MORNING = time(7)
"""On the mentor's wall clock."""
DAY = timedelta(hours=26)
"""As long as a day can be from morning to midnight, and more."""


def send_briefs() -> int:
    """Send the briefs of everybody whose morning has come. Returns how many mails."""
    return go_round("briefs", is_due=_is_due, work=_send)


def _is_due(span: Span) -> bool:
    return passes_quarter(span) and any(has_come(span, zone(name), MORNING) for name in _zones(span[1]))


def _zones(now: datetime) -> set[str]:
    ahead = (Session.start > now) & (Session.start < now + DAY) & Session.cancelled_at.is_null()
    accounts = Person.select(Person.time_zone).join(Session, on=Session.mentor == Person.id)
    return set(column(accounts.where(ahead).distinct()))


def _send(span: Span) -> int:
    """One outage over many mornings: only today's is of use."""
    today = defaultdict(list)
    ahead = (Session.start > span[1]) & (Session.start < span[1] + DAY) & Session.cancelled_at.is_null()
    for session in full_sessions().where(ahead).order_by(Session.start):
        theirs = zone(session.mentor.person.time_zone)
        day = span[1].astimezone(theirs).date()
        if has_come(span, theirs, MORNING) and session.start.astimezone(theirs).date() == day:
            today[session.mentor_id, day].append(session)
    for (_, day), sessions in today.items():
        mails.briefs(sessions, day=day)
    return len(today)
