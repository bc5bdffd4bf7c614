"""Signing in by e-mail: a 6-digit code, or a one-time link from the help desk."""

from __future__ import annotations

from datetime import timedelta

from portal.clock import now
from portal.database import write
from portal.errors import Refusal
from portal.limits import limits
from portal.mail.kinds import Kind
from portal.people import invited, mails
from portal.people.audit import What, record
from portal.people.codes import code_for, fingerprint, new_token, same
from portal.people.models import Person, SignInCode, SignInLink

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
LINK_LIFE = timedelta(hours=1)


class WrongCode(Refusal):
    """The code is not the one that was sent, or no longer counts. The message says what to do."""

    status = 422


@write
def request_code(email: str, *, browser: str, zone: str) -> None:
    """Send a code to `email`, good for 10 minutes and 5 tries in this `browser` alone.

    Does the same whether or not the address is known; one that may not sign up gets a mail that says so instead.
    """
    send_code(mails.CODE if may_enter(email) else mails.NOT_OPEN, email, browser=browser, zone=zone)


@write
def send_code(kind: Kind, email: str, *, browser: str, zone: str) -> None:
    """Send a code by a letter of this kind, good for 10 minutes and 5 tries in this `browser` alone."""
    seed = new_token()
    SignInCode.create(email=email, seed=seed, browser=fingerprint(browser), zone=zone, expires_at=now() + CODE_LIFE)
    mails.code(kind, email, seed=seed, zone=zone)


def prove_code(typed: str, *, browser: str, secret_key: str) -> Person:
    """The person whose code this browser asked for last. Raises WrongCode.

    An address never seen before becomes a person. Each call is a try, right or wrong.
    """
    code = use_code(typed, browser=browser, secret_key=secret_key)
    return _let_in(code)


@write
def _let_in(code: SignInCode) -> Person:
    invited.hold(code.email)  # it is not taken back while they come
    if not may_enter(code.email):
        raise WrongCode("This is not the code we sent. Ask for a new one.")
    return person_with(code.email, zone=code.zone)


def may_enter(email: str) -> bool:
    """Whether somebody with this address, in lower case, may sign up, or has done so."""
    has_account = Person.select().where(Person.email == email)
    return limits().may_sign_up(email) or has_account.exists() or invited.invitation_of(email) is not None


def use_code(typed: str, *, browser: str, secret_key: str) -> SignInCode:
    """The code that this browser asked for last, if it is this one. It counts once. Raises WrongCode."""
    code = _count_try(browser)
    if code is None:
        raise WrongCode("This code has expired or was tried too often. Ask for a new one.")
    if not same(typed, code_for(code.seed, secret_key)):
        left = CODE_TRIES - code.tries
        if not left:
            _note_refusals(code)
        raise WrongCode(
            f"This is not the code we sent. {left} {'try' if left == 1 else 'tries'} left."
            if left
            else "This is not the code we sent. Ask for a new one."
        )
    _use_code(code)
    return code


@write
def _note_refusals(code: SignInCode) -> None:
    """Once for all tries of a code, whether or not somebody has the address: guessing fills no shelves."""
    whose = Person.get_or_none(Person.email == code.email)
    record(What.CODE_REFUSED, by=None, about=whose, detail=f"{CODE_TRIES} tries")


@write
def _count_try(browser: str) -> SignInCode | None:
    code: SignInCode | None = (
        SignInCode.select()
        .where(SignInCode.browser == fingerprint(browser))
        .order_by(SignInCode.expires_at.desc())
        .first()
    )
    if code is None or code.used_at is not None or code.expires_at <= now():
        return None
    counted = (
        SignInCode.update(tries=SignInCode.tries + 1)
        .where((SignInCode.id == code.id) & (SignInCode.tries < CODE_TRIES))
        .execute()
    )
    code.tries += 1
    return code if counted else None


@write
def _use_code(code: SignInCode) -> None:
    used = SignInCode.update(used_at=now()).where((SignInCode.id == code.id) & SignInCode.used_at.is_null()).execute()
    if not used:
        raise WrongCode("This code has been used. Ask for a new one.")


@write
def person_with(email: str, *, zone: str = "Etc/UTC") -> Person:
    """The person with this address, made now if there is none."""
    email = normal_email(email)
    Person.insert(email=email, created_at=now(), time_zone=zone).on_conflict(
        action="nothing", conflict_target=[Person.email]
    ).execute()
    person: Person = Person.get(Person.email == email)
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
