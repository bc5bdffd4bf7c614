"""What profiles hold about mentors."""

from __future__ import annotations

from portal.database import write
from portal.held import GONE, KEY, Part, Who, called, holds, leaving
from portal.mentors import topics
from portal.mentors.models import Alias, Edition, Expertise, Mentor, MentorExpertise, Photo, Revision, SavedMentor

WORDS = "a word for a topic, for all who share it"
called(Mentor.name)
called(Expertise.name)
holds(
    Mentor,
    Part(
        "mentor_profile",
        Mentor.person,
        shows="slug status name headline about pronouns kinds languages formats video_link phone place published_at"
        " topic_names photo",
        untold=dict.fromkeys(("headline_stems", "about_stems"), "it follows from headline and about"),
        erased={
            "slug": "left-{id}",
            "status": "applying",
            "name": GONE,
            "published_at": None,
            **dict.fromkeys(
                ("headline", "about", "pronouns", "video_link", "phone", "place", "topic_names", "photo"), ""
            ),
            **dict.fromkeys(("kinds", "languages", "formats"), ()),
            **dict.fromkeys(("headline_stems", "about_stems"), ""),
        },
    ),
    plain={"version": "counts the changes"},
)
holds(
    Revision,
    Part("mentor_profile_drafts", Revision.mentor, shows="status content reason submitted_at", as_json="content"),
    plain={"id": KEY, "version": "counts the changes"},
)
holds(
    MentorExpertise,
    Part("mentor_expertise", MentorExpertise.mentor, shows="expertise position"),
)
holds(
    Photo,
    Part("photos", Photo.person, shows="content at", untold={"hash": "it follows from the content"}),
    plain={"id": KEY},
)
holds(SavedMentor, Part("saved_mentors", SavedMentor.person, shows="mentor at"), Part("", SavedMentor.mentor))
holds(Expertise, plain={"id": KEY, "name": WORDS, "kind": WORDS, "status": WORDS})
holds(Alias, plain={"key": WORDS, "text": WORDS, "expertise": WORDS})
holds(Edition, plain={"name": "names a list", "number": "counts its changes"})


@leaving
@write
def _withdraw(who: Who) -> None:
    """What this mentor alone proposed, and nobody has decided on, goes along."""
    theirs = MentorExpertise.select(MentorExpertise.expertise).where(MentorExpertise.mentor == who.id)
    others = MentorExpertise.select(MentorExpertise.expertise).where(MentorExpertise.mentor != who.id)
    topics.withdraw((Expertise.id << theirs) & (Expertise.id.not_in(others)))
