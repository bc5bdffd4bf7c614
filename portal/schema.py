"""The tables in order, and bringing a database up to them."""

from __future__ import annotations

from pathlib import Path

from playhouse.migrations import Runner

from portal import holders, rounds  # noqa: F401  # what each table holds counts as well
from portal.availability import models as availability
from portal.database import Table, db, disconnect, is_postgres
from portal.directory import models as directory
from portal.feedback import models as feedback
from portal.mail.outbox import Outbox
from portal.mail.preferences import Unwanted
from portal.mentors import models as mentors
from portal.mentors.topics import install_curated
from portal.moderation import models as moderation
from portal.people import models as people
from portal.people import passkey_models as passkeys
from portal.preparation import models as preparation
from portal.sessions import models as sessions
from portal.waiting import models as waiting

MIGRATIONS = Path(__file__).with_name("migrations")

TABLES: list[type[Table]] = [
    Outbox,
    Unwanted,
    rounds.Round,
    people.Person,
    people.SignIn,
    people.SignInCode,
    people.SignInLink,
    people.Identity,
    people.Block,
    people.Invitation,
    people.Audit,
    passkeys.Passkey,
    passkeys.Challenge,
    mentors.Mentor,
    mentors.Revision,
    mentors.Photo,
    mentors.Expertise,
    mentors.Alias,
    mentors.MentorExpertise,
    mentors.SavedMentor,
    mentors.Edition,
    availability.Availability,
    availability.WeeklyHours,
    availability.DaysOff,
    availability.ExtraHours,
    availability.BusyCalendar,
    availability.Hold,
    availability.Claim,
    availability.Openings,
    sessions.Session,
    sessions.Feed,
    sessions.SessionEvent,
    sessions.Attendance,
    sessions.Teammate,
    preparation.Preparation,
    preparation.Message,
    preparation.Reading,
    preparation.Reminder,
    feedback.Rating,
    feedback.Standing,
    feedback.FollowUp,
    feedback.Wish,
    feedback.Certificate,
    waiting.Watch,
    waiting.Offer,
    directory.Asked,
    moderation.Decision,
    moderation.Report,
]


def migrate() -> list[str]:
    """Bring the database up to this version, each migration in a transaction of its own, and put in
    the curated expertise that is new. Returns the names of the migrations that ran.
    """
    ran = list(_runner().up()) if is_postgres() else _up_on_sqlite()
    install_curated()
    disconnect()  # a kept PostgreSQL connection may remember plans for tables as they were
    return ran


def _up_on_sqlite() -> list[str]:
    """A table that is made anew is away for a moment, which foreign keys that are followed do not allow."""
    db.execute_sql("pragma foreign_keys = off")
    try:
        ran = list(_runner().up())
    finally:
        db.execute_sql("pragma foreign_keys = on")
    if ran:
        db.execute_sql("vacuum")  # what was deleted before deleting overwrote
    return ran


def pending() -> list[str]:
    """Migrations this version has and the database has not."""
    return [migration.name for migration in _runner().status() if migration.path and not migration.applied]


def _runner() -> Runner:
    return Runner(db.obj, str(MIGRATIONS))
