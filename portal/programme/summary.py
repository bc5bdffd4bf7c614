"""Every Monday morning, coordinators get the week that is over in one mail."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any

from portal.clock import zone
from portal.directory.demand import not_offered
from portal.mail.undelivered import count_undelivered
from portal.moderation.queue import queue
from portal.moderation.triage import how_many_for
from portal.people.models import Person
from portal.programme import mails
from portal.programme.report import figures
from portal.rounds import Span, go_round, has_come, passes_quarter
from portal.waiting.line import how_many_wait
from portal.when import monday_of

MORNING = time(8)
MONDAY = 0
NEEDS_TOLD = 3


def send_summaries() -> int:
    """Send it to everybody whose Monday morning has come. Returns how many mails."""
    return go_round("summaries", is_due=_is_due, work=_send)


def _is_due(span: Span) -> bool:
    return passes_quarter(span) and bool(_readers(span))


def _readers(span: Span) -> list[Person]:
    coordinators = Person.select().where(Person.is_coordinator).order_by(Person.id)
    return [person for person in coordinators if has_come(span, zone(person.time_zone), MORNING, weekday=MONDAY)]


def _send(span: Span) -> int:
    readers = _readers(span)
    if not readers:
        return 0
    waits, reports = _what_waits(), how_many_for(readers)
    of_all = waits["queue"]
    for person in readers:
        monday = _monday(span[1], person)
        week = asdict(figures(monday - timedelta(days=7), monday))
        words = {**week, **waits, "queue": of_all + reports[person.id]}
        mails.weekly(person, week=monday.date().isoformat(), words=words)
    return len(readers)


def _monday(now: datetime, person: Person) -> datetime:
    local = now.astimezone(zone(person.time_zone))
    return datetime.combine(monday_of(local.date()), time(), tzinfo=local.tzinfo)


def _what_waits() -> dict[str, Any]:
    return {
        "queue": queue().count,
        "undelivered": count_undelivered(),
        "waiting": how_many_wait(),
        "needs": [[row.need, row.askers] for row in not_offered(most=NEEDS_TOLD)],
    }
