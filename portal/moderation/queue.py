"""What waits for a coordinator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from portal.feedback.models import Rating
from portal.mentors.models import Expertise, Mentor, MentorExpertise, Revision
from portal.mentors.profile import LABELS, OPEN, Profile, content_of, published_content
from portal.moderation import absences
from portal.moderation.absences import Absent
from portal.moderation.models import Report
from portal.moderation.triage import reports_for
from portal.people.models import Person
from portal.sessions.models import Session

MOST = 20
UNORDERED = ("kinds", "languages", "formats")
"""Lists of a profile whose order says nothing."""


@dataclass(frozen=True)
class Change:
    """One field of a profile: as it is public, and as it is wanted. Lists tell what is added and
    removed.
    """

    label: str
    old: str
    new: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def is_photo(self) -> bool:
        """Whether it is of the photo, by its hash."""
        return self.label == LABELS["photo"]


@dataclass(frozen=True)
class Waiting:
    """A submitted profile."""

    revision: Revision
    profile: Profile
    is_new: bool
    changes: list[Change]
    submitted_at: datetime

    @property
    def photo(self) -> str:
        """The hash of the photo it names. Of one that was decided on it is kept no longer than the public one."""
        return self.profile.photo if self.revision.status in OPEN else self.revision.mentor.photo


@dataclass(frozen=True)
class Queue:
    """Everything that waits, the oldest first."""

    profiles: list[Waiting]
    lines: list[Rating]
    proposals: list[Expertise]
    absent: list[Absent]
    """People who did not come twice in 30 days, as others say."""
    hidden: list[Mentor]
    """Profiles that were taken out of the directory: nothing waits, but they can be restored."""
    suspended: list[Person]
    """Nothing waits, but it can be lifted."""
    reports: list[Report] = field(default_factory=list)
    """Of people and texts, as far as the reader has no part in them."""

    @property
    def count(self) -> int:
        """How many things wait."""
        waits = (self.reports, self.profiles, self.lines, self.proposals, self.absent)
        return sum(len(some) for some in waits)


def queue(coordinator: Person | None = None) -> Queue:
    """Read it, for one of the coordinators; without the reports where it is for all of them."""
    revisions = (
        Revision.select(Revision, Mentor, Person)
        .join(Mentor)
        .join(Person)
        .where(Revision.status == "submitted")
        .order_by(Revision.submitted_at)
        .limit(MOST)
    )
    lines = (
        Rating.select(Rating, Session, Mentor)
        .join(Session)
        .join(Mentor)
        .where(Rating.line_status == "waiting")
        .order_by(Rating.created_at)
        .limit(MOST)
    )
    asked = MentorExpertise.select(MentorExpertise.expertise)
    proposals = (
        Expertise.select()
        .where((Expertise.status == "proposed") & (Expertise.id << asked))
        .order_by(Expertise.id)
        .limit(MOST)
    )
    hidden = Mentor.select().where(Mentor.status == "hidden").order_by(Mentor.name).limit(MOST)
    suspended = Person.select().where(Person.suspended_at.is_null(False)).order_by(Person.name, Person.id).limit(MOST)
    profiles = [waiting(revision) for revision in revisions]
    reports = reports_for(coordinator) if coordinator else []
    absent = absences.waiting(MOST)
    return Queue(profiles, list(lines), list(proposals), absent, list(hidden), list(suspended), reports)


def waiting(revision: Revision) -> Waiting:
    """A submitted profile with what it changes."""
    wanted = content_of(revision)
    is_new = revision.mentor.published_at is None
    public = Profile("", "") if is_new else published_content(revision.mentor)
    return Waiting(revision, wanted, is_new, changes(public, wanted), revision.submitted_at)


def changes(public: Profile, wanted: Profile) -> list[Change]:
    """The fields that differ, in the order of the profile."""
    found = []
    for name, label in LABELS.items():
        old, new = getattr(public, name), getattr(wanted, name)
        if old == new or (name in UNORDERED and set(old) == set(new)):
            continue
        if isinstance(new, tuple):
            added = tuple(word for word in new if word not in old)
            removed = tuple(word for word in old if word not in new)
            found.append(Change(label, ", ".join(old), ", ".join(new), added, removed))
        else:
            found.append(Change(label, old, new))
    return found
