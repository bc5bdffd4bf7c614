"""What a person says of themselves."""

from __future__ import annotations

from portal.database import write
from portal.errors import NotAllowedNow
from portal.people.audit import What, record
from portal.people.models import Person
from portal.people.suspensions import check_may_enter


@write
def describe(person: Person, *, name: str, headline: str, time_zone: str) -> None:
    """Change the name and headline mentors see, and the zone times are shown in."""
    person.name, person.headline, person.time_zone = name, headline, time_zone
    person.save(only=[Person.name, Person.headline, Person.time_zone])


def introduce(person: Person, *, name: str) -> None:
    """The name of somebody who has none yet. What people call themselves is not changed by what was typed before
    it was clear who typed it.
    """
    if name and not person.name:
        describe(person, name=name, headline=person.headline, time_zone=person.time_zone)


@write
def make_coordinator(person: Person) -> None:
    """Let this person moderate profiles and run the programme, whatever a provider of single sign-on says. Raises
    NotAllowedNow for who is suspended.
    """
    if person.is_suspended:
        raise NotAllowedNow(f"the account of {person.email} is suspended; a coordinator can lift that")
    person.is_coordinator, person.by_claim = True, False
    person.save(only=[Person.is_coordinator, Person.by_claim])
    record(What.COORDINATOR_MADE, by=None, about=person)


@write
def follow_claim(person: Person, *, is_coordinator: bool) -> None:
    """Make this person a coordinator because the provider of single sign-on says so, or no longer one because it
    does not. Who was made one here stays one. Raises ShutOut.
    """
    check_may_enter(person)
    if is_coordinator and not person.is_coordinator:
        person.is_coordinator = person.by_claim = True
    elif not is_coordinator and person.by_claim:
        person.is_coordinator = person.by_claim = False
    else:
        return
    person.save(only=[Person.is_coordinator, Person.by_claim])
    what = What.COORDINATOR_MADE if is_coordinator else What.COORDINATOR_NO_LONGER
    record(what, by=None, about=person, detail="by a claim")
