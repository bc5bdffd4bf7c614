"""A session: one booked conversation."""

from __future__ import annotations

from datetime import datetime, timedelta

import peewee

from portal.database import Reference, Table, UTCDateTime
from portal.mentors.models import Mentor
from portal.people.models import Person


class Session(Table):
    """Mentor, mentee, start, length, kind, format, objective. `ref` is its public name."""

    id = peewee.AutoField()
    mentor_id: int
    mentee_id: int
    cancelled_by_id: int | None

    ref = peewee.TextField(unique=True)
    hold_ref = peewee.TextField(unique=True)
    """The hold it was booked from: booking the same hold again finds this session."""
    mentor = Reference(Mentor, on_delete="CASCADE")
    mentee = Reference(Person, on_delete="CASCADE")
    start = UTCDateTime()
    length = peewee.IntegerField()
    kind = peewee.TextField()
    format = peewee.TextField()
    objective = peewee.TextField()
    questions = peewee.TextField()
    link = peewee.TextField(default="")
    sequence = peewee.IntegerField(default=0)
    created_at = UTCDateTime()
    cancelled_at = UTCDateTime(null=True)
    cancelled_by = Reference(Person, null=True, on_delete="SET NULL")
    cancel_reason = peewee.TextField(default="")

    class Meta:
        indexes = ((("mentee", "start"), False), (("mentor", "start"), False), (("start",), False))

    @property
    def end(self) -> datetime:
        """When it is over."""
        end: datetime = self.start + timedelta(minutes=self.length)
        return end

    @property
    def is_cancelled(self) -> bool:
        """Whether either side called it off."""
        return self.cancelled_at is not None

    @property
    def question_list(self) -> list[str]:
        """One to three questions."""
        return [line for line in self.questions.split("\n") if line]

    def is_upcoming(self, now: datetime) -> bool:
        """Booked and not started."""
        return not self.is_cancelled and bool(now < self.start)

    def is_over(self, now: datetime) -> bool:
        """It took place and has ended."""
        return not self.is_cancelled and now >= self.end

    def is_mentored_by(self, person: Person) -> bool:
        """Whether this person is its mentor."""
        return bool(self.mentor_id == person.id)

    def other_name(self, person: Person) -> str:
        """The name of the side that this person is not."""
        return str(self.mentee.name if self.is_mentored_by(person) else self.mentor.name)


class SessionEvent(Table):
    """What happened to a session, when, and by whom. Only ever added to."""

    id = peewee.AutoField()
    session_id: int
    person_id: int | None

    session = Reference(Session, on_delete="CASCADE", index=True)
    person = Reference(Person, null=True, on_delete="SET NULL")
    what = peewee.TextField()
    at = UTCDateTime()
