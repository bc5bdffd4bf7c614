"""Signing in by e-mail: a code (see `proving`), or a one-time link from the help desk."""

from __future__ import annotations

from datetime import timedelta

from portal.clock import now
from portal.database import write
from portal.errors import NotAllowedNow
from portal.limits import limits
from portal.people import invited, mails
from portal.people.audit import What, record
from portal.people.codes import fingerprint, new_token
from portal.people.models import Person, SignInCode, SignInLink
from portal.people.proving import WrongCode, send_code, use_code

LINK_LIFE = timedelta(hours=1)


@write
def request_code(email: str, *, browser: str, zone: str, known: str = "", is_suspect: bool = False) -> SignInCode:
    """Send a code to `email`: see `send_code`.

    Does the same whether or not the address is known; one that may not sign up gets a mail that says so instead.
    """
    kind = mails.CODE if may_enter(email) else mails.NOT_OPEN
    return send_code(kind, email, browser=browser, zone=zone, known=known, is_suspect=is_suspect)


def prove_code(typed: str, *, browser: str, secret_key: str, is_suspect: bool = False) -> Person:
    """The person whose code this browser asked for last. Raises WrongCode.

    An address never seen before becomes a person. Each call is a try, right or wrong.
    """
    code = use_code(typed, browser=browser, secret_key=secret_key, is_suspect=is_suspect)
    return _let_in(code)


@write
def _let_in(code: SignInCode) -> Person:
    invited.hold(code.email)  # it is not taken back while they come
    if not may_enter(code.email):
        raise WrongCode("This is not the code we sent. Ask for a new one.")
    return person_with(code.email, zone=code.zone)


def may_enter(email: str) -> bool:
    """Whether somebody with this address, in lower case, may sign up, or has done so. It asks the same of all, so that
    the time it takes tells nothing.
    """
    has_account = Person.select().where(Person.email == email).exists()
    is_invited = invited.invitation_of(email) is not None
    return bool(limits().may_sign_up(email) or has_account or is_invited)


@write
def person_with(email: str, *, zone: str = "Etc/UTC") -> Person:
    """The person with this address, made now if there is none."""
    email = normal_email(email)
    Person.insert(email=email, created_at=now(), time_zone=zone).on_conflict(
        action="nothing", conflict_target=[Person.email]
    ).execute()
    person: Person = Person.get(Person.email == email)
    return person


def known(email: str) -> Person:
    """Who has this address here. Raises NotAllowedNow where nobody has."""
    person: Person | None = Person.get_or_none(Person.email == normal_email(email))
    if person is None:
        raise NotAllowedNow(f"nobody here has the address {email}")
    return person


@write
def forget_old() -> None:
    """Codes, links and invitations that no longer count are of no use to anybody."""
    yesterday = now() - timedelta(days=1)
    SignInCode.delete().where(SignInCode.expires_at < yesterday).execute()
    SignInLink.delete().where(SignInLink.expires_at < yesterday).execute()
    invited.forget_old()


def normal_email(email: str) -> str:
    """One spelling for one address."""
    return email.strip().lower()


@write
def issue_link(email: str) -> str:
    """A token that signs in the person with this address once, within the hour."""
    token = new_token()
    person = person_with(email)
    SignInLink.create(person=person, token_hash=fingerprint(token), expires_at=now() + LINK_LIFE)
    record(What.LINK_MADE, by=None, about=person)
    return token


def is_link_valid(token: str) -> bool:
    """Whether a link can still be used. Looking does not use it."""
    return SignInLink.select().where(_valid(token)).exists()


@write
def use_link(token: str) -> Person:
    """Sign in by a link: the first use wins. Raises WrongCode."""
    link = SignInLink.select(SignInLink, Person).join(Person).where(_valid(token)).first()
    used = SignInLink.update(used_at=now()).where(_valid(token)).execute() if link is not None else 0
    if link is None or not used:
        raise WrongCode("This link has been used or has expired. Sign in with your e-mail instead.")
    person: Person = link.person
    return person


def _valid(token: str) -> object:
    return (
        (SignInLink.token_hash == fingerprint(token)) & SignInLink.used_at.is_null() & (SignInLink.expires_at > now())
    )
