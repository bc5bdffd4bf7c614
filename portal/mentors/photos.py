"""Photos: kept while a profile names them, and seen by those who may see that profile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

import peewee

from portal.clock import now
from portal.database import column, lock, write
from portal.errors import Missing
from portal.mentors.models import Mentor, Photo, Revision
from portal.people.models import Person

UNNAMED = timedelta(days=1)
"""So long is a photo kept that no profile names: its form waits for something else to be put right."""
SHOWN_TO_COORDINATORS = ("submitted", "changes_asked")


@write
def keep(content: bytes, *, person: Person) -> str:
    """Keep a photo that this person is about to name. Returns its hash. The last one they did not name goes."""
    name = hashlib.sha256(content).hexdigest()[:32]
    lock(Person, [person.id])
    Photo.insert(person=person, hash=name, content=content, at=now()).on_conflict(
        action="nothing", conflict_target=[Photo.person, Photo.hash]
    ).execute()
    forget_unused(person.id, but=name)
    return name


def has(person_id: int, name: str) -> bool:
    """Whether this person keeps a photo of this hash."""
    return bool(name) and Photo.select().where((Photo.person == person_id) & (Photo.hash == name)).exists()


def visible_photo(name: str, *, reader_id: int | None, is_coordinator: bool) -> tuple[bytes, bool]:
    """The photo of this hash, and whether everybody may see it: it is on a profile in the directory. Others are seen
    by whose they are, and by coordinators once they are asked to look. Raises Missing.
    """
    of_mentor = Photo.select(Photo.content, Photo.person).join(Mentor, on=Mentor.person == Photo.person)
    public = of_mentor.where(Photo.hash == name, Mentor.photo == name, Mentor.status == "published").first()
    if public is not None:
        return bytes(public.content), True
    photos: list[Photo] = list(Photo.select().where(Photo.hash == name))
    for photo in photos:
        if photo.person_id == reader_id or (is_coordinator and name in _shown_to_coordinators(photo.person_id)):
            return bytes(photo.content), False
    raise Missing


@write
def forget_unused(person_id: int, *, but: str = "") -> None:
    """In a transaction that has locked the person: delete the photos that nothing open or public of theirs names."""
    used = {but, *_public(person_id), *_wanted(person_id, ("draft", *SHOWN_TO_COORDINATORS))}
    Photo.delete().where((Photo.person == person_id) & Photo.hash.not_in(sorted(used))).execute()


@write
def forget_old() -> None:
    """Delete photos that were chosen a day ago and never named."""
    public = Mentor.select().where((Mentor.person == Photo.person) & (Mentor.photo == Photo.hash))
    old = Photo.select(Photo.person).where((Photo.at < now() - UNNAMED) & ~peewee.fn.EXISTS(public)).distinct()
    for person_id in sorted(column(old)):  # few: those whose profile waits
        lock(Person, [person_id])
        forget_unused(person_id)


def _shown_to_coordinators(person_id: int) -> set[str]:
    return {*_public(person_id), *_wanted(person_id, SHOWN_TO_COORDINATORS)}


def _public(person_id: int) -> list[str]:
    return column(Mentor.select(Mentor.photo).where(Mentor.person == person_id))


def _wanted(person_id: int, states: tuple[str, ...]) -> Iterator[str]:
    """What revisions in these states name."""
    revisions = Revision.select(Revision.content).where(Revision.mentor == person_id, Revision.status << states)
    for content in column(revisions):
        yield json.loads(content).get("photo", "")
