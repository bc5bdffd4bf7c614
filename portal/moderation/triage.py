"""What coordinators do with reports. Who has a part in one has no part in deciding on it: for them it is not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN

from portal.addresses import is_somebodys
from portal.availability import hours
from portal.clock import now
from portal.database import lock, tuples, write
from portal.errors import Missing, NotAllowedNow, Stale
from portal.feedback import rating
from portal.feedback.models import Rating
from portal.mentors.models import Mentor
from portal.mentors.profile import mentor_of
from portal.moderation import decisions, mails
from portal.moderation.absences import Verdict, record_of
from portal.moderation.models import Report
from portal.moderation.suspending import hold_still, suspend
from portal.people import pauses
from portal.people.models import Person
from portal.sessions.models import Session, SessionEvent, Teammate

OUTCOMES = {
    "nothing": "Nothing to do",
    "line": "Hide the line",
    "profile": "Hide the profile",
    "pause": "Pause the person",
    "suspend": "Suspend the person",
}
TELLING = ("profile", "pause", "suspend")
"""Outcomes of which the person gets a mail."""
DECIDED = {
    "nothing": "nothing to do",
    "line": "line hidden",
    "profile": "profile hidden",
    "pause": "person paused",
    "suspend": "person suspended",
}

DECIDED_MEANWHILE = "Somebody has decided on this report since you opened it. Nothing was done."


@dataclass(frozen=True)
class Outcome:
    """What is decided on a report, and why."""

    what: str
    """One of OUTCOMES."""
    note: str
    """Why: kept, for coordinators."""
    sentence: str = ""
    """To the person, who gets it by mail."""
    until: date | None = None
    """Of a pause."""


def reports_for(coordinator: Person) -> list[Report]:
    """Open reports that this coordinator may decide on, the oldest first. Four statements."""
    reports = list(_full().where(Report.decided_at.is_null()).order_by(Report.at, Report.id))
    involved = _involved_in(reports)
    return [report for report in reports if coordinator.id not in involved[report.id]]


def how_many_for(coordinators: Iterable[Person]) -> dict[int, int]:
    """How many open reports each of them may decide on, by their key."""
    reports = list(_full().where(Report.decided_at.is_null()))
    involved = _involved_in(reports).values()
    return {person.id: sum(person.id not in people for people in involved) for person in coordinators}


def report_for(key: int, coordinator: Person) -> Report:
    """A report, decided on or not. Raises Missing for those who have a part in it."""
    report: Report | None = _full().where(Report.id == key).first()
    if report is None or coordinator.id in _involved_in([report])[key]:
        raise Missing
    return report


def _full() -> Any:
    reporter, sessions_mentor = Person.alias(), Mentor.alias()
    return (
        Report.select(Report, Person, reporter, Mentor, Session, sessions_mentor)
        .join(Person, JOIN.LEFT_OUTER, on=Report.person == Person.id)
        .switch(Report)
        .join(reporter, JOIN.LEFT_OUTER, on=Report.reporter == reporter.id, attr="reporter")
        .switch(Report)
        .join(Mentor, JOIN.LEFT_OUTER, on=Report.mentor == Mentor.person)
        .switch(Report)
        .join(Session, JOIN.LEFT_OUTER)
        .join(sessions_mentor, JOIN.LEFT_OUTER, on=Session.mentor == sessions_mentor.person, attr="mentor")
    )


def _involved_in(reports: Iterable[Report]) -> dict[int, set[int | None]]:
    """By report, everybody who reported or is reported, and who has or had a part in the session."""
    involved, of_session = defaultdict(set), defaultdict(set)
    sessions = [report.session_id for report in reports if report.session_id]
    acted = SessionEvent.select(SessionEvent.session, SessionEvent.person).where(SessionEvent.session << sessions)
    team = Teammate.select(Teammate.session, Person.id).join(Person, on=Teammate.email == Person.email)
    for session, person in [*tuples(acted), *tuples(team.where(Teammate.session << sessions))]:
        of_session[session].add(person)
    for report in reports:
        involved[report.id] = {report.reporter_id, report.person_id, report.mentor_id}
        if report.session_id:
            involved[report.id] |= of_session[report.session_id]
            involved[report.id] |= {report.session.mentor_id, report.session.mentee_id}
    return involved


def offered(report: Report) -> dict[str, str]:
    """The outcomes that there are for this report now, with what they are called."""
    profile = _profile(report)
    is_possible = {
        "nothing": True,
        "line": report.kind == "line" and _is_shown(report),
        "profile": profile is not None and profile.is_published,
        "pause": _is_here(report),
        "suspend": _is_here(report),
    }
    return {what: label for what, label in OUTCOMES.items() if is_possible[what]}


def _is_shown(report: Report) -> bool:
    shown = (Session.mentor == report.mentor_id) & (Rating.line == report.text) & (Rating.line_status == "shown")
    return bool(Rating.select().join(Session).where(shown).exists())


def _is_here(report: Report) -> bool:
    """Whether there is somebody of whom something can be decided: who wrote a line stays unnamed."""
    person = None if report.kind == "line" else report.person
    return person is not None and is_somebodys(person.email) and not person.is_suspended


def _profile(report: Report) -> Mentor | None:
    """The profile of who is reported."""
    return mentor_of(report.person) if report.person_id is not None and report.kind != "line" else None


@write
def decide(report: Report, outcome: Outcome, *, coordinator: Person) -> None:
    """Decide on it, once. The person who reported it gets a mail that says only that it was looked at. Raises Stale
    where somebody has decided, NotAllowedNow where the outcome is not to be had any more.
    """
    report = report_for(report.id, coordinator)
    check_open(report)
    _lock_people(report, outcome, coordinator)
    if outcome.what not in offered(report):
        raise NotAllowedNow("This cannot be done any more: it was hidden, or has gone, meanwhile. Look at it again.")
    if outcome.what in DEEDS:
        DEEDS[outcome.what](report, outcome, coordinator)
    # Of two decisions, the second finds nothing open.
    if not Report.update(decided_at=now()).where((Report.id == report.id) & Report.decided_at.is_null()).execute():
        raise Stale(DECIDED_MEANWHILE)
    what = DECIDED[outcome.what]
    decisions.keep("report", report.id, about=report.label, what=what, coordinator=coordinator, reason=outcome.note)
    mails.looked_at(report_for(report.id, coordinator))  # who may have left meanwhile


def _lock_people(report: Report, outcome: Outcome, coordinator: Person) -> None:
    """Before the report, as one who leaves does."""
    people = [person for person in (coordinator, report.reporter, report.person) if person is not None]
    if outcome.what == "suspend" and report.person is not None:
        hold_still(report.person, *people)
    else:
        lock(Person, [person.id for person in people])


def check_open(report: Report) -> None:
    """Raises Stale once somebody has decided on it."""
    if not report.is_open:
        raise Stale(DECIDED_MEANWHILE)


def _hide_line(report: Report, _outcome: Outcome, _coordinator: Person) -> None:
    rating.take_back(report.mentor_id or 0, report.text)


def _hide_profile(report: Report, outcome: Outcome, coordinator: Person) -> None:
    profile = _profile(report)
    if profile is not None:
        decisions.hide(profile, reason=outcome.sentence, coordinator=coordinator)


def _pause(report: Report, outcome: Outcome, coordinator: Person) -> None:
    person, profile = report.person, _profile(report)
    if person is None or outcome.until is None:
        raise NotAllowedNow("Choose until when they are paused.")
    lock(Person, [person.id])
    pauses.pause(person, outcome.until)
    if profile is not None:
        hours.close_until(profile, outcome.until)
    verdict = Verdict(outcome.until, outcome.sentence, bookings=True, hours=profile is not None)
    decision = decisions.keep(
        "person", person.id, about=person.name, what=str(verdict), coordinator=coordinator, reason=verdict.reason
    )
    mails.paused(person, decision, bookings=verdict.bookings, hours=verdict.hours, absent=False)


def _suspend(report: Report, outcome: Outcome, coordinator: Person) -> None:
    version = record_of(report.person.id).version
    suspend(report.person, reason=outcome.sentence, version=version, coordinator=coordinator)


DEEDS: dict[str, Callable[[Report, Outcome, Person], None]] = {
    "line": _hide_line,
    "profile": _hide_profile,
    "pause": _pause,
    "suspend": _suspend,
}
