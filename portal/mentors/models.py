"""A mentor's published profile, its revisions, and expertise with its aliases."""

from __future__ import annotations

import peewee

from portal.database import Reference, Table, UTCDateTime, Words
from portal.people.models import Person, first_name

KINDS = {"skill": "A skill", "project": "A project", "career": "Career", "studies": "Studies"}
FORMATS = {"video": "Video", "phone": "Phone", "in_person": "Coffee", "chat": "Chat"}


class Mentor(Table):
    """A person with a mentor profile. The columns are what is published; a change waits as a
    Revision until a coordinator approves it.
    """

    person_id: int

    person = Reference(Person, primary_key=True, on_delete="CASCADE")
    slug = peewee.TextField(unique=True)
    status = peewee.TextField(default="applying")
    version = peewee.IntegerField(default=0)
    name = peewee.TextField(default="")
    headline = peewee.TextField(default="")
    about = peewee.TextField(default="")
    pronouns = peewee.TextField(default="")
    kinds = Words(default=())
    languages = Words(default=())
    formats = Words(default=())
    video_link = peewee.TextField(default="")
    phone = peewee.TextField(default="")
    place = peewee.TextField(default="")
    photo = peewee.TextField(default="")
    """The hash of the published photo."""
    published_at = UTCDateTime(null=True)
    topic_names = peewee.TextField(default="")
    """The names of the published expertise in order, separated by "; ", as cards show them."""
    headline_stems = peewee.TextField(default="")
    about_stems = peewee.TextField(default="")

    class Meta:
        constraints = [peewee.Check("status in ('applying', 'published', 'hidden')")]

    @property
    def is_published(self) -> bool:
        """Whether the profile is in the directory."""
        return bool(self.status == "published")

    @property
    def is_hidden(self) -> bool:
        """Whether a coordinator took a published profile out of the directory."""
        return bool(self.status == "hidden")

    @property
    def first_name(self) -> str:
        """For sentences."""
        return first_name(self.name)


class Revision(Table):
    """One state of a profile on its way: written by the mentor, decided by a coordinator."""

    id = peewee.AutoField()
    mentor_id: int

    mentor = Reference(Mentor, backref="revisions", on_delete="CASCADE")
    status = peewee.TextField(default="draft")
    version = peewee.IntegerField(default=0)
    content = peewee.TextField()
    reason = peewee.TextField(default="")
    submitted_at = UTCDateTime(null=True)

    class Meta:
        constraints = [peewee.Check("status in ('draft', 'submitted', 'changes_asked', 'approved', 'rejected')")]


# A mentor works on one revision at a time: the database refuses a second open one.
Revision.add_index(
    Revision.mentor,
    unique=True,
    where=Revision.status << ["draft", "submitted", "changes_asked"],
    name="revision_one_open",
)


class Photo(Table):
    """A photo of somebody, as their profile or a revision of it names it: by the hash of its content."""

    id = peewee.AutoField()
    person_id: int

    person = Reference(Person, on_delete="CASCADE", index=False)
    hash = peewee.TextField(index=True)
    content = peewee.BlobField()
    """A JPEG, as `pictures` makes it."""
    at = UTCDateTime()

    class Meta:
        indexes = ((("person", "hash"), True),)


class Expertise(Table):
    """A named topic. `listed` ones are curated, `proposed` ones wait for a coordinator, and
    `retired` ones are no longer offered to choose.
    """

    id = peewee.AutoField()

    name = peewee.TextField(unique=True)
    kind = peewee.TextField(default="skill")
    status = peewee.TextField(default="listed")

    class Meta:
        constraints = [peewee.Check("status in ('listed', 'proposed', 'retired')")]


class Alias(Table):
    """A way to write an expertise: its name and all its aliases, by normal key."""

    expertise_id: int

    key = peewee.TextField(primary_key=True)
    expertise = Reference(Expertise, backref="aliases", on_delete="CASCADE")
    text = peewee.TextField()


class MentorExpertise(Table):
    """A published mentor's expertise, in the mentor's order."""

    mentor_id: int
    expertise_id: int

    mentor = Reference(Mentor, backref="topics", on_delete="CASCADE")
    expertise = Reference(Expertise, on_delete="CASCADE")
    position = peewee.IntegerField()

    class Meta:
        primary_key = peewee.CompositeKey("mentor", "expertise")
        indexes = ((("expertise", "mentor"), False),)


class SavedMentor(Table):
    """A mentor somebody wants to find again."""

    person_id: int
    mentor_id: int

    person = Reference(Person, on_delete="CASCADE", index=False)
    mentor = Reference(Mentor, on_delete="CASCADE")
    at = UTCDateTime()

    class Meta:
        primary_key = peewee.CompositeKey("person", "mentor")


class Edition(Table):
    """Counts up with every change of a list that processes keep in memory."""

    name = peewee.TextField(primary_key=True)
    number = peewee.IntegerField(default=0)
