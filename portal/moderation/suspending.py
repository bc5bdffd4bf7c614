"""Suspending somebody: they are shut out at once, and nothing of theirs goes on without them."""

from __future__ import annotations

from portal.database import lock, write
from portal.errors import NotAllowedNow
from portal.held import Who, touched
from portal.mentors import profile
from portal.moderation import mails
from portal.moderation.absences import Record, begin, end
from portal.people import suspensions
from portal.people.models import Person
from portal.sessions import leaving
from portal.waiting import watching


def why_not(person: Person, *, coordinator: Person) -> str:
    """Why this coordinator cannot suspend somebody now; empty where they can."""
    if person.id == coordinator.id:
        return "You cannot suspend yourself."
    return "They are suspended already." if person.is_suspended else ""


def why_not_lift(record: Record) -> str:
    """Why there is nothing to lift; empty where there is."""
    return "" if record.person.is_suspended else "They are not suspended."


@write
def suspend(person: Person, *, reason: str, version: str, coordinator: Person) -> None:
    """Shut them out until it is lifted, with a reason that they get by mail: signed out everywhere, off the directory,
    out of their upcoming sessions, teams and lines. Raises Stale, and NotAllowedNow.
    """
    hold_still(person, coordinator)
    if not Person.get_by_id(coordinator.id).is_coordinator:  # of two who suspend each other, one stays
        raise NotAllowedNow("You are no longer a coordinator.")
    record = begin(person, version)
    sentence = why_not(record.person, coordinator=coordinator)
    if sentence:
        raise NotAllowedNow(sentence)
    suspensions.suspend(record.person)
    leaving.shut_out(record.person)
    if record.mentor is not None and record.mentor.is_published:
        profile.hide(record.mentor)
    mails.suspended(record.person, end(record, "suspended", coordinator, reason))


def hold_still(person: Person, *others: Person) -> None:
    """What suspending somebody begins with, in its transaction before all else: their lines end, and whoever it touches
    is locked, with these others.
    """
    watching.leave_all(person)
    lock(Person, {*(other.id for other in others), *touched(Who(person.id, person.email))})


@write
def lift(person: Person, *, reason: str, version: str, coordinator: Person) -> None:
    """Let them in again; they get a mail. A profile stays hidden until a coordinator restores it. Raises Stale, and
    NotAllowedNow where nobody suspended them.
    """
    record = begin(person, version)
    sentence = why_not_lift(record)
    if sentence:
        raise NotAllowedNow(sentence)
    suspensions.lift(record.person)
    is_hidden = record.mentor is not None and record.mentor.is_hidden
    decision = end(record, "suspension lifted", coordinator, reason)
    mails.suspension_lifted(record.person, decision, is_hidden=is_hidden)
