"""A mentor's profile: drafted, submitted, decided; public only as a coordinator approved it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.errors import Missing, NotAllowedNow, Stale
from portal.mentors import profile
from portal.mentors.models import Mentor, MentorExpertise, Revision
from portal.mentors.profile import Profile, content_of, mentor_of, open_revision, published_content
from portal.people.models import Person
from tests.cast import make_person
from tests.conftest import Time

FIRST = Profile("Sam Rivera", "Biologist", "About", "", ("Go",), ("skill",), ("en",), ("video",), "https://a.example")


def submitted(person: Person, content: Profile = FIRST) -> Revision:
    revision = profile.save_draft(content, person=person)
    profile.submit(revision, person=person)
    return fresh(revision)


def fresh(revision: Revision) -> Revision:
    found: Revision = Revision.get_by_id(revision.id)
    return found


def test_save_draft_makes_the_mentor_and_shows_nobody(mentee: Person) -> None:
    revision = profile.save_draft(FIRST, person=mentee)
    mentor = Mentor.get()
    assert (mentor.slug, mentor.status, mentor.published_at, mentor.headline) == ("sam-rivera", "applying", None, "")
    assert (revision.status, revision.version, content_of(revision)) == ("draft", 1, FIRST)


def test_save_draft_again_changes_the_one_that_is_open(mentee: Person) -> None:
    first = profile.save_draft(FIRST, person=mentee)
    second = profile.save_draft(replace(FIRST, headline="Chemist"), person=mentee)
    assert (second.id, second.version, Revision.select().count()) == (first.id, 2, 1)
    assert content_of(fresh(first)).headline == "Chemist"


def test_save_draft_of_a_name_that_is_taken_gets_an_address_of_its_own(world: Time) -> None:
    names = ["Sam Rivera", "sam  RIVERA", "😀", "李雷", "x" * 80]
    for number, name in enumerate(names):
        profile.save_draft(replace(FIRST, name=name), person=make_person(f"Person {number}"))
    slugs = [mentor.slug for mentor in Mentor.select().order_by(Mentor.person)]
    assert [slugs[0], *slugs[2:]] == ["sam-rivera", "mentor", "李雷", "x" * 60]
    assert (slugs[1].startswith("sam-rivera-"), len(slugs[1])) == (True, len("sam-rivera-") + 6)


def test_submit_twice_is_once(mentee: Person, world: Time) -> None:
    revision = submitted(mentee)
    at = revision.submitted_at
    world.pass_(hours=1)
    profile.submit(revision, person=mentee)
    assert (fresh(revision).status, fresh(revision).submitted_at) == ("submitted", at)


def test_submit_of_another_person_does_not_exist(mentee: Person, stranger: Person) -> None:
    revision = profile.save_draft(FIRST, person=mentee)
    with pytest.raises(Missing):
        profile.submit(revision, person=stranger)
    assert fresh(revision).status == "draft"


def test_submit_a_page_that_is_old_reopens_nothing(mentee: Person) -> None:
    old = profile.save_draft(FIRST, person=mentee)
    revision = submitted(mentee)
    profile.decide(revision, "approved", version=revision.version)
    profile.save_draft(replace(FIRST, headline="Chemist"), person=mentee)
    profile.submit(old, person=mentee)
    assert [row.status for row in Revision.select().order_by(Revision.id)] == ["approved", "draft"]


def test_change_what_is_submitted_takes_it_out_of_the_queue(mentee: Person) -> None:
    revision = submitted(mentee)
    profile.save_draft(replace(FIRST, headline="Chemist"), person=mentee)
    assert (fresh(revision).status, fresh(revision).version) == ("draft", 2)


def test_decide_to_approve_publishes_all_of_it(mentee: Person, world: Time) -> None:
    revision = submitted(mentee, replace(FIRST, expertise=("golang", "Zorbology")))
    profile.decide(revision, "approved", version=1)
    mentor = Mentor.get()
    assert (mentor.status, mentor.published_at, mentor.is_published) == ("published", world.now, True)
    assert published_content(mentor) == replace(FIRST, expertise=("Go", "Zorbology"))
    assert [row.position for row in MentorExpertise.select()] == [0, 1]
    assert open_revision(mentor) is None


@pytest.mark.parametrize("outcome", ["changes_asked", "rejected"])
def test_decide_otherwise_publishes_nothing(mentee: Person, outcome: str) -> None:
    revision = submitted(mentee)
    profile.decide(revision, outcome, version=1, reason="Say more")
    assert (fresh(revision).status, fresh(revision).reason) == (outcome, "Say more")
    assert (Mentor.get().status, Mentor.get().headline, MentorExpertise.select().count()) == ("applying", "", 0)


def test_decide_on_what_was_changed_since_is_refused(mentee: Person) -> None:
    looked_at = submitted(mentee)
    newer = submitted(mentee, replace(FIRST, about="Buy my course"))
    for version in (looked_at.version, newer.version + 1, 0, -1):
        with pytest.raises(Stale, match="Nothing was done"):
            profile.decide(newer, "approved", version=version)
    assert (fresh(newer).status, Mentor.get().status) == ("submitted", "applying")
    profile.decide(newer, "approved", version=newer.version)
    assert Mentor.get().about == "Buy my course"


@pytest.mark.parametrize("first", ["approved", "changes_asked", "rejected"])
def test_decide_a_second_time_is_refused(mentee: Person, first: str) -> None:
    revision = submitted(mentee)
    profile.decide(revision, first, version=1)
    for second in ("approved", "changes_asked", "rejected"):
        with pytest.raises(Stale):
            profile.decide(revision, second, version=1)
    assert fresh(revision).status == first


def test_decide_on_a_draft_is_refused(mentee: Person) -> None:
    with pytest.raises(Stale):
        profile.decide(profile.save_draft(FIRST, person=mentee), "approved", version=1)


def test_change_waits_while_the_old_stays_public(mentor: Mentor) -> None:
    public = published_content(mentor)
    wanted = replace(public, headline="Astronaut", expertise=("Go",))
    for outcome in ("changes_asked", "rejected", "approved"):
        revision = submitted(mentor.person, wanted)
        assert published_content(Mentor.get()) == public
        profile.decide(revision, outcome, version=revision.version)
        assert published_content(Mentor.get()) == (wanted if outcome == "approved" else public)
    assert Mentor.get().slug == mentor.slug


def test_hide_and_restore_each_once(mentor: Mentor) -> None:
    profile.hide(mentor)
    assert (mentor.is_hidden, Mentor.get().is_hidden, Mentor.get().version) == (True, True, mentor.version + 1)
    with pytest.raises(NotAllowedNow, match="not in the directory"):
        profile.hide(mentor)
    profile.restore(mentor)
    assert (mentor.is_published, Mentor.get().is_published) == (True, True)
    with pytest.raises(NotAllowedNow, match="not hidden"):
        profile.restore(mentor)


def test_hide_or_restore_who_was_never_public_is_refused(mentee: Person) -> None:
    profile.save_draft(FIRST, person=mentee)
    for turn in (profile.hide, profile.restore):
        with pytest.raises(NotAllowedNow):
            turn(Mentor.get())
    assert Mentor.get().status == "applying"


def test_approve_a_change_of_a_hidden_mentor_keeps_it_hidden(mentor: Mentor) -> None:
    revision = submitted(mentor.person, replace(published_content(mentor), headline="Astronaut"))
    assert revision.mentor.is_published  # as the first coordinator's page has it
    profile.hide(Mentor.get())
    profile.decide(revision, "approved", version=revision.version)
    assert (Mentor.get().status, Mentor.get().headline) == ("hidden", "Astronaut")


def test_mentor_of_somebody_without_a_profile_is_none(mentee: Person) -> None:
    assert mentor_of(mentee) is None
