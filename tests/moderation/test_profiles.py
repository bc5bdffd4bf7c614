"""Deciding on profiles: approve, ask for changes, reject, each once and on what was looked at."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.mail.outbox import Outbox
from portal.mentors import profile
from portal.mentors.models import Mentor, Revision
from portal.mentors.profile import Profile, published_content
from portal.moderation.models import Decision
from portal.moderation.queue import changes, queue
from portal.people.models import Person
from tests.cast import Visitor, make_person
from tests.conftest import Time
from tests.letters import html_of, mail, text_of, told

CONTENT = Profile("Sam Rivera", "Biologist", "About", "", ("Go",), ("skill",), ("en",), ("chat",))


def submitted(person: Person, content: Profile = CONTENT) -> Revision:
    revision = profile.save_draft(content, person=person)
    profile.submit(revision, person=person)
    return revision


def decide(browser: Visitor, revision: Revision, what: str, reason: str = "", version: object = None) -> TestResponse:
    typed = {"what": what, "reason": reason, "version": revision.version if version is None else version}
    return browser.post(f"/moderation/profiles/{revision.id}/decision", typed)


def decisions() -> list[tuple[str, ...]]:
    return [(row.subject, row.what, row.about, row.reason, row.coordinator.name) for row in Decision.select()]


def test_approve_publishes_keeps_the_decision_and_tells_the_mentor(
    app: Flask, mentee: Person, coordinator: Person, world: Time
) -> None:
    inga, revision = Visitor(app, coordinator), submitted(mentee)
    page = inga.get("/coordinator").text
    assert (f'data-waiting="{revision.id}"' in page, "New profile · just now" in page) == (True, True)
    answer = decide(inga, revision, "approve")
    assert (answer.status_code, answer.location) == (303, "/coordinator")
    assert "Approved." in inga.get("/coordinator").text
    assert Mentor.get().is_published
    assert decisions() == [("profile", "approved", "Sam Rivera", "", "Inga Holm")]
    assert Decision.get().at == world.now
    assert told() == [("moderation/profile_decided", "sam.rivera@example.org")]
    letter = mail(app, "moderation/profile_decided")
    assert letter["Subject"] == "Your mentor profile is public"
    assert "http://portal.example.org/hours" in text_of(letter)


@pytest.mark.parametrize(
    ("what", "kept", "subject", "said"),
    [
        ("ask", "changes_asked", "Please change something in your mentor profile", "The mentor is asked for changes."),
        ("reject", "rejected", "Your mentor profile was not accepted", "Rejected."),
    ],
)
def test_ask_and_reject_need_a_reason_that_the_mentor_reads(
    app: Flask, mentee: Person, coordinator: Person, what: str, kept: str, subject: str, said: str
) -> None:
    inga, revision = Visitor(app, coordinator), submitted(mentee)
    for reason in ("", "  \u202e "):
        without = decide(inga, revision, what, reason)
        assert (without.status_code, "Write what should change, in a sentence" in without.text) == (422, True)
    assert (told(), decisions(), Revision.get().status) == ([], [], "submitted")
    assert decide(inga, revision, what, "Say <more> about R.").status_code == 303
    assert said in inga.get("/coordinator").text
    assert decisions() == [("profile", kept, "Sam Rivera", "Say <more> about R.", "Inga Holm")]
    assert Mentor.get().status == "applying"
    letter = mail(app, "moderation/profile_decided")
    assert letter["Subject"] == subject
    assert ("“Say <more> about R.”" in text_of(letter), "“Say &lt;more&gt; about R.”" in html_of(letter)) == (
        True,
        True,
    )
    assert "http://portal.example.org/profile" in text_of(letter)


def test_decide_with_bad_input_says_so_and_changes_nothing(app: Flask, mentee: Person, coordinator: Person) -> None:
    inga, revision = Visitor(app, coordinator), submitted(mentee)
    for what, reason, version, said in (
        ("", "", 1, "Choose a decision."),
        ("publish", "", 1, "A decision is approve, ask or reject."),
        ("approve", "", "", "This page was incomplete. Reload it."),
        ("approve", "", "one", "Not a valid integer value."),
        ("approve", "", "9" * 25, "This page was incomplete. Reload it."),
        ("approve", "", "-1", "This page was incomplete. Reload it."),
        ("approve", "", "9" * 5000, "Not a valid integer value."),
        ("ask", "x" * 501, 1, "At most 500 characters, please."),
    ):
        answer = decide(inga, revision, what, reason, version)
        assert (what, version, answer.status_code, said in answer.text) == (what, version, 422, True)
    assert f'value="{"x" * 501}"' in answer.text
    assert (told(), decisions(), Revision.get().status) == ([], [], "submitted")


def test_second_of_two_coordinators_is_told_and_overwrites_nothing(
    app: Flask, mentee: Person, coordinator: Person
) -> None:
    other, revision = make_person("Olu Ade", coordinator=True), submitted(mentee)
    first, second = Visitor(app, coordinator), Visitor(app, other)
    assert 'value="approve"' in second.get(f"/moderation/profiles/{revision.id}").text
    assert decide(first, revision, "approve").status_code == 303
    for what in ("reject", "approve", "ask"):
        late = decide(second, revision, what, "Too short")
        assert (late.status_code, "Nothing was done; look at it as it is now." in late.text) == (409, True)
    assert (Mentor.get().is_published, len(decisions()), Outbox.select().count()) == (True, 1, 1)
    shown = second.get(f"/moderation/profiles/{revision.id}").text
    assert ("This profile has been decided on: approved." in shown, "Approved by Inga Holm" in shown) == (True, True)
    assert 'value="approve"' not in shown


def test_decide_on_what_the_mentor_changed_since_is_refused(app: Flask, mentee: Person, coordinator: Person) -> None:
    inga, looked_at = Visitor(app, coordinator), submitted(mentee)
    seen = looked_at.version
    newer = submitted(mentee, replace(CONTENT, about="Buy my course"))
    assert decide(inga, newer, "approve", version=seen).status_code == 409
    assert (Mentor.get().status, decisions()) == ("applying", [])


def test_profile_page_shows_new_beside_old(app: Flask, mentor: Mentor, coordinator: Person) -> None:
    wanted = replace(
        published_content(mentor),
        headline="Chief <b>officer</b>",
        expertise=("Go", "Offer negotiation"),
        kinds=("career",),
        about="",
    )
    revision = submitted(mentor.person, wanted)
    page = re.sub(r"\s+", " ", Visitor(app, coordinator).get(f"/moderation/profiles/{revision.id}").text)
    for shown in (
        "Changed profile",
        "Headline: <del>Product lead</del> → <ins>Chief &lt;b&gt;officer&lt;/b&gt;</ins>",
        "Expertise: <ins>+ Go</ins>",
        "Kinds: <del>project</del>",
        "About: <del>Bring me one decision you are stuck on.</del> → <ins>nothing</ins>",
    ):
        assert (shown, shown in page) == (shown, True)
    assert "Languages:" not in page


def test_changes_tell_what_is_added_removed_and_reordered() -> None:
    public = replace(CONTENT, expertise=("Go", "R", "SQL"))
    assert changes(public, public) == []
    assert changes(replace(public, kinds=("skill", "career")), replace(public, kinds=("career", "skill"))) == []
    changed = changes(public, replace(public, expertise=("SQL", "Go", "Rust"), name="Sam"))
    assert [(row.label, row.old, row.new, row.added, row.removed) for row in changed] == [
        ("Name", "Sam Rivera", "Sam", (), ()),
        ("Expertise", "Go, R, SQL", "SQL, Go, Rust", ("Rust",), ("R",)),
    ]


def test_queue_is_oldest_first_and_holds_no_draft(world: Time) -> None:
    for name in ("First Asker", "Second Asker"):
        submitted(make_person(name), replace(CONTENT, name=name))
        world.pass_(hours=3)
    profile.save_draft(replace(CONTENT, name="Still Writing"), person=make_person("Still Writing"))
    waiting = queue().profiles
    assert [row.profile.name for row in waiting] == ["First Asker", "Second Asker"]
    assert (queue().count, [row.is_new for row in waiting]) == (2, [True, True])


def test_page_of_a_draft_or_of_nothing_does_not_exist(app: Flask, mentee: Person, coordinator: Person) -> None:
    inga, draft = Visitor(app, coordinator), profile.save_draft(CONTENT, person=mentee)
    for key in (draft.id, draft.id + 1, 0, 2_147_483_647, 2_147_483_648, 10**30, "x", "-1"):
        shown = inga.get(f"/moderation/profiles/{key}")
        decided = inga.post(f"/moderation/profiles/{key}/decision", {"what": "approve", "version": 1})
        assert (key, shown.status_code, decided.status_code) == (key, 404, 404)
