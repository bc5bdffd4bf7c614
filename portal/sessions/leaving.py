"""Somebody leaves, or is shut out: what they hold is given back, and their upcoming sessions are cancelled."""

from __future__ import annotations

from typing import Any

from peewee import Value

from portal.availability.derived import release
from portal.availability.held import held_by
from portal.availability.models import Hold
from portal.clock import now
from portal.database import column, write
from portal.held import Who, leaving, touches, warns
from portal.mail.held import about
from portal.mail.outbox import Outbox
from portal.people.models import Person
from portal.sessions import mails, team
from portal.sessions.changes import call_off, cancel
from portal.sessions.models import HANDED_OVER, Session, SessionEvent, Teammate

_SUBJECT = Value("session ").concat(Session.id.cast("TEXT"))
"""As `subject_of` writes it."""
ERASED = "They have erased their account."


@about
def _letters(who: Who) -> Any:
    """Whose subject is one of their sessions; and of what they handed over, those written before, which name them."""
    before = (SessionEvent.person == who.id) & (SessionEvent.what == HANDED_OVER)
    given = Session.select(_SUBJECT).join(SessionEvent).where(before & (Outbox.created_at <= SessionEvent.at))
    written_before = (Outbox.subject << given) & (Outbox.kind != mails.HANDED_OVER.name)
    return (Outbox.subject << Session.select(_SUBJECT).where(_has_part(who))) | written_before


def _has_part(who: Who) -> Any:
    return (Session.mentor == who.id) | (Session.mentee == who.id)


def _upcoming(who: Who) -> Any:
    ahead = _has_part(who) & (Session.start > now()) & Session.cancelled_at.is_null()
    return Session.select().where(ahead).order_by(Session.start)


def _held(who: Who) -> Any:
    return Hold.select().where((held_by(who) | (Hold.mentor == who.id)) & ~Hold.is_released)


@touches
def _others(who: Who) -> set[int]:
    sessions = [*_upcoming(who), *_seats(who)]
    sides = {side for session in sessions for side in (session.mentor_id, session.mentee_id)}
    return sides | set(column(_held(who).select(Hold.mentor)))


@warns
def _is_cancelled(who: Who) -> str:
    ahead = _upcoming(who).count()
    if not ahead:
        return ""
    which = "Your upcoming session is" if ahead == 1 else f"Your {ahead} upcoming sessions are"
    return f"{which} cancelled, and the others are told by mail."


def _seats(who: Who) -> Any:
    invited = (Teammate.email == who.email) & Teammate.left_at.is_null()
    ahead = invited & (Session.start > now()) & Session.cancelled_at.is_null()
    return Session.select().join(Teammate, on=Teammate.session == Session.id).where(ahead).order_by(Session.start)


@write
def shut_out(person: Person) -> None:
    """Give back what they hold, call off their sessions, and take them out of the teams they are in."""
    who = Who(person.id, person.email)
    release(list(_held(who)))
    for session in _upcoming(who):
        call_off(session, without=person)
    for session in _seats(who):
        team.leave(session, person=person)


@leaving
@write
def _leave(who: Who) -> None:
    """All others get the usual mail. Of the person it says no more than that they left."""
    release(list(_held(who)))
    person = Person.get_by_id(who.id)
    for session in _upcoming(who):
        cancel(session, person=person, reason=ERASED)
