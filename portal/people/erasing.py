"""Erasing an account: at once and for good. The counts stay, the person goes."""

from __future__ import annotations

from portal import held
from portal.database import column, lock, write
from portal.errors import NotAllowedNow
from portal.held import Who
from portal.people import mails
from portal.people.audit import What, record
from portal.people.models import Person
from portal.wiping import wipe_log

ONLY_ONE = (
    "The portal has no other coordinator, so let somebody else become one first: “portal coordinator ADDRESS” does it."
)


def erase(person: Person, *, on_server: bool = False) -> None:
    """Erase all that is held about this person, who asked for it here or those who run the server, and tell them by a
    last mail. Upcoming sessions are cancelled. Raises NotAllowedNow for the last coordinator.
    """
    _erase(Who(person.id, person.email), on_server=on_server)
    wipe_log()


def why_not(person: Person) -> str:
    """Why this person cannot leave now; empty where nothing speaks against it."""
    others = Person.select().where(Person.is_coordinator & (Person.id != person.id))
    return ONLY_ONE if person.is_coordinator and not others.exists() else ""


def warnings(person: Person) -> list[str]:
    """What happens besides when this person leaves."""
    return held.warnings(Who(person.id, person.email))


@write
def _erase(who: Who, *, on_server: bool) -> None:
    coordinators = column(Person.select(Person.id).where(Person.is_coordinator))  # of two, one is last
    lock(Person, {*coordinators, *held.touched(who)})
    person = Person.get_by_id(who.id)
    if person.email != who.email:  # erased meanwhile, or known by another address
        raise NotAllowedNow("Your account was changed meanwhile. Nothing was done.")
    sentence = why_not(person)
    if sentence:
        raise NotAllowedNow(sentence)
    record(What.ACCOUNT_ERASED, by=None if on_server else person, about=person if on_server else None)
    held.erase(who)
    mails.erased(person)
