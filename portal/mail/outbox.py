"""The outbox: what is to be told, committed together with what happened."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.clock import now
from portal.database import Table, UTCDateTime, skip_locked, write

LEASE = timedelta(minutes=5)
"""A worker that dies while sending frees its letter after this."""
TRIES = 8
PAUSES = (1, 5, 30, 120, 360, 360, 360, 360)
"""Minutes to wait after each failed try."""


class Outbox(Table):
    """A letter. `kind` names its template folder; `words` (JSON) are the facts it is written from."""

    id = peewee.AutoField()

    kind = peewee.TextField()
    key = peewee.TextField(unique=True)
    recipient = peewee.TextField()
    zone = peewee.TextField()
    words = peewee.TextField()
    created_at = UTCDateTime()
    due_at = UTCDateTime()
    tries = peewee.IntegerField(default=0)
    error = peewee.TextField(null=True)
    sent_at = UTCDateTime(null=True)

    class Meta:
        indexes = ((("sent_at", "due_at"), False),)

    @property
    def facts(self) -> dict[str, Any]:
        """The words as a dictionary."""
        facts: dict[str, Any] = json.loads(self.words)
        return facts


def put(kind: str, *, subject: str, to: str, zone: str, words: dict[str, Any], later: timedelta = timedelta()) -> None:
    """Put one letter into the outbox, in the transaction of the fact it tells; it is due `later`.

    Unique by kind, subject and recipient: put twice, it is sent once.
    """
    instant = now()
    Outbox.insert(
        kind=kind,
        key=_key(kind, subject, to),
        recipient=to,
        zone=zone,
        words=json.dumps(words),
        created_at=instant,
        due_at=instant + later,
    ).on_conflict(action="nothing", conflict_target=[Outbox.key]).execute()


def take_back(kind: str, *, subject: str, to: str) -> None:
    """A letter that no worker has tried to send is no longer needed."""
    Outbox.delete().where((Outbox.key == _key(kind, subject, to)) & (Outbox.tries == 0)).execute()


def _key(kind: str, subject: str, to: str) -> str:
    return f"{kind} {subject} {to}"


def _due(instant: datetime) -> Any:
    waiting = Outbox.sent_at.is_null() & (Outbox.due_at <= instant) & (Outbox.tries < TRIES)
    return Outbox.select().where(waiting).order_by(Outbox.due_at, Outbox.id).limit(1)


def lease(instant: datetime) -> Outbox | None:
    """Take the next due letter; nobody else gets it until the lease is over."""
    return _lease(instant) if _due(instant).exists() else None  # looking takes no write lock


@write
def _lease(instant: datetime) -> Outbox | None:
    letter: Outbox | None = skip_locked(_due(instant)).first()
    if letter is not None:
        letter.tries += 1
        letter.due_at = instant + LEASE
        letter.save(only=[Outbox.tries, Outbox.due_at])
    return letter


@write
def mark_sent(letter: Outbox) -> None:
    """The mail server took it."""
    Outbox.update(sent_at=now(), error=None).where(Outbox.id == letter.id).execute()


@write
def mark_failed(letter: Outbox, error: str) -> None:
    """The mail server did not take it: wait, then try again, eight times in all."""
    pause = timedelta(minutes=PAUSES[min(letter.tries, len(PAUSES)) - 1])
    Outbox.update(due_at=now() + pause, error=error[:500]).where(Outbox.id == letter.id).execute()
