"""Who waits for what, and what they were offered."""

from __future__ import annotations

import peewee

from portal.database import Reference, Table, UTCDateTime
from portal.mentors.models import Expertise, Mentor
from portal.people.models import Person

PARTS = {
    "": "Any time",
    "mornings": "Mornings",
    "afternoons": "Afternoons",
    "evenings": "Evenings",
    "weekend": "Weekend",
}
"""Parts of the day, and the weekend, in the zone of who waits."""


class Watch(Table):
    """Somebody waits for an opening: of a mentor, or of anybody with an expertise. `since` is the place in the line."""

    id = peewee.AutoField()
    person_id: int
    mentor_id: int | None
    expertise_id: int | None

    person = Reference(Person, on_delete="CASCADE", index=False)
    mentor = Reference(Mentor, null=True, on_delete="CASCADE")
    expertise = Reference(Expertise, null=True, on_delete="CASCADE")
    length = peewee.IntegerField(default=0)
    """Minutes; 0 for any length."""
    part = peewee.TextField(default="")
    """ "mornings", "afternoons", "evenings" or "weekend" in the person's zone; empty for any time."""
    since = UTCDateTime()

    class Meta:
        indexes = ((("person", "mentor"), True), (("person", "expertise"), True))
        constraints = [
            peewee.Check("(mentor_id is null) <> (expertise_id is null)"),
            peewee.Check("length in (0, 15, 30, 60)"),
            peewee.Check("part in ('', 'mornings', 'afternoons', 'evenings', 'weekend')"),
        ]


class Offer(Table):
    """An opening held for somebody who waits, until `expires_at`; then it passes to the next in line."""

    id = peewee.AutoField()
    person_id: int
    watch_id: int | None
    mentor_id: int

    ref = peewee.TextField(unique=True)
    person = Reference(Person, on_delete="CASCADE", index=False)
    watch = Reference(Watch, null=True, on_delete="SET NULL")
    mentor = Reference(Mentor, on_delete="CASCADE")
    start = UTCDateTime()
    length = peewee.IntegerField()
    hold_ref = peewee.TextField(unique=True)
    expires_at = UTCDateTime()
    outcome = peewee.TextField(default="open")
    """ "booked"; "passed" where the person let it go; "unused" where its time ran out; "gone" where it could no
    longer be booked, or its person never got the mail."""

    class Meta:
        indexes = ((("person", "mentor", "start"), False), (("outcome", "expires_at"), False))
        constraints = [peewee.Check("outcome in ('open', 'booked', 'passed', 'unused', 'gone')")]


# The database refuses a second offer to somebody who has one.
Offer.add_index(Offer.person, unique=True, where=Offer.outcome == "open", name="offer_one_open")
