"""Another e-mail address: the new one is proved first, the old one is told, and other browsers are signed out."""

from __future__ import annotations

import peewee

from portal.addresses import follow
from portal.database import write
from portal.errors import NotAllowedNow
from portal.people import mails, sign_ins
from portal.people.audit import What, record
from portal.people.models import Person, SignInCode, SignInLink
from portal.people.proving import send_code, use_code
from portal.people.suspensions import check_may_enter

IN_USE = "This address has an account of its own. Sign in with it, or use another."


def ask_to_change(to: str, *, browser: str, zone: str, known: str = "", is_suspect: bool = False) -> SignInCode:
    """Send a code to the new address. Nothing changes before it is typed."""
    return send_code(mails.ADDRESS_CODE, to, browser=browser, zone=zone, known=known, is_suspect=is_suspect)


def change(person: Person, typed: str, *, browser: str, secret_key: str, is_suspect: bool = False) -> None:
    """Make the address whose code this browser asked for the one of this person. Raises WrongCode, and NotAllowedNow
    where somebody else has it, ShutOut.
    """
    code = use_code(typed, browser=browser, secret_key=secret_key, is_suspect=is_suspect)
    try:
        _change(person, code.email)
    except peewee.IntegrityError:
        raise NotAllowedNow(IN_USE) from None


@write
def _change(person: Person, new: str) -> None:
    old = check_may_enter(person).email
    if new == old:
        return
    Person.update(email=new).where(Person.id == person.id).execute()
    sign_ins.end_others(person)
    # What could still sign in by the old address counts no more.
    SignInCode.delete().where(SignInCode.email == old).execute()
    SignInLink.delete().where(SignInLink.person == person).execute()
    follow(old, new)
    record(What.ADDRESS_CHANGED, by=person)
    mails.address_changed(person, old=old, new=new)
