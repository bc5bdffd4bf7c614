"""Mentors that somebody wants to find again."""

from __future__ import annotations

from portal.clock import now
from portal.database import write
from portal.errors import NotAllowedNow
from portal.mentors.models import Mentor, SavedMentor
from portal.people.models import Person


@write
def save_mentor(mentor: Mentor, *, person: Person) -> None:
    """Keep this mentor. Done twice, it is done. Raises NotAllowedNow for oneself."""
    if mentor.person_id == person.id:
        raise NotAllowedNow("This is your own page. You find it under You.")
    SavedMentor.insert(person=person, mentor=mentor, at=now()).on_conflict(
        action="nothing", conflict_target=[SavedMentor.person, SavedMentor.mentor]
    ).execute()


@write
def forget_mentor(slug: str, *, person: Person) -> None:
    """Keep the mentor of this slug no longer. Of one that is not kept, nothing is done."""
    mentor = Mentor.select(Mentor.person).where(Mentor.slug == slug)
    SavedMentor.delete().where((SavedMentor.person == person) & (SavedMentor.mentor << mentor)).execute()


def has_saved(person_id: int, mentor_id: int) -> bool:
    """Whether this person keeps this mentor."""
    kept = (SavedMentor.person == person_id) & (SavedMentor.mentor == mentor_id)
    return bool(SavedMentor.select().where(kept).exists())


def saved_by(person: Person) -> list[Mentor]:
    """The mentors somebody keeps, the latest first."""
    kept = Mentor.select().join(SavedMentor, on=SavedMentor.mentor == Mentor.person)
    return list(kept.where(SavedMentor.person == person).order_by(SavedMentor.at.desc(), Mentor.person))
