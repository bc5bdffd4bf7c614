"""What was asked for."""

from __future__ import annotations

import peewee

from portal.database import Table


class Asked(Table):
    """Somebody looked for this in this week (Monday, ISO date). `asker` is a hash that changes every
    week and leads back to nobody; it only makes one asker count once.
    """

    week = peewee.TextField()
    need = peewee.TextField()
    asker = peewee.TextField()
    offered = peewee.BooleanField()
    """Whether any mentor answered the need."""
    soon = peewee.BooleanField()
    """Whether one of them had an opening within 7 days."""

    class Meta:
        primary_key = peewee.CompositeKey("week", "need", "asker")
