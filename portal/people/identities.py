"""Accounts at a provider of single sign-on: whose they are, connecting and ending them.

An account there belongs to whoever it was first tied to, by issuer and subject. What else the provider says, its e-mail
address above all, may change hands and decides nothing after that.
"""

from __future__ import annotations

from portal.clock import now
from portal.database import lock, write
from portal.errors import NotAllowedNow
from portal.limits import limits
from portal.people.account import follow_claim, introduce
from portal.people.audit import What, record
from portal.people.models import Identity, Person
from portal.people.passkeys import has_passkey
from portal.people.provider import Said
from portal.people.signing_in import may_enter, person_with
from portal.people.suspensions import check_may_enter


@write
def enter(said: Said, *, zone: str, otherwise: str) -> Person:
    """The person whose account at the provider this is.

    One that was never seen before is tied to the account here with its address, or makes a new one; only where the
    provider has verified the address. Raises NotAllowedNow, with what to do: come in `otherwise`, and connect it.
    """
    identity = _identity(said)
    person: Person = identity.person if identity else _tie(said, zone=zone, otherwise=otherwise)
    Identity.update(used_at=now()).where(_is(said)).execute()
    follow_claim(person, is_coordinator=said.is_coordinator)
    introduce(person, name=said.name)
    return person


def _tie(said: Said, *, zone: str, otherwise: str) -> Person:
    if not said.email:
        raise NotAllowedNow(
            f"We did not hear from {said.by} that your e-mail address is verified, so we cannot know which account here"
            f" is yours. {otherwise}, then connect {said.by} under You."
        )
    if not may_enter(said.email):
        raise NotAllowedNow(
            f"{said.by} says that your address is {said.email}. Here, you can sign up {' or '.join(limits().ways_in)}."
        )
    person = person_with(said.email, zone=zone)
    lock(Person, [person.id])  # of two that come at once, the second sees the first
    known = {identity.subject for identity in identities_of(person, issuer=said.issuer)}
    if not known and person.is_coordinator and has_passkey(person):
        # Whoever reads a coordinator's mail could have it verified by the provider, and must get no further.
        raise NotAllowedNow(
            f"The account here with your address has a passkey. Sign in by it, then connect {said.by} under You."
        )
    if not known:
        _create(person, said)
    elif said.subject not in known:
        # An address there that was given to somebody else must not give away what is here.
        raise NotAllowedNow(
            f"The account here with your address is connected to another account at {said.by}. {otherwise}, then"
            " connect this one as well under You."
        )
    return person


@write
def connect(said: Said, *, person: Person) -> None:
    """Let this person sign in by this account as well. Done twice, it is done. Raises NotAllowedNow, ShutOut."""
    check_may_enter(person)
    identity = _identity(said)
    if identity is None:
        _create(person, said)
    elif identity.person_id != person.id:
        raise NotAllowedNow(f"This account at {said.by} is connected to somebody else’s account here.")


@write
def disconnect(key: int, *, person: Person, only_way: str | None) -> None:
    """Let this person no longer sign in by this account. Of one that is not there, it does the same. Raises
    NotAllowedNow for the last at a provider that is, but for passkeys, the `only_way` in.
    """
    lock(Person, [person.id])
    mine = (Identity.person == person) & (Identity.id == key)
    identity = Identity.get_or_none(mine)
    if identity is None:
        return
    is_last = identity.issuer == only_way and len(identities_of(person, issuer=only_way)) == 1
    if is_last and not has_passkey(person):
        raise NotAllowedNow("This is your only way in. Connect another account before you end it.")
    identity.delete_instance()
    record(What.ACCOUNT_ENDED, by=person)
    follow_claim(Person.get_by_id(person.id), is_coordinator=False)


def identities_of(person: Person, *, issuer: str) -> list[Identity]:
    """The accounts at this provider by which this person signs in, the oldest first."""
    mine = (Identity.person == person) & (Identity.issuer == issuer)
    return list(Identity.select().where(mine).order_by(Identity.id))


def check_is_of(person: Person, said: Said) -> None:
    """Raises NotAllowedNow unless this account is connected to this person."""
    identity = _identity(said)
    if identity is None or identity.person_id != person.id:
        raise NotAllowedNow(f"This account at {said.by} is not connected to yours here.")


def _identity(said: Said) -> Identity | None:
    found: Identity | None = Identity.select(Identity, Person).join(Person).where(_is(said)).first()
    return found


def _is(said: Said) -> object:
    return (Identity.issuer == said.issuer) & (Identity.subject == said.subject)


def _create(person: Person, said: Said) -> None:
    Identity.create(person=person, issuer=said.issuer, subject=said.subject, at=now(), used_at=now())
    record(What.ACCOUNT_CONNECTED, by=person)
