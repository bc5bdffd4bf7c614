"""Proposed expertise: listed, merged or left off by a coordinator."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.mentors.models import Alias, Expertise, Mentor
from portal.mentors.topics import listed_names
from portal.moderation.models import Decision
from portal.moderation.queue import queue
from portal.people.models import Person
from tests.cast import Visitor, make_mentor, make_person


@pytest.fixture
def proposal(app: Flask) -> Expertise:
    make_mentor(expertise=("Zorbology", "Go"))
    found: Expertise = Expertise.get(Expertise.name == "Zorbology")
    return found


def path(proposal: Expertise) -> str:
    return f"/moderation/expertise/{proposal.id}"


def kept() -> list[tuple[str, str, str]]:
    return [(row.about, row.what, row.coordinator.name) for row in Decision.select()]


def test_proposal_of_a_public_mentor_waits(app: Flask, proposal: Expertise, coordinator: Person) -> None:
    assert [row.name for row in queue().proposals] == ["Zorbology"]
    page = Visitor(app, coordinator).get("/coordinator").text
    shown = re.search(r"Proposed expertise.*?Zorbology.*?</form>", page, re.DOTALL)
    assert shown is not None
    assert f'action="{path(proposal)}"' in shown[0]


def test_list_puts_it_on_the_list(app: Flask, proposal: Expertise, coordinator: Person, visitor: Visitor) -> None:
    inga = Visitor(app, coordinator)
    answer = inga.post(path(proposal), {"what": "list", "name": "Zorb  science", "kind": "studies"})
    assert (answer.status_code, "Zorb science" in listed_names(), Mentor.get().topic_names) == (
        303,
        True,
        "Zorb science; Go",
    )
    assert kept() == [("Zorbology", "listed as Zorb science", "Inga Holm")]
    assert "Nothing waits." in inga.get("/coordinator").text
    for need in ("zorbology", "zorb-science"):
        assert "<strong>Zorb science</strong>" in visitor.get("/", query_string={"q": need}).text


def test_merge_makes_it_another_word(app: Flask, proposal: Expertise, coordinator: Person, visitor: Visitor) -> None:
    answer = Visitor(app, coordinator).post(path(proposal), {"what": "merge", "name": "golang", "kind": "skill"})
    assert (answer.status_code, Mentor.get().topic_names) == (303, "Go")
    assert kept() == [("Zorbology", "merged into Go", "Inga Holm")]
    assert "<strong>Go</strong>" in visitor.get("/?q=zorbology").text


def test_retire_leaves_it_off(app: Flask, proposal: Expertise, coordinator: Person) -> None:
    answer = Visitor(app, coordinator).post(path(proposal), {"what": "retire", "name": "", "kind": "skill"})
    assert (answer.status_code, "Zorbology" in listed_names(), Mentor.get().topic_names) == (
        303,
        False,
        "Zorbology; Go",
    )
    assert kept() == [("Zorbology", "not listed", "Inga Holm")]


def test_decide_with_bad_input_says_so_and_changes_nothing(
    app: Flask, proposal: Expertise, coordinator: Person
) -> None:
    inga = Visitor(app, coordinator)
    make_mentor("Other Mentor", expertise=("Quuxology",))
    keys = Alias.select().count()
    for what, name, kind, said in (
        ("", "Zorbology", "skill", "Choose a decision."),
        ("delete", "Zorbology", "skill", "A decision is list, merge or retire."),
        ("list", "", "skill", "Type the name it should have."),
        ("merge", " ", "skill", "Type the name it should have."),
        ("list", "x" * 61, "skill", "At most 60 characters, please."),
        ("list", "!!!", "skill", "A name is a few words, without commas."),
        ("list", "One; two", "skill", "A name is a few words, without commas."),
        ("list", "One, two", "skill", "A name is a few words, without commas."),
        ("list", "Zorbology", "magic", "Not a valid choice."),
        ("list", "golang", "skill", "“golang” stands for Go already. Merge it instead."),
        ("merge", "Zorbology", "skill", "“Zorbology” is not on the list. Type the name of a listed expertise."),
        ("merge", "Nothing known", "skill", "“Nothing known” is not on the list."),
        ("merge", "quuxology", "skill", "“quuxology” is not on the list."),
    ):
        answer = inga.post(path(proposal), {"what": what, "name": name, "kind": kind})
        assert (what, name, answer.status_code, said in answer.text) == (what, name, 422, True)
    assert (kept(), Alias.select().count()) == ([], keys)
    assert Expertise.get_by_id(proposal.id).status == "proposed"


def test_second_decision_is_refused_and_told(app: Flask, proposal: Expertise, coordinator: Person) -> None:
    first, second = Visitor(app, coordinator), Visitor(app, make_person("Olu Ade", coordinator=True))
    first.post(path(proposal), {"what": "list", "name": "Zorbology", "kind": "skill"})
    for what, name in (("retire", ""), ("list", "Other"), ("merge", "Go")):
        late = second.post(path(proposal), {"what": what, "name": name, "kind": "skill"})
        assert (late.status_code, "Somebody has decided on this expertise" in late.text) == (409, True)
    assert len(kept()) == 1
    assert (Expertise.get_by_id(proposal.id).name, Mentor.get().topic_names) == ("Zorbology", "Zorbology; Go")


def test_decide_on_what_is_gone_does_not_exist(app: Flask, proposal: Expertise, coordinator: Person) -> None:
    inga = Visitor(app, coordinator)
    inga.post(path(proposal), {"what": "merge", "name": "Go", "kind": "skill"})
    for key in (proposal.id, 0, 2_147_483_647, 10**30, "x"):
        again = inga.post(f"/moderation/expertise/{key}", {"what": "list", "name": "x", "kind": "skill"})
        assert again.status_code == 404
