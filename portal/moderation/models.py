"""Decisions: only ever added to, which the database enforces."""

from __future__ import annotations

import peewee

from portal.database import Reference, Table, UTCDateTime
from portal.people.models import Person


class Decision(Table):
    """Who decided what, when and why."""

    id = peewee.AutoField()
    coordinator_id: int

    subject = peewee.TextField()
    """"profile", "line", "expertise" or "person"."""
    subject_id = peewee.IntegerField()
    about = peewee.TextField()
    """What it was called then."""
    what = peewee.TextField()
    reason = peewee.TextField(default="")
    coordinator = Reference(Person)
    at = UTCDateTime()

    class Meta:
        indexes = ((("subject", "subject_id"), False),)
