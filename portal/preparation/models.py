"""What both sides prepare, the conversation of a session, and what they were reminded of."""

from __future__ import annotations

from typing import Any

import peewee

from portal.database import Reference, Table, UTCDateTime
from portal.people.models import Block, Person
from portal.sessions.models import Session


class Preparation(Table):
    """The mentor has read the brief and wrote back; the mentee is ready."""

    session_id: int
    ready_by_id: int | None

    session = Reference(Session, primary_key=True, on_delete="CASCADE")
    read_at = UTCDateTime(null=True)
    line = peewee.TextField(default="")
    links = peewee.TextField(default="")
    """One on each line."""
    ready_at = UTCDateTime(null=True)
    ready_by = Reference(Person, null=True, on_delete="SET NULL")
    """Who was ready: a session that is handed over has a mentee who may not be yet."""

    @property
    def link_list(self) -> list[str]:
        """The links in the mentor's order."""
        return [link for link in self.links.split("\n") if link]

    def is_read(self, session: Session) -> bool:
        """Whether the mentor has read the questions as they are now."""
        return self.read_at is not None and bool(self.read_at >= session.questions_at)

    def is_ready(self, session: Session) -> bool:
        """Whether the mentee of now has said so."""
        return self.ready_at is not None and bool(self.ready_by_id == session.mentee_id)


class Message(Table):
    """One message of a conversation. `key` is made with the form: sent twice, it is one message."""

    id = peewee.AutoField()
    session_id: int
    person_id: int | None

    key = peewee.TextField(unique=True)
    session = Reference(Session, on_delete="CASCADE", index=False)
    person = Reference(Person, null=True, on_delete="SET NULL")
    text = peewee.TextField()
    at = UTCDateTime()

    class Meta:
        indexes = ((("session", "id"), False),)


def is_blocked_for(reader: int) -> Any:
    """Whether somebody wrote it whom this reader had blocked by then, in SQL."""
    theirs = (Block.person == reader) & (Block.blocked == Message.person) & (Block.at <= Message.at)
    return peewee.fn.EXISTS(Block.select(Block.at).where(theirs))


class Reading(Table):
    """How far a person has read a conversation, and when they were last seen there."""

    session_id: int
    person_id: int

    session = Reference(Session, on_delete="CASCADE", index=False)
    person = Reference(Person, on_delete="CASCADE")
    message = peewee.IntegerField(default=0)
    """The id of the last message they were shown."""
    seen_at = UTCDateTime()

    class Meta:
        primary_key = peewee.CompositeKey("session", "person")


class Reminder(Table):
    """A reminder of a session came due, `hours` before its start, and what was done about it."""

    session_id: int

    session = Reference(Session, on_delete="CASCADE", index=False)
    start = UTCDateTime()
    hours = peewee.IntegerField()
    at = UTCDateTime()
    is_late = peewee.BooleanField()
    """It was found more than a quarter of an hour after it was due."""
    is_told = peewee.BooleanField()
    """Somebody had to do something, and it was not too late to say so."""

    class Meta:
        primary_key = peewee.CompositeKey("session", "start", "hours")
