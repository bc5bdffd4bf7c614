"""Suspensions: a coordinator shuts somebody out, until it is lifted."""

from __future__ import annotations

from portal.addresses import is_somebodys
from portal.clock import now
from portal.database import lock, write
from portal.errors import ShutOut
from portal.mail import preferences
from portal.people.audit import What, record
from portal.people.models import Person, SignIn

ERASED = "This account was erased a moment ago. Sign in once more to begin a new one."
SUSPENDED = "Your account is suspended. A mail has told you why; those who run this portal can lift it."


@write
def suspend(person: Person) -> None:
    """End all their sign-ins, let none begin, and send them nothing but what a booking or the account needs. A
    coordinator is one no longer.
    """
    if person.is_coordinator:
        record(What.COORDINATOR_NO_LONGER, by=None, about=person, detail="suspended")
    person.suspended_at, person.is_coordinator, person.by_claim = now(), False, False
    person.save(only=[Person.suspended_at, Person.is_coordinator, Person.by_claim])
    SignIn.delete().where(SignIn.person == person).execute()
    preferences.silence(person.email)


@write
def lift(person: Person) -> None:
    """Let them come in again, and have the mails that they had chosen."""
    person.suspended_at = None
    person.save(only=[Person.suspended_at])
    preferences.end_silence(person.email)


def check_may_enter(person: Person) -> Person:
    """The person as they are now, and as they stay until the transaction ends. Raises ShutOut for who is suspended, or
    has erased the account.
    """
    lock(Person, [person.id])
    now_known: Person = Person.get_by_id(person.id)
    if not is_somebodys(now_known.email):
        raise ShutOut(ERASED)
    if now_known.is_suspended:
        raise ShutOut(SUSPENDED)
    return now_known
