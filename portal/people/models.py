"""A person, and the codes and links that sign one in."""

from __future__ import annotations

from datetime import datetime, timedelta

import peewee

from portal.database import Reference, Table, UTCDateTime

LIFE = timedelta(days=30)
"""A browser that was not seen for so long is signed out."""
FRESH = timedelta(minutes=15)
"""So long after a proof nobody is asked for another."""

INVITED_FOR = timedelta(days=60)
"""So long does an invitation count, and is anything known of it."""
AGAIN_AFTER = timedelta(days=1)
"""Nobody gets two within this."""


class Person(Table):
    """An account. Anyone signed in can act as a mentee."""

    id = peewee.AutoField()

    email = peewee.TextField(unique=True)
    name = peewee.TextField(default="")
    headline = peewee.TextField(default="")
    time_zone = peewee.TextField(default="Etc/UTC")
    is_coordinator = peewee.BooleanField(default=False)
    created_at = UTCDateTime()
    paused_until = UTCDateTime(null=True)
    """A coordinator lets this person book nothing before."""

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    sign_in: SignIn | None = None
    """The browser in which this person is signed in now."""
    token = ""
    """What that browser's cookie holds."""

    def get_id(self) -> str:
        """What the signed cookie remembers."""
        return self.token

    def is_fresh(self, now: datetime) -> bool:
        """Whether it was shown a moment ago who this is."""
        return self.sign_in is not None and self.sign_in.is_fresh(now)

    def is_paused(self, now: datetime) -> bool:
        """Whether a coordinator lets this person book nothing now."""
        return self.paused_until is not None and bool(now < self.paused_until)

    @property
    def first_name(self) -> str:
        """For sentences: "Laila reads these before you meet."."""
        return first_name(self.name)


class Block(Table):
    """`person` has blocked `blocked`: neither is offered the other's openings. Only `person` knows."""

    person_id: int
    blocked_id: int

    person = Reference(Person, on_delete="CASCADE", index=False)
    blocked = Reference(Person, on_delete="CASCADE", index=True)
    at = UTCDateTime()

    class Meta:
        primary_key = peewee.CompositeKey("person", "blocked")


def first_name(name: str) -> str:
    """The first word of a name."""
    return name.split(" ", 1)[0]


class Invitation(Table):
    """A coordinator has invited somebody with this address. They may sign up, whatever the rule is."""

    id = peewee.AutoField()
    by_id: int | None

    mailbox = peewee.TextField(unique=True)
    """The address in one spelling, also of a domain with letters beyond ASCII."""
    email = peewee.TextField()
    name = peewee.TextField(default="")
    as_mentor = peewee.BooleanField(default=False)
    by = Reference(Person, null=True, on_delete="SET NULL", index=True)
    at = UTCDateTime(index=True)
    came_at = UTCDateTime(null=True)
    """When they first signed in."""

    def stands(self, now: datetime) -> bool:
        """Whether it still counts."""
        return bool(now < self.at + INVITED_FOR)

    def can_be_sent_again(self, now: datetime) -> bool:
        """Whether they have not come, and the last mail is a day old."""
        return self.came_at is None and bool(now >= self.at + AGAIN_AFTER)


class SignIn(Table):
    """A browser that somebody is signed in with. Only a hash of what its cookie holds is stored."""

    id = peewee.AutoField()
    person_id: int

    person = Reference(Person, on_delete="CASCADE", index=True)
    token_hash = peewee.TextField(unique=True)
    way = peewee.TextField()
    """"code", "link", or "demo"."""
    browser = peewee.TextField()
    """What it calls itself: "Chrome on Android"."""
    at = UTCDateTime()
    proved_at = UTCDateTime()
    """When it was last shown who this is."""
    seen_at = UTCDateTime()

    def stands(self, now: datetime) -> bool:
        """Whether it still counts."""
        return bool(now < self.seen_at + LIFE)

    def is_fresh(self, now: datetime) -> bool:
        """Whether it was shown a moment ago who this is."""
        return bool(now < self.proved_at + FRESH)


class SignInCode(Table):
    """A 6-digit code on its way. The code itself is nowhere in the database: it follows from
    `seed` and the portal's secret key.
    """

    id = peewee.AutoField()

    email = peewee.TextField()
    seed = peewee.TextField(unique=True)
    browser = peewee.TextField(index=True)
    zone = peewee.TextField()
    tries = peewee.IntegerField(default=0)
    expires_at = UTCDateTime()
    used_at = UTCDateTime(null=True)


class SignInLink(Table):
    """A one-time link made by the help desk. Only a hash of its token is stored."""

    id = peewee.AutoField()
    person_id: int

    person = Reference(Person, on_delete="CASCADE")
    token_hash = peewee.TextField(unique=True)
    expires_at = UTCDateTime()
    used_at = UTCDateTime(null=True)
