"""What a person says of themselves."""

from __future__ import annotations

from portal.database import write
from portal.errors import NotAllowedNow, ShutOut
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
    NotAllowedNow for who is suspended, or has left.
    """
    try:
        check_may_enter(person)
    except ShutOut:
        raise NotAllowedNow(
            f"the account of {person.email} is suspended, which a coordinator can lift, or erased"
        ) from None
    _make(person, True, by_claim=False)
    record(What.COORDINATOR_MADE, by=None, about=person)


@write
def follow_claim(person: Person, *, is_coordinator: bool) -> None:
    """Make this person a coordinator because the provider of single sign-on says so, or no longer one because it
    does not. Who was made one here stays one. Raises ShutOut.
    """
    now_known = check_may_enter(person)
    is_one_from_now_on = is_coordinator and not now_known.is_coordinator
    is_one_no_longer = not is_coordinator and now_known.by_claim
    if is_one_from_now_on or is_one_no_longer:
        _make(person, is_coordinator, by_claim=is_coordinator)
        what = What.COORDINATOR_MADE if is_coordinator else What.COORDINATOR_NO_LONGER
        record(what, by=None, about=person, detail="by a claim")


def _make(person: Person, is_coordinator: bool, *, by_claim: bool) -> None:
    person.is_coordinator, person.by_claim = is_coordinator, by_claim
    person.save(only=[Person.is_coordinator, Person.by_claim])
