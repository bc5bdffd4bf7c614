"""Mails about signing in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peewee import fn

from portal.clock import now
from portal.database import column
from portal.limits import limits
from portal.mail import outbox
from portal.mail.kinds import Kind, kind
from portal.mail.outbox import Outbox
from portal.people.codes import new_token
from portal.people.invited import invitation_of
from portal.people.models import AGAIN_AFTER, Invitation, Person, SignInCode

INVITED = "invitation"
"""What all invitations tell of."""
MOST_A_DAY = 2
"""Of them, to one address."""


def _counts_no_more(letter: Outbox) -> str:
    waits = (SignInCode.seed == letter.facts["seed"]) & (SignInCode.expires_at > now()) & SignInCode.used_at.is_null()
    return "" if SignInCode.select().where(waits).exists() else "the code no longer counts"


def _whose(_letter: Outbox) -> dict[str, Any]:
    return {"domains": limits().domains, "by_invitation": limits().by_invitation}


def _invited_no_more(letter: Outbox) -> str:
    invitation = invitation_of(letter.recipient)
    if invitation is None:
        return "they are invited no more"
    return "they have come" if invitation.came_at else ""


def _by_whom(letter: Outbox) -> dict[str, Any]:
    """As they are called by now: they may have left."""
    invitation = invitation_of(letter.recipient)
    by = invitation.by if invitation else None
    return {**letter.facts, "by": by.name if by else ""}


CODE = kind("people/code", "Your sign-in code", needed=True, unless=_counts_no_more)
NOT_OPEN = kind("people/not_open", "Who can sign up", needed=True, unless=_counts_no_more, words=_whose)
ADDRESS_CODE = kind("people/address_code", "A code for a new address", needed=True, unless=_counts_no_more)
ADDRESS_CHANGED = kind("people/address_changed", "Your address was changed", needed=True)
ERASED = kind("people/erased", "Your account is erased", needed=True, kept=False)
INVITATION = kind(
    "people/invitation",
    "Invitations to sign up",
    readers="invited",
    unless=_invited_no_more,
    words=_by_whom,
    links=("as_mentor",),
)
PASSKEY_ADDED = kind("people/passkey_added", "A passkey was added", needed=True)
PASSKEYS_REMOVED = kind("people/passkeys_removed", "A passkey was removed", needed=True)


def code(about: Kind, email: str, *, seed: str, digits: int, zone: str) -> None:
    """A code. The letter holds its seed; the code is worked out when it is sent. One seed is sent once."""
    outbox.put(about, subject=seed, to=email, zone=zone, words={"seed": seed, "digits": digits})


def invited(invitation: Invitation, *, by: Person) -> None:
    """To somebody who has no account yet."""
    words = {"name": invitation.name, "as_mentor": invitation.as_mentor}
    outbox.put(
        INVITATION,
        subject=INVITED,
        version=int(invitation.at.timestamp()),
        to=invitation.email,
        zone=by.time_zone,
        words=words,
    )


def invited_often(emails: Iterable[str]) -> list[str]:
    """Those of these addresses to which two invitations have gone within a day."""
    lately = (Outbox.created_at > now() - AGAIN_AFTER) & (Outbox.recipient << list(emails))
    sent = Outbox.select(Outbox.recipient).where((Outbox.subject == INVITED) & lately)
    return column(sent.group_by(Outbox.recipient).having(fn.COUNT(Outbox.id) >= MOST_A_DAY))


def not_invited(invitation: Invitation) -> None:
    """The invitation need not go any more."""
    version = int(invitation.at.timestamp())
    outbox.take_back(INVITATION, subject=INVITED, version=version, to=invitation.email)


def address_changed(person: Person, *, old: str, new: str) -> None:
    """To the old address: it is no longer the one of this account."""
    words = {"name": person.first_name, "new": new}
    outbox.put(
        ADDRESS_CHANGED, subject=subject_of(person.id), version=new_token(), to=old, zone=person.time_zone, words=words
    )


def subject_of(person_id: int) -> str:
    """What a letter to an address that was theirs tells of."""
    return f"person {person_id}"


def erased(person: Person) -> None:
    """The last one. Nobody keeps that it was sent."""
    outbox.put(ERASED, subject="an account", version=new_token(), to=person.email, zone=person.time_zone, words={})


def passkey_added(person: Person, *, name: str) -> None:
    """There is one more way to sign in as this person."""
    _about_passkeys(PASSKEY_ADDED, person, names=[name])


def passkeys_removed(person: Person, *, names: list[str]) -> None:
    """These sign this person in no more."""
    _about_passkeys(PASSKEYS_REMOVED, person, names=names)


def _about_passkeys(about: Kind, person: Person, *, names: list[str]) -> None:
    subject, words = f"passkeys of person {person.id}", {"name": person.first_name, "names": names}
    outbox.put(about, subject=subject, version=new_token(), to=person.email, zone=person.time_zone, words=words)
