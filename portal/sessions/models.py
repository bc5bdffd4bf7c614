"""A session: one booked conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.database import Reference, Table, UTCDateTime
from portal.mentors.models import Mentor
from portal.people.models import Person

LATE = timedelta(hours=3)
"""Calling a session off inside this time counts as late."""
RATED = "rated"
"""In the history of a session: the mentee has said how it went."""
ASKED_ELSE = "changed the questions"
"""In it: the mentee asks something else."""
HANDED_OVER = "handed over"
"""In it: the mentee has given it to a teammate."""
PATIENCE = timedelta(minutes=10)
"""So long after the start one waits for the other."""
SOON = timedelta(minutes=15)
"""From this time ahead a session's page leads with how to meet."""


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
    moves = peewee.IntegerField(default=0)
    move_request = peewee.TextField(default="")
    """Why the mentor asks to move, until the mentee does."""
    context = peewee.TextField(default="")
    """The next step that the two agreed on the last time, if they meet again by mutual wish."""
    questions_at = UTCDateTime()
    """When the questions were last changed."""
    revised_at = UTCDateTime()
    """When `sequence` was last raised: what calendars show has changed."""

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

    @property
    def place(self) -> str:
        """Where the two meet, by the format: a link, a number, a place."""
        mentor = self.mentor
        places = {"video": mentor.video_link, "phone": mentor.phone, "in_person": mentor.place}
        return str(places.get(self.format, ""))

    @property
    def was_cancelled_late(self) -> bool:
        """Whether it was called off inside three hours."""
        return self.is_cancelled and self.is_late_to_cancel(self.cancelled_at)

    def is_late_to_cancel(self, at: datetime) -> bool:
        """Whether calling it off at this instant counts as late."""
        return bool(at > self.start - LATE)

    def stage(self, now: datetime) -> str:
        """ "cancelled", "ahead", "soon" from 15 minutes ahead, "running" or "over"."""
        if self.is_cancelled:
            return "cancelled"
        if now >= self.end:
            return "over"
        if now >= self.start:
            return "running"
        return "soon" if now >= self.start - SOON else "ahead"

    def is_upcoming(self, now: datetime) -> bool:
        """Booked and not started."""
        return not self.is_cancelled and bool(now < self.start)

    def is_mentored_by(self, person: Person) -> bool:
        """Whether this person is its mentor."""
        return bool(self.mentor_id == person.id)

    def other_name(self, person: Person) -> str:
        """The name of the side that this person is not."""
        return str(self.mentee.name if self.is_mentored_by(person) else self.mentor.name)


def end_of_session() -> Any:
    """When a session is over, in SQL: epoch seconds."""
    return Session.start + Session.length * 60


class Attendance(Table):
    """What was said about one person's coming to a session: late, or not at all, and what they
    answer to that.
    """

    session_id: int
    person_id: int

    session = Reference(Session, on_delete="CASCADE", index=False)
    person = Reference(Person, on_delete="CASCADE", index=False)
    late_at = UTCDateTime(null=True)
    absent_at = UTCDateTime(null=True)
    """When the other side said that they did not come."""
    objection = peewee.TextField(default="")
    reviewed_at = UTCDateTime(null=True)
    """When a coordinator decided on it."""

    class Meta:
        primary_key = peewee.CompositeKey("session", "person")
        indexes = ((("person", "absent_at"), False), (("absent_at",), False))

    @property
    def is_absence(self) -> bool:
        """Whether the other side says that they did not come, and they do not object."""
        return self.absent_at is not None and not self.objection


class Teammate(Table):
    """Somebody whom the mentee invited to a project session, by e-mail address."""

    id = peewee.AutoField()
    session_id: int
    account: Person | None = None
    """Whose address it is, where a seat was read and they have signed in and said their name."""

    session = Reference(Session, on_delete="CASCADE", index=False)
    email = peewee.TextField(index=True)
    question = peewee.TextField(default="")
    invited_at = UTCDateTime()
    left_at = UTCDateTime(null=True)

    class Meta:
        indexes = ((("session", "email"), True),)

    @property
    def name(self) -> str:
        """What others call them: by their address until they have a name."""
        return str(self.account.name if self.account else self.email)


class Feed(Table):
    """A person's calendar feed. Its address follows from `seed` and the portal's secret key."""

    person_id: int

    person = Reference(Person, primary_key=True, on_delete="CASCADE")
    seed = peewee.TextField(unique=True)
    since = UTCDateTime()
    """Of sessions booked from then on, no mail brings a calendar entry: each would stand there twice."""


class SessionEvent(Table):
    """What happened to a session, when, and by whom. Only ever added to."""

    id = peewee.AutoField()
    session_id: int
    person_id: int | None

    session = Reference(Session, on_delete="CASCADE", index=True)
    person = Reference(Person, null=True, on_delete="SET NULL")
    what = peewee.TextField()
    at = UTCDateTime()
