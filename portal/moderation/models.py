"""Reports, and decisions: these only ever added to, which the database enforces."""

from __future__ import annotations

import peewee

from portal.database import Reference, Table, UTCDateTime
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.models import Session

REASONS = {
    "unwelcome": "Unwelcome or harassing",
    "impostor": "Not who they say they are",
    "selling": "Spam, or selling something",
    "unsafe": "Somebody may be in danger",
    "else": "Something else",
}
KINDS = {
    "profile": "A mentor’s profile",
    "line": "A line about a mentor",
    "person": "Somebody in a session",
    "brief": "An objective and questions",
    "question": "A teammate’s question",
    "preparation": "What a mentor prepared",
    "message": "A message",
    "thank-you": "A thank-you",
    "cancellation": "Why a session was cancelled",
    "move-request": "Why a session was to move",
    "objection": "An answer to “did not come”",
}
"""What can be reported. All but the first two are private to a session."""


class Decision(Table):
    """Who decided what, when and why."""

    id = peewee.AutoField()
    coordinator_id: int

    subject = peewee.TextField()
    """"profile", "line", "expertise", "person" or "report"."""
    subject_id = peewee.IntegerField()
    about = peewee.TextField()
    """What it was called then."""
    what = peewee.TextField()
    reason = peewee.TextField(default="")
    coordinator = Reference(Person)
    at = UTCDateTime()

    class Meta:
        indexes = ((("subject", "subject_id"), False),)


class Report(Table):
    """Somebody says that something is wrong with a person or a text. `text` is what it said then: changing it
    afterwards hides nothing.
    """

    id = peewee.AutoField()
    reporter_id: int | None
    person_id: int | None
    mentor_id: int | None
    session_id: int | None

    kind = peewee.TextField()
    """One of KINDS."""
    thing = peewee.TextField()
    """Which it is, of all that can be reported: "session 12 message-7"."""
    reporter = Reference(Person, null=True, on_delete="SET NULL")
    """Nobody but coordinators who have no part in it ever learns who."""
    person = Reference(Person, null=True, on_delete="CASCADE")
    """Who is reported, or wrote the text."""
    mentor = Reference(Mentor, null=True, on_delete="CASCADE")
    """On whose public page it is."""
    session = Reference(Session, null=True, on_delete="SET NULL")
    """In which session it is."""
    reason = peewee.TextField()
    words = peewee.TextField()
    text = peewee.TextField()
    at = UTCDateTime()
    decided_at = UTCDateTime(null=True)

    class Meta:
        constraints = [peewee.Check("reason in ('unwelcome', 'impostor', 'selling', 'unsafe', 'else')")]
        indexes = ((("decided_at", "at"), False),)

    @property
    def is_open(self) -> bool:
        """Whether no coordinator has decided on it."""
        return self.decided_at is None

    @property
    def label(self) -> str:
        """What was reported, without a name."""
        return KINDS[self.kind]

    @property
    def why(self) -> str:
        """The reason, as people read it."""
        return REASONS[self.reason]


# Reported once more, it adds nothing: the database refuses a second open one.
Report.add_index(Report.reporter, Report.thing, unique=True, where=Report.decided_at.is_null(), name="report_one_open")
