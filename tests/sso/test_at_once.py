"""The first sign-ins of several browsers at the same moment: one account there is one here, and one address is tied to
one account there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from portal import database
from portal.errors import NotAllowedNow
from portal.people import identities
from portal.people.models import Identity, Person
from portal.people.provider import Said
from tests.conftest import Time
from tests.proof.server import at_once

ROUNDS = 6


def enter(subject: str, email: str) -> int:
    """The person's key, or 0 where it is refused."""
    said = Said("Example", "https://login.example.edu", subject, email, "Noor", is_coordinator=False, proved_at=None)
    try:
        return int(identities.enter(said, zone="Etc/UTC", otherwise="Sign in by code").id)
    except NotAllowedNow:
        return 0
    finally:
        database.disconnect()


def faults() -> list[str]:
    """What is wrong after several browsers have come at once, each time with another address."""
    found = []
    for number in range(ROUNDS):
        email = f"noor{number}@example.org"
        same: list[Callable[[], int]] = [partial(enter, f"same-{number}", email)] * 3
        entered = {*at_once([*same, partial(enter, f"other-{number}", email)])}
        person = Person.get(Person.email == email)
        tied = Identity.select().where(Identity.person == person).count()
        if entered != {0, person.id} or tied != 1:
            found.append(f"round {number}: {tied} tied, entered {entered}")
    return found


def test_first_sign_ins_at_once_are_one_account(world: Time) -> None:
    assert faults() == []


def test_without_a_second_look_it_would_be_found(world: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: one that ties without looking who is tied already."""
    monkeypatch.setattr(identities, "identities_of", lambda person, issuer: [])
    assert faults() != []
