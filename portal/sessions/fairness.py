"""Who may book now: a few upcoming sessions each, and nobody whom a coordinator has paused or suspended."""

from __future__ import annotations

from typing import Any

from peewee import fn

from portal.addresses import is_somebodys
from portal.clock import now
from portal.errors import Missing, Paused, ShutOut, TooManyUpcoming
from portal.limits import limits
from portal.people import pauses
from portal.people.models import Person
from portal.people.suspensions import SUSPENDED
from portal.prepared import Prepared, once_for_each_engine, slot
from portal.sessions.models import Session
from portal.when import date_in_full

THEY_CANNOT = "They cannot have this session. Choose somebody else, or cancel it."
"""What others are told of somebody who is paused, suspended, or apart from the mentor: not which of them."""


def check_may_book(mentee: Person, *, they: bool = False) -> None:
    """Raises TooManyUpcoming or Paused, in a sentence to the mentee, or about them (`they`); ShutOut for somebody who
    has just been suspended, and Missing for somebody who has just erased the account.
    """
    now_known = Person.get_by_id(mentee.id)
    if not is_somebodys(now_known.email):
        raise Missing
    if now_known.is_suspended:
        raise Paused(THEY_CANNOT) if they else ShutOut(SUSPENDED)
    paused = _paused(now_known)
    if paused:
        raise Paused(THEY_CANNOT if they else paused)
    if _has_enough(mentee):
        raise TooManyUpcoming(f"They have {limits().upcoming} upcoming sessions already." if they else _enough())


def why_not_book(mentee: Person) -> str:
    """What a page says before anything is filled in; empty for those who may book. One small statement: the
    mentee is taken as loaded.
    """
    return _paused(mentee) or (_enough() if _has_enough(mentee) else "")


def may_book() -> Any:
    """The same of many at once: true in SQL for those rows of `Person` who may book now."""
    instant = now()
    ahead = (Session.mentee == Person.id) & (Session.start > instant) & Session.cancelled_at.is_null()
    count = Session.select(fn.COUNT(Session.id)).where(ahead)
    is_let = Person.suspended_at.is_null() & (fn.COALESCE(Person.paused_until, 0) <= int(instant.timestamp()))
    return is_let & (count < limits().upcoming)


def upcoming_count(mentee: Person) -> int:
    """How many sessions the mentee has ahead."""
    return int(_upcoming().rows(mentee=mentee.id, now=int(now().timestamp()))[0][0])


@once_for_each_engine
def _upcoming() -> Prepared:
    ahead = (Session.mentee == slot("mentee")) & (Session.start > slot("now")) & Session.cancelled_at.is_null()
    return Prepared(Session.select(fn.COUNT(Session.id)).where(ahead))


def _has_enough(mentee: Person) -> bool:
    return upcoming_count(mentee) >= limits().upcoming


def _enough() -> str:
    return (
        f"You have {limits().upcoming} upcoming sessions, which is as many as one person can have."
        " Cancel one, or book again after the next."
    )


def _paused(mentee: Person) -> str:
    until = pauses.paused_until(mentee)
    if until is None:
        return ""
    return f"A coordinator has paused your bookings. You can book again from {date_in_full(until)}."
