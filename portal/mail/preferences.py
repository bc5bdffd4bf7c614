"""Which kinds of letters an address does without, and whether a letter is still to be sent."""

from __future__ import annotations

from collections.abc import Iterable

import peewee

from portal.addresses import follows
from portal.clock import now
from portal.database import Table, UTCDateTime, column, write
from portal.mail.kinds import KINDS, Kind
from portal.mail.outbox import Outbox

ALL = "all"
"""In place of a kind: nothing goes there that is not needed, whatever was chosen."""


class Unwanted(Table):
    """This address does not want letters of this kind, or gets none but what is needed."""

    recipient = peewee.TextField()
    kind = peewee.TextField()
    at = UTCDateTime()

    class Meta:
        primary_key = peewee.CompositeKey("recipient", "kind")


def why_not(letter: Outbox) -> str:
    """Why this letter is not to be sent, looked up now; empty where it is."""
    known = KINDS[letter.kind]
    if not known.is_needed and {letter.kind, ALL} & unwanted_by(letter.recipient):
        return "unwanted"
    return known.why_not(letter)


def unwanted_by(recipient: str) -> set[str]:
    """The kinds that an address does without."""
    return set(column(Unwanted.select(Unwanted.kind).where(Unwanted.recipient == recipient)))


@write
def stop(name: str, *, recipient: str) -> None:
    """Send no more letters of this kind there. Done twice, it is done."""
    Unwanted.insert(recipient=recipient, kind=name, at=now()).on_conflict(
        action="nothing", conflict_target=[Unwanted.recipient, Unwanted.kind]
    ).execute()


@follows
def _readdress(old: str, new: str) -> None:
    """Who wanted none wants none at the new address."""
    for name in unwanted_by(old):
        stop(name, recipient=new)
    Unwanted.delete().where(Unwanted.recipient == old).execute()


@write
def choose(names: Iterable[str], *, recipient: str, among: Iterable[str]) -> None:
    """Of the kinds `among`, an address wants these and no others."""
    wanted, asked = set(names), [name for name in among if not KINDS[name].is_needed]
    Unwanted.delete().where((Unwanted.recipient == recipient) & (Unwanted.kind << asked)).execute()
    for name in asked:
        if name not in wanted:
            stop(name, recipient=recipient)


@write
def silence(recipient: str) -> None:
    """Send nothing there but what is needed. What was chosen is kept."""
    stop(ALL, recipient=recipient)


@write
def end_silence(recipient: str) -> None:
    """Send what was chosen again."""
    Unwanted.delete().where((Unwanted.recipient == recipient) & (Unwanted.kind == ALL)).execute()


def optional(readers: Iterable[str]) -> list[Kind]:
    """The kinds that such readers can do without."""
    asked = set(readers)
    return [kind for kind in KINDS.values() if not kind.is_needed and kind.readers in asked]
