"""The outbox: what is to be told, committed together with what happened."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.addresses import follows, is_somebodys
from portal.clock import now
from portal.database import Table, UTCDateTime, skip_locked, write
from portal.mail.kinds import KINDS, Kind

LEASE = timedelta(minutes=5)
"""A worker that dies while sending frees its letter after this."""
TRIES = 8
PAUSE_AT_ALL = timedelta(minutes=1)
"""Where the mail server cannot be reached."""
KEPT = timedelta(days=90)
"""So long is a letter kept that was sent, or is not to be: what it says is private, and its links work that long."""
PAUSES = (1, 5, 30, 120, 360, 360, 360)
"""Minutes to wait after each failed try but the last."""


class Outbox(Table):
    """A letter. `kind` names its template folder; `words` (JSON) are the facts it is written from.

    It is `waiting`, then `sent`; `skipped` where it was no longer true or no longer wanted; `dead` after eight
    tries, until a coordinator sends it again or discards it. Once its story has ended, what it said is gone.
    """

    id = peewee.AutoField()

    kind = peewee.TextField()
    subject = peewee.TextField()
    """What it tells of: "session 12". Letters of one subject reach one reader in order."""
    version = peewee.TextField(default="")
    recipient = peewee.TextField()
    zone = peewee.TextField()
    words = peewee.TextField()
    created_at = UTCDateTime()
    due_at = UTCDateTime()
    """When it is to go."""
    next_at = UTCDateTime()
    """When it is tried next."""
    tries = peewee.IntegerField(default=0)
    state = peewee.TextField(default="waiting")
    error = peewee.TextField(null=True)
    """Why the last try failed, or why it was skipped; nothing while it is tried."""
    sent_at = UTCDateTime(null=True)

    class Meta:
        constraints = [peewee.Check("state in ('waiting', 'sent', 'skipped', 'dead', 'discarded')")]
        indexes = ((("subject", "recipient", "kind", "version"), True), (("state", "next_at"), False))

    @property
    def facts(self) -> dict[str, Any]:
        """The words as a dictionary."""
        facts: dict[str, Any] = json.loads(self.words)
        return facts


KEY = (Outbox.subject, Outbox.recipient, Outbox.kind, Outbox.version)


def put(
    kind: Kind,
    *,
    subject: str,
    to: str,
    zone: str,
    words: dict[str, Any],
    version: object = "",
    later: timedelta = timedelta(),
) -> None:
    """Put one letter into the outbox, in the transaction of the fact it tells; it is due `later`.

    Unique by kind, subject, version and recipient: put twice, it is sent once. Nobody writes to somebody who left.
    """
    if not is_somebodys(to):
        return
    instant = now()
    # What failed before is tried again now, so that nothing new waits behind it for hours.
    before = (Outbox.subject == subject) & (Outbox.recipient == to) & (Outbox.state == "waiting")
    Outbox.update(next_at=instant).where(before & Outbox.error.is_null(False)).execute()
    Outbox.insert(
        kind=kind.name,
        subject=subject,
        version=str(version),
        recipient=to,
        zone=zone,
        words=json.dumps(words),
        created_at=instant,
        due_at=instant + later,
        next_at=instant + later,
    ).on_conflict(action="nothing", conflict_target=list(KEY)).execute()


def take_back(kind: Kind, *, subject: str, to: str, version: object = "") -> None:
    """A letter that no worker has tried to send is no longer needed."""
    values = (subject, to, kind.name, str(version))
    wanted = [column == value for column, value in zip(KEY, values, strict=True)]
    Outbox.delete().where(*wanted, Outbox.state == "waiting", Outbox.tries == 0).execute()


def _due(instant: datetime) -> Any:
    """Waiting letters whose time has come, and before which nothing waits for the same reader on the same subject."""
    waiting = (Outbox.state == "waiting") & (Outbox.next_at <= instant)
    earlier = Outbox.alias()
    came_before = (earlier.due_at < Outbox.due_at) | ((earlier.due_at == Outbox.due_at) & (earlier.id < Outbox.id))
    holds_up = earlier.select(earlier.id).where(
        earlier.subject == Outbox.subject,
        earlier.recipient == Outbox.recipient,
        earlier.state == "waiting",
        came_before,
    )
    due = Outbox.select().where(waiting & ~peewee.fn.EXISTS(holds_up))
    return due.order_by(Outbox.next_at, Outbox.id).limit(1)


def lease(instant: datetime) -> Outbox | None:
    """Take the next due letter; nobody else gets it until the lease is over."""
    return _lease(instant) if _due(instant).exists() else None  # looking takes no write lock


@write
def _lease(instant: datetime) -> Outbox | None:
    letter: Outbox | None = skip_locked(_due(instant)).first()
    if letter is None:
        return None
    if letter.tries >= TRIES:
        _give_up(letter, "the worker died in the last try to send it")
        return _lease(instant)
    letter.tries += 1
    letter.next_at = instant + LEASE
    letter.error = None
    letter.save(only=[Outbox.tries, Outbox.next_at, Outbox.error])
    return letter


@write
def mark_sent(letter: Outbox) -> None:
    """The mail server took it."""
    _end(letter, state="sent", sent_at=now(), error=None)


@write
def mark_skipped(letter: Outbox, why: str) -> None:
    """It is not to be sent any more: what it tells is over, or its reader does not want to hear it."""
    _end(letter, state="skipped", error=why)


@write
def mark_failed(letter: Outbox, error: str) -> None:
    """The mail server did not take it: wait, then try again. After eight tries it is dead."""
    if letter.tries >= TRIES:
        _give_up(letter, error[:500], Outbox.tries == letter.tries)
    else:
        pause = timedelta(minutes=PAUSES[letter.tries - 1])
        _change_in_this_try(letter, next_at=now() + pause, error=error[:500])


@write
def put_back(letter: Outbox, error: str) -> None:
    """Nothing was tried: it goes a minute later."""
    _change_in_this_try(letter, tries=letter.tries - 1, next_at=now() + PAUSE_AT_ALL, error=error[:500])


@follows
def _readdress(old: str, new: str) -> None:
    """What waits goes to the new address, and what was sent counts as sent there: the old one is forgotten. A letter
    that is there twice by that has been told already.
    """
    twice = Outbox.alias()
    told = twice.select(twice.id).where(
        twice.recipient == new,
        twice.subject == Outbox.subject,
        twice.kind == Outbox.kind,
        twice.version == Outbox.version,
    )
    theirs = Outbox.recipient == old
    Outbox.update(recipient=new).where(theirs & ~peewee.fn.EXISTS(told)).execute()
    Outbox.delete().where(theirs).execute()


@write
def forget_old() -> None:
    """Letters whose story ended long ago are of no use to anybody."""
    over = (Outbox.state != "waiting") & (Outbox.due_at < now() - KEPT)
    Outbox.delete().where(over).execute()


def backlog() -> tuple[int, timedelta]:
    """How many letters are due and not sent, and how long the oldest has been."""
    waits = (Outbox.state == "waiting") & (Outbox.due_at <= now())
    count, oldest = Outbox.select(peewee.fn.COUNT(Outbox.id), peewee.fn.MIN(Outbox.due_at)).where(waits).tuples()[0]
    return count, now() - oldest if count else timedelta()


def some_pass() -> bool:
    """Whether letters are on their way of which nobody is to know."""
    passing = [kind.name for kind in KINDS.values() if not kind.is_kept]
    return bool(Outbox.select().where(Outbox.kind << passing).exists())


def said_in(letter: Outbox) -> str:
    """What is kept of its words, once its story has ended."""
    links = KINDS[letter.kind].links if letter.kind in KINDS else ()
    return json.dumps({name: value for name, value in letter.facts.items() if name in links})


def _end(letter: Outbox, **changes: Any) -> None:
    if is_kept(letter):
        _change(letter, words=said_in(letter), **changes)
    else:
        Outbox.delete().where(Outbox.id == letter.id).execute()


def _give_up(letter: Outbox, error: str, *where: Any) -> None:
    """A coordinator can send it again, unless nobody is to know of it."""
    if is_kept(letter):
        _change(letter, *where, state="dead", error=error)
    else:
        Outbox.delete().where(Outbox.id == letter.id, *where).execute()


def is_kept(letter: Outbox) -> bool:
    """Whether it is remembered once its story has ended."""
    return letter.kind not in KINDS or KINDS[letter.kind].is_kept


def _change_in_this_try(letter: Outbox, **changes: Any) -> None:
    """Unless the lease ran out and another worker tries it now."""
    _change(letter, Outbox.tries == letter.tries, **changes)


def _change(letter: Outbox, *where: Any, **changes: Any) -> None:
    """Where it still waits: what was noted of its end stays."""
    Outbox.update(**changes).where(Outbox.id == letter.id, Outbox.state == "waiting", *where).execute()
