"""What was written in a session is its participants' alone. A coordinator reads it only through an open report by one
of them, and each look is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.database import lock, rows, write
from portal.errors import NotAllowedNow
from portal.feedback.models import Rating
from portal.moderation.models import Report
from portal.moderation.triage import report_for
from portal.people.audit import What, lines_on, record
from portal.people.models import Audit, Person
from portal.preparation.models import Message, Preparation
from portal.sessions.models import Attendance, Session, Teammate

MOST_MESSAGES = 1_000


@dataclass(frozen=True)
class PrivatePart:
    """All that was written in one session."""

    session: Session
    team_questions: list[str]
    preparation: Preparation | None
    objections: list[str]
    thank_you: str
    messages: list[dict[str, Any]]
    """The latest thousand, in order."""


def why_not_open(report: Report) -> str:
    """Why the private part cannot be read; empty where it can."""
    if report.session_id is None:
        return "This report is not about a session."
    if report.reporter_id is None:
        return "Who reported this has left, so the session is closed again."
    return "" if report.is_open else "This report has been decided on, so the session is closed again."


@write
def open_private_part(report: Report, *, coordinator: Person) -> PrivatePart:
    """Read it, and record that. Raises Missing for who has a part in it, NotAllowedNow once it is decided on."""
    lock(Report, [report.id])
    report = report_for(report.id, coordinator)
    closed = why_not_open(report)
    if closed:
        raise NotAllowedNow(closed)
    record(What.PRIVATE_SEEN, by=coordinator, thing=_thing(report))
    return _read(report.session)


def looks_at(report: Report) -> list[Audit]:
    """Who has opened it, the latest first."""
    return lines_on(_thing(report), What.PRIVATE_SEEN)


def _thing(report: Report) -> str:
    return f"report {report.id}"


def _read(session: Session) -> PrivatePart:
    rating = Rating.get_or_none(Rating.session == session)
    asked = Teammate.select().where((Teammate.session == session) & (Teammate.question != "")).order_by(Teammate.id)
    answers = Attendance.select().where((Attendance.session == session) & (Attendance.objection != ""))
    return PrivatePart(
        session=session,
        team_questions=[mate.question for mate in asked],
        preparation=Preparation.get_or_none(Preparation.session == session),
        objections=[row.objection for row in answers],
        thank_you=rating.thank_you if rating else "",
        messages=_messages(session),
    )


def _messages(session: Session) -> list[dict[str, Any]]:
    columns = (Message.text, Message.at, Person.name, Person.email)
    query = Message.select(*columns).left_outer_join(Person).where(Message.session == session)
    return rows(query.order_by(Message.id.desc()).limit(MOST_MESSAGES))[::-1]
