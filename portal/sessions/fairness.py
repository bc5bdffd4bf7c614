"""Who may book now: a few upcoming sessions each, and nobody whom a coordinator has paused."""

from __future__ import annotations

from portal.clock import now, zone
from portal.errors import NotAllowedNow, TooManyUpcoming
from portal.limits import limits
from portal.people.models import Person
from portal.sessions.models import Session


def check_may_book(mentee: Person, *, they: bool = False) -> None:
    """Raises TooManyUpcoming or NotAllowedNow, in a sentence to the mentee, or about them (`they`)."""
    paused = _paused(mentee)
    if paused:
        raise NotAllowedNow("They may not book right now." if they else paused)
    if _has_enough(mentee):
        raise TooManyUpcoming(f"They have {limits().upcoming} upcoming sessions already." if they else _enough())


def why_not_book(mentee: Person) -> str:
    """What a page says before anything is filled in; empty for those who may book."""
    return _paused(mentee) or (_enough() if _has_enough(mentee) else "")


def upcoming_count(mentee: Person) -> int:
    """How many sessions the mentee has ahead."""
    ahead = (Session.mentee == mentee) & Session.cancelled_at.is_null() & (Session.start > now())
    return int(Session.select().where(ahead).count())


def _has_enough(mentee: Person) -> bool:
    return upcoming_count(mentee) >= limits().upcoming


def _enough() -> str:
    return (
        f"You have {limits().upcoming} upcoming sessions, which is as many as one person can have."
        " Cancel one, or book again after the next."
    )


def _paused(mentee: Person) -> str:
    fresh = Person.get_by_id(mentee.id)
    if not fresh.is_paused(now()):
        return ""
    until = fresh.paused_until.astimezone(zone(fresh.time_zone))
    return f"A coordinator has paused your bookings. You can book again from {until.day} {until:%B %Y}."
