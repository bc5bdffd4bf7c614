"""A person, what signs one in (codes, links, accounts at a provider), and the audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import peewee

from portal.database import Reference, Table, UTCDateTime
from portal.limits import limits

NAME_LIMIT = 80
"""Characters of a name."""
LIFE = timedelta(days=30)
"""A browser that was not seen for so long is signed out."""
LONGEST = timedelta(days=180)
"""So long after signing in a browser is signed out, however often it was seen."""
FRESH = timedelta(minutes=15)
"""So long after a proof nobody is asked for another."""
NEVER = datetime.fromtimestamp(0, UTC)
"""When it was proved who somebody is, where nobody tells."""
STRONG = frozenset({"passkey", "sso"})
"""Ways to sign in that take more than a mailbox."""

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
    by_claim = peewee.BooleanField(default=False)
    """A coordinator because the provider of single sign-on says so, and as long as it does."""
    created_at = UTCDateTime()
    paused_until = UTCDateTime(null=True)
    """A coordinator lets this person book nothing before."""
    passkey_declined_at = UTCDateTime(null=True)
    """When they said "Not now" to a passkey."""
    suspended_at = UTCDateTime(null=True)
    """Since when a coordinator shuts this person out."""

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    sign_in: SignIn | None = None
    """The browser in which this person is signed in now."""
    token = ""  # nosec B105  # none, until somebody signs in
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
    def is_suspended(self) -> bool:
        """Whether a coordinator shuts this person out."""
        return self.suspended_at is not None

    @property
    def lacks_proof(self) -> bool:
        """Whether a coordinator has shown too little in this browser for a coordinator's pages."""
        is_strong = self.sign_in is not None and self.sign_in.is_strong
        return bool(self.is_coordinator) and limits().coordinators_need == "passkey" and not is_strong

    @property
    def needs_passkey(self) -> bool:
        """Whether a coordinator has no other way to a coordinator's pages: single sign-on would be one."""
        has_another = self.sign_in is not None and self.sign_in.way == "sso"
        return bool(self.is_coordinator) and limits().coordinators_need == "passkey" and not has_another

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
    """"code", "link", "passkey", "sso" or "demo": the first of the strong ones that was shown, else the last."""
    browser = peewee.TextField()
    """What it calls itself: "Chrome on Android"."""
    at = UTCDateTime()
    proved_at = UTCDateTime()
    """When it was last shown who this is."""
    seen_at = UTCDateTime()

    def stands(self, now: datetime) -> bool:
        """Whether it still counts."""
        return bool(now < self.seen_at + LIFE and now < self.at + LONGEST)

    def is_fresh(self, now: datetime) -> bool:
        """Whether it was shown a moment ago who this is."""
        return bool(now < self.proved_at + FRESH)

    @property
    def is_strong(self) -> bool:
        """Whether more than a mailbox was shown."""
        return self.way in STRONG


class SignInCode(Table):
    """A code that a browser has asked for. The code itself is nowhere in the database: it follows from
    `seed` and the portal's secret key.
    """

    id = peewee.AutoField()

    email = peewee.TextField()
    known = peewee.TextField(default="")
    """The name of the browser, where its person has signed in with it before."""
    seed = peewee.TextField(index=True)
    """Several browsers can have asked for one long code."""
    digits = peewee.IntegerField(default=6)
    browser = peewee.TextField(index=True)
    zone = peewee.TextField()
    tries = peewee.IntegerField(default=0)
    expires_at = UTCDateTime()
    used_at = UTCDateTime(null=True)

    class Meta:
        indexes = ((("email", "known"), False),)


class SignInLink(Table):
    """A one-time link made by the help desk. Only a hash of its token is stored."""

    id = peewee.AutoField()
    person_id: int

    person = Reference(Person, on_delete="CASCADE")
    token_hash = peewee.TextField(unique=True)
    expires_at = UTCDateTime()
    used_at = UTCDateTime(null=True)


class Identity(Table):
    """An account at a provider of single sign-on, by which this person signs in. Whatever else changes there, the
    issuer and the subject stay the same.
    """

    id = peewee.AutoField()
    person_id: int

    person = Reference(Person, on_delete="CASCADE", index=True)
    issuer = peewee.TextField()
    subject = peewee.TextField()
    at = UTCDateTime()
    """When it was connected."""
    used_at = UTCDateTime()

    class Meta:
        indexes = ((("issuer", "subject"), True),)


class Audit(Table):
    """One line of the audit. Only ever added to, but that an erased person is no longer named in it."""

    id = peewee.AutoField()
    person_id: int | None
    about_id: int | None

    at = UTCDateTime(index=True)
    what = peewee.TextField(index=True)
    person = Reference(Person, null=True, on_delete="SET NULL", index=True)
    """Who did it."""
    by_person = peewee.BooleanField()
    """Whether somebody who is signed in did it; else it was done on the server, or by somebody unknown."""
    about = Reference(Person, null=True, on_delete="SET NULL", index=True)
    """To whom."""
    thing = peewee.TextField(index=True)
    """What else it is about, by its number: "report 3"."""
    detail = peewee.TextField()
