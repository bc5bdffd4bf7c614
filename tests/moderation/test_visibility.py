"""Hiding and restoring; decisions that nobody can change; pages that only coordinators have."""

from __future__ import annotations

import peewee
import pytest
from flask import Flask

from portal.database import db
from portal.mentors.models import Mentor
from portal.moderation.decisions import decisions_on
from portal.moderation.decisions import hide as hide_verb
from portal.moderation.models import Decision
from portal.people.models import Person
from tests.cast import Visitor, make_person, make_session
from tests.conftest import Time
from tests.letters import mail, text_of, told

PAGE = "/moderation/mentors/laila-mansour"


def test_hide_and_restore_are_kept_told_and_seen(
    app: Flask, mentor: Mentor, coordinator: Person, visitor: Visitor, world: Time
) -> None:
    inga = Visitor(app, coordinator)
    assert "In the directory." in inga.get(PAGE).text
    hidden = inga.post(f"{PAGE}/hiding", {"reason": "Reported twice"})
    assert (hidden.status_code, hidden.location) == (303, PAGE)
    assert (Mentor.get().is_hidden, visitor.get("/mentors/laila-mansour").status_code) == (True, 404)
    letter = mail(app, "moderation/profile_decided")
    assert letter["Subject"] == "Your mentor profile is hidden"
    assert "“Reported twice”" in text_of(letter)
    world.pass_(days=1)
    assert inga.post(f"{PAGE}/restoring", {"reason": "Cleared up"}).status_code == 303
    assert (Mentor.get().is_published, visitor.get("/mentors/laila-mansour").status_code) == (True, 200)
    assert mail(app, "moderation/profile_decided")["Subject"] == "Your mentor profile is back"
    assert [(row.what, row.reason, row.coordinator.name) for row in decisions_on("profile", mentor.person_id)] == [
        ("restored", "Cleared up", "Inga Holm"),
        ("hidden", "Reported twice", "Inga Holm"),
    ]
    page = inga.get(PAGE).text
    assert "Hidden by Inga Holm, 23 November 2026, 08:00" in page
    assert page.index("Restored by Inga Holm, 24 November 2026, 08:00") < page.index("Hidden by Inga Holm")


def test_hide_needs_a_reason(app: Flask, mentor: Mentor, coordinator: Person) -> None:
    inga = Visitor(app, coordinator)
    for reason, said in (("", "Write a reason. The mentor gets it."), ("x" * 501, "At most 500 characters, please.")):
        answer = inga.post(f"{PAGE}/hiding", {"reason": reason})
        assert (answer.status_code, said in answer.text) == (422, True)
    assert (Mentor.get().is_published, told(), Decision.select().count()) == (True, [], 0)


def test_hide_a_second_time_is_refused_and_told(app: Flask, mentor: Mentor, coordinator: Person) -> None:
    other = Visitor(app, make_person("Olu Ade", coordinator=True))
    hide_verb(mentor, reason="Mine", coordinator=coordinator)
    late = other.post(f"{PAGE}/hiding", {"reason": "Also mine"})
    assert (late.status_code, "This profile is not in the directory." in late.text) == (409, True)
    assert [(row.what, row.reason) for row in Decision.select()] == [("hidden", "Mine")]
    assert len(told()) == 1


def test_hide_leaves_booked_sessions(app: Flask, mentor: Mentor, mentee: Person, coordinator: Person) -> None:
    session = make_session(mentor, mentee)
    Visitor(app, coordinator).post(f"{PAGE}/hiding", {"reason": "Reported"})
    assert Visitor(app, mentee).get(f"/sessions/{session.ref}").status_code == 200


def test_hide_what_is_no_profile_does_not_exist(app: Flask, mentor: Mentor, coordinator: Person) -> None:
    inga = Visitor(app, coordinator)
    for path in ("/moderation/mentors/nobody/hiding", f"{PAGE}/deleting", f"{PAGE}/%ff"):
        assert (path, inga.post(path, {"reason": "x"}).status_code) == (path, 404)
    assert inga.get(f"{PAGE}/hiding").status_code == 405


def test_decision_can_be_added_to_but_never_changed(mentor: Mentor, coordinator: Person) -> None:
    hide_verb(mentor, reason="Reported", coordinator=coordinator)
    for change in (
        Decision.update(reason="Nothing happened"),
        Decision.update(at=0).where(Decision.what == "hidden"),
        Decision.delete(),
    ):
        with pytest.raises(peewee.IntegrityError, match="is kept"), db.atomic():
            change.execute()
    assert [(row.what, row.reason) for row in Decision.select()] == [("hidden", "Reported")]
    assert Person.update(headline="Changed").execute() == 2  # other tables take it


def test_pages_of_coordinators_do_not_exist_for_others(app: Flask, mentor: Mentor, mentee: Person) -> None:
    make_person("Inga Holm", coordinator=True)
    others = [Visitor(app), Visitor(app, mentee), Visitor(app, mentor.person)]
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in ("moderation", "programme")]
    assert len(rules) >= 7
    for rule in rules:
        path = rule.build({"key": 1, "slug": mentor.slug, "what": _first(rule.rule)}, append_unknown=False)
        assert path is not None
        for browser in others:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = (
                    browser.get(path[1]) if method == "GET" else browser.post(path[1], {"reason": "x", "what": "list"})
                )
                assert (rule.rule, method, answer.status_code) == (rule.rule, method, 404)
                assert "There is nothing at this address." in answer.text
    assert (Decision.select().count(), Mentor.get().is_published) == (0, True)


def _first(rule: str) -> str:
    return rule.split("any(")[1].split(",")[0] if "any(" in rule else ""


def test_tab_of_coordinators_is_shown_to_them_alone(app: Flask, mentee: Person, coordinator: Person) -> None:
    shown = ['href="/coordinator"' in Visitor(app, who).get("/").text for who in (None, mentee, coordinator)]
    assert shown == [False, False, True]
