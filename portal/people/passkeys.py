"""The passkeys of a person: made, used to sign in, named, removed; and offered once."""

from __future__ import annotations

import secrets

from portal.clock import now
from portal.database import lock, write
from portal.errors import Missing, NotAllowedNow
from portal.people import mails
from portal.people.audit import What, record
from portal.people.codes import fingerprint
from portal.people.models import Person, SignIn
from portal.people.passkey_models import Challenge, Passkey
from portal.people.passkey_proof import (
    LIFE,
    Made,
    Site,
    Used,
    WrongPasskey,
    challenge_made,
    check_made,
    check_used,
    handle_of,
    to_make,
    to_use,
    used,
)
from portal.people.sign_ins import browser_name

MOST = 20
"""So many can one person have."""
TOO_MANY = f"You have {MOST} passkeys, and that is the most. Remove one first."
NEEDED = "You need a passkey for your coordinator's pages, and this is your last. Make another one first."


def ask_to_make(person: Person, *, browser: str, site: Site) -> str:
    """What this `browser` is to be asked for a new passkey, as JSON. Raises NotAllowedNow where there are too many."""
    known = passkeys_of(person)
    if len(known) >= MOST:
        raise NotAllowedNow(TOO_MANY)
    return to_make(person, challenge=_new_challenge(browser), site=site, known=known)


def ask_to_use(*, browser: str, site: Site) -> str:
    """What this `browser` is to be asked for a passkey, whosever it is, as JSON."""
    return to_use(challenge=_new_challenge(browser), site=site)


@write
def _new_challenge(browser: str) -> str:
    challenge = secrets.token_urlsafe(32)
    Challenge.create(challenge_hash=fingerprint(challenge), browser=fingerprint(browser), expires_at=now() + LIFE)
    return challenge


@write
def _use_challenge(challenge: str, *, browser: str) -> None:
    """A challenge counts once, right or wrong, in the browser that was asked."""
    asked = (Challenge.challenge_hash == fingerprint(challenge)) & (Challenge.browser == fingerprint(browser))
    if not Challenge.delete().where(asked & (Challenge.expires_at > now())).execute():
        raise WrongPasskey("That took too long, or was sent twice. Please try again.")


def make(answer: str, *, person: Person, browser: str, site: Site, agent: str) -> Passkey:
    """Keep the passkey that this `browser`, which names itself `agent`, says was made, and tell the person. Raises
    WrongPasskey, and NotAllowedNow where there are too many.
    """
    challenge = challenge_made(answer)
    _use_challenge(challenge, browser=browser)
    return _keep(check_made(answer, challenge=challenge, site=site), person=person, agent=agent)


@write
def _keep(made: Made, *, person: Person, agent: str) -> Passkey:
    lock(Person, [person.id])
    others = passkeys_of(person)
    if len(others) >= MOST:
        raise NotAllowedNow(TOO_MANY)
    if Passkey.select().where(Passkey.credential_id == made.credential_id).exists():
        raise WrongPasskey("This passkey is in use already. Make another one.")
    passkey: Passkey = Passkey.create(
        person=person,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
        name=_new_name(browser_name(agent), {other.name for other in others}),
        made_at=now(),
    )
    record(What.PASSKEY_MADE, by=person)
    mails.passkey_added(person, name=passkey.name)
    return passkey


def _new_name(browser: str, taken: set[str]) -> str:
    """By the browser in which it was made: "Chrome on Android", "Chrome on Android 2"."""
    names = (browser, *(f"{browser} {number}" for number in range(2, MOST + 1)))
    return next(name for name in names if name not in taken)


def use(answer: str, *, browser: str, site: Site) -> Person:
    """The person whose passkey this `browser` has used. Raises WrongPasskey."""
    said = used(answer)
    _use_challenge(said.challenge, browser=browser)
    passkey = _passkey_of(said)
    count = check_used(answer, passkey=passkey, challenge=said.challenge, site=site)
    _note_use(passkey, count)
    person: Person = passkey.person
    return person


def _passkey_of(said: Used) -> Passkey:
    found = Passkey.select(Passkey, Person).join(Person).where(Passkey.credential_id == said.credential_id).first()
    if found is None or said.handle != handle_of(found.person):
        raise WrongPasskey("This passkey is not known here any more. Remove it from your device, and have a code sent.")
    passkey: Passkey = found
    return passkey


@write
def _note_use(passkey: Passkey, count: int) -> None:
    """Between two uses at once of a device that counts, the later one is refused."""
    same = (Passkey.id == passkey.id) & (Passkey.sign_count == passkey.sign_count)
    if not Passkey.update(sign_count=count, used_at=now()).where(same).execute():
        raise WrongPasskey("That passkey did not work here. Please try again.")


def passkeys_of(person: Person) -> list[Passkey]:
    """The one made last first."""
    return list(Passkey.select().where(Passkey.person == person).order_by(Passkey.made_at.desc(), Passkey.id.desc()))


def has_passkey(person: Person) -> bool:
    """Whether this person has one."""
    return Passkey.select().where(Passkey.person == person).exists()


def passkey_of(person: Person, key: int) -> Passkey:
    """One of this person's own. Raises Missing."""
    found: Passkey | None = Passkey.get_or_none((Passkey.id == key) & (Passkey.person == person))
    if found is None:
        raise Missing
    return found


@write
def rename(passkey: Passkey, name: str) -> None:
    """Call it by a name that its owner knows it by."""
    Passkey.update(name=name).where(Passkey.id == passkey.id).execute()


def why_not_remove(person: Person, *, left: int) -> str:
    """Why this person cannot remove one of the `left` passkeys: it is the last, and without it there would be no way
    to what they run. For all others the code from the mail is a way in.
    """
    return NEEDED if left == 1 and person.needs_passkey else ""


@write
def remove(passkey: Passkey, *, person: Person) -> None:
    """Let it sign nobody in any more, and tell the person. Raises NotAllowedNow."""
    lock(Person, [person.id])
    why_not = why_not_remove(person, left=len(passkeys_of(person)))
    if why_not:
        raise NotAllowedNow(why_not)
    if Passkey.delete().where(Passkey.id == passkey.id).execute():
        record(What.PASSKEY_REMOVED, by=person)
        mails.passkeys_removed(person, names=[passkey.name])


@write
def forget_passkeys(person: Person) -> int:
    """For somebody whose device is lost: remove all, and sign them out everywhere, for it may be signed in. Returns
    how many there were.
    """
    names = [passkey.name for passkey in passkeys_of(person)]
    Passkey.delete().where(Passkey.person == person).execute()
    SignIn.delete().where(SignIn.person == person).execute()
    record(What.PASSKEY_REMOVED, by=None, about=person, detail=f"all, and signed out: {len(names)}")
    if names:
        mails.passkeys_removed(person, names=names)
    return len(names)


def is_offered_to(person: Person) -> bool:
    """Whether to offer a passkey to somebody who signed in without one: not once they said "Not now"."""
    return person.passkey_declined_at is None and not has_passkey(person)


@write
def decline(person: Person) -> None:
    """Not now: it is not offered again, and stays in the account."""
    Person.update(passkey_declined_at=now()).where(Person.id == person.id).execute()


@write
def forget_old() -> None:
    """Challenges that were not answered in time."""
    Challenge.delete().where(Challenge.expires_at <= now()).execute()
