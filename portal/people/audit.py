"""The audit: who did what to whom, and when. Only ever added to, which the database enforces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from peewee import JOIN

from portal.clock import now
from portal.database import rows
from portal.people.models import Audit, Person

PAGE = 50
"""Lines on a page."""


class What(StrEnum):
    """All that is recorded, in the words that the page shows. What happens to a session stands in its own history,
    and what coordinators decide among the decisions, to which a line here leads.
    """

    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    PROVED_AGAIN = "proved again"
    PASSKEY_MADE = "passkey made"
    PASSKEY_REMOVED = "passkey removed"
    CODE_REFUSED = "code refused"
    ADDRESS_CHANGED = "address changed"
    DATA_DOWNLOADED = "own data downloaded"
    ACCOUNT_ERASED = "account erased"
    LINK_MADE = "sign-in link made"
    ACCOUNT_CONNECTED = "account elsewhere connected"
    ACCOUNT_ENDED = "account elsewhere disconnected"
    COORDINATOR_MADE = "made a coordinator"
    COORDINATOR_NO_LONGER = "no longer a coordinator"
    INVITED = "invited"
    INVITATION_ENDED = "invitation taken back"
    IMPORTED = "imported"
    DECIDED = "decided"
    PRIVATE_SEEN = "private part opened"
    MAIL_AGAIN = "mail sent again"
    MAIL_LEFT = "mail left undelivered"
    AUDIT_EXPORTED = "audit exported"


def record(
    what: What, *, by: Person | None, about: Person | int | None = None, thing: str = "", detail: str = ""
) -> None:
    """Write down what was done, in the transaction of the deed.

    `by` is who did it, None for what is done on the server or by somebody unknown; `about` is to whom, where that is
    another person, or their key. `thing` is what else it is about, by its number ("report 3"); `detail` is a word of
    ours or a count. No name, no address, nothing that people wrote goes into either: the line stays for ever, and
    whoever it is about may go.
    """
    Audit.create(at=now(), what=what, person=by, by_person=by is not None, about=about, thing=thing, detail=detail)


@dataclass(frozen=True)
class Wanted:
    """Which lines: of people with this in their name or address, of one kind, from an instant until before another."""

    who: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


def lines(wanted: Wanted, *, before: int | None = None, most: int = PAGE) -> list[dict[str, Any]]:
    """They, the newest first, or those that come after the line with the number `before`. One statement."""
    person, about = Person.alias(), Person.alias()
    query = (
        Audit.select(
            Audit,
            person.name.alias("name"),
            person.email.alias("email"),
            about.name.alias("about_name"),
            about.email.alias("about_email"),
        )
        .join(person, JOIN.LEFT_OUTER, on=Audit.person == person.id)
        .switch(Audit)
        .join(about, JOIN.LEFT_OUTER, on=Audit.about == about.id)
    )
    for condition in _conditions(wanted, before):
        query = query.where(condition)
    return rows(query.order_by(Audit.id.desc()).limit(most))


def _conditions(wanted: Wanted, before: int | None) -> list[Any]:
    conditions = []
    if wanted.who:
        named = Person.name.contains(wanted.who) | Person.email.contains(wanted.who)
        conditions += [_of_one(Person.select(Person.id).where(named))]
    if wanted.what:
        conditions += [Audit.what == wanted.what]
    if wanted.since:
        conditions += [Audit.at >= wanted.since]
    if wanted.until:
        conditions += [Audit.at < wanted.until]
    if before is not None:
        conditions += [Audit.id < before]
    return conditions


def _of_one(people: Any) -> Any:
    return (Audit.person << people) | (Audit.about << people)


def lines_on(thing: str, what: What) -> list[Audit]:
    """Who did this to one thing, the latest first, each with who it was where they are still here."""
    about = (Audit.thing == thing) & (Audit.what == what)
    return list(Audit.select(Audit, Person).join(Person, JOIN.LEFT_OUTER).where(about).order_by(Audit.id.desc()))
