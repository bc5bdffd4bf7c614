"""A mentor's profile: written, submitted, and what a coordinator's decision makes of it."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from portal.clock import now
from portal.database import insert_many, lock, write
from portal.errors import Missing, NotAllowedNow, Stale
from portal.mentors import photos, topics
from portal.mentors.models import Mentor, MentorExpertise, Revision
from portal.mentors.wording import stems
from portal.people.models import Person

OPEN = ("draft", "submitted", "changes_asked")


@dataclass(frozen=True)
class Profile:
    """What a mentor says of themselves: the content of one revision."""

    name: str
    headline: str
    about: str = ""
    pronouns: str = ""
    expertise: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    video_link: str = ""
    phone: str = ""
    place: str = ""
    photo: str = ""
    """Its hash; nothing where there is none."""


LABELS = {
    "photo": "Photo",
    "name": "Name",
    "headline": "Headline",
    "about": "About",
    "pronouns": "Pronouns",
    "expertise": "Expertise",
    "kinds": "Kinds",
    "languages": "Languages",
    "formats": "Formats",
    "video_link": "Video link",
    "phone": "Phone",
    "place": "Place",
}


def content_of(revision: Revision) -> Profile:
    """The profile a revision holds."""
    stored: dict[str, Any] = json.loads(revision.content)
    content: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
    return Profile(**content)


def published_content(mentor: Mentor) -> Profile:
    """The profile as everyone sees it now."""
    names = tuple(name for name in mentor.topic_names.split("; ") if name)
    plain = [field.name for field in fields(Profile) if field.name != "expertise"]
    return Profile(expertise=names, **{name: getattr(mentor, name) for name in plain})


def mentor_of(person: Person) -> Mentor | None:
    """This person's mentor profile, in whatever state."""
    found: Mentor | None = Mentor.get_or_none(Mentor.person == person.id)
    return found


def open_revision(mentor: Mentor) -> Revision | None:
    """What the mentor is working on or has submitted."""
    found: Revision | None = Revision.get_or_none((Revision.mentor == mentor) & (Revision.status << OPEN))
    return found


@write
def save_draft(profile: Profile, *, person: Person) -> Revision:
    """Keep what the mentor wrote; nobody else sees it. The first time, this makes the mentor.

    Changing a submitted revision takes it out of the queue until it is submitted again. A photo that is not this
    person's is left out; those that are no longer named are deleted.
    """
    lock(Person, [person.id])
    if not photos.has(person.id, profile.photo):
        profile = replace(profile, photo="")
    mentor = mentor_of(person) or Mentor.create(person=person.id, slug=_free_slug(profile.name))
    revision = open_revision(mentor) or Revision(mentor=mentor.person_id)
    revision.content = json.dumps(asdict(profile), ensure_ascii=False)
    if revision.status == "submitted":
        revision.status = "draft"
    revision.version += 1
    revision.save()
    photos.forget_unused(person.id)
    return revision


@write
def submit(revision: Revision, *, person: Person) -> None:
    """Ask a coordinator to look at it. Twice is once."""
    if revision.mentor_id != person.id:
        raise Missing
    waits = (Revision.id == revision.id) & (Revision.status << ("draft", "changes_asked"))
    Revision.update(status="submitted", submitted_at=now()).where(waits).execute()


@write
def decide(revision: Revision, outcome: str, *, version: int, reason: str = "") -> None:
    """A coordinator's decision on the version that was looked at. Raises Stale on any other."""
    lock(Person, [revision.mentor_id])
    decided = (
        Revision.update(status=outcome, reason=reason)
        .where((Revision.id == revision.id) & (Revision.status == "submitted") & (Revision.version == version))
        .execute()
    )
    if not decided:
        raise Stale(
            "This profile was changed or decided on since you opened it. Nothing was done; look at it as it is now."
        )
    if outcome == "approved":
        publish(revision.mentor, content_of(revision))
    photos.forget_unused(revision.mentor_id)


@write
def publish(mentor: Mentor, profile: Profile) -> None:
    """Make this profile the one that everyone sees. A hidden mentor stays hidden. Raises NotAllowedNow."""
    lock(Mentor, [mentor.person_id])
    mentor = Mentor.get_by_id(mentor.person_id)  # it may have been hidden since it was loaded
    _check_not_suspended(mentor)
    chosen = topics.resolve(profile.expertise)
    for field in fields(Profile):
        if field.name != "expertise":
            setattr(mentor, field.name, getattr(profile, field.name))
    mentor.topic_names = "; ".join(topic.name for topic in chosen)
    mentor.headline_stems = " ".join(stems(f"{profile.name} {profile.headline}"))
    mentor.about_stems = " ".join(stems(profile.about))
    mentor.version += 1
    mentor.published_at = mentor.published_at or now()
    if mentor.status == "applying":
        mentor.status = "published"
    mentor.save()
    MentorExpertise.delete().where(MentorExpertise.mentor == mentor).execute()
    rows = [(mentor.person_id, topic.id, place) for place, topic in enumerate(chosen)]
    insert_many(MentorExpertise, ("mentor", "expertise", "position"), rows)


@write
def hide(mentor: Mentor) -> None:
    """Take a published profile out of the directory. Sessions that are booked stay."""
    _turn(mentor, "published", "hidden", "This profile is not in the directory.")


@write
def restore(mentor: Mentor) -> None:
    """Put a hidden profile back. Raises NotAllowedNow."""
    lock(Person, [mentor.person_id])
    _check_not_suspended(mentor)
    _turn(mentor, "hidden", "published", "This profile is not hidden.")


def _check_not_suspended(mentor: Mentor) -> None:
    if Person.get_by_id(mentor.person_id).is_suspended:
        raise NotAllowedNow("The account of this mentor is suspended. Lift that first.")


def _turn(mentor: Mentor, before: str, after: str, otherwise: str) -> None:
    turned = (
        Mentor.update(status=after, version=Mentor.version + 1)
        .where((Mentor.person == mentor.person_id) & (Mentor.status == before))
        .execute()
    )
    if not turned:
        raise NotAllowedNow(otherwise)
    mentor.status = after


def _free_slug(name: str) -> str:
    base = "-".join(topics.key_of(name).split())[:60] or "mentor"
    if not Mentor.select().where(Mentor.slug == base).exists():
        return base
    return f"{base}-{secrets.token_hex(3)}"
