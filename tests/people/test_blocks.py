"""Blocking somebody from their page, and lifting it: only who blocked knows of it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.errors import NotAllowedNow
from portal.mentors.models import Mentor
from portal.mentors.profile import Profile, hide, save_draft
from portal.people import blocks
from portal.people.models import Block, Person
from tests.cast import Visitor, make_mentor, make_person
from tests.conftest import Time
from tests.letters import told

PATH = "/mentors/laila-mansour"
NOTE = "You have blocked Laila, so you are not offered each other’s openings."


def as_read(page: str) -> str:
    """Without the tokens, which differ each time."""
    return re.sub(r'name="csrf_token" value="[^"]+"|X-CSRFToken": "[^"]+"', "", page)


def pairs() -> list[tuple[int, int]]:
    return [(row.person_id, row.blocked_id) for row in Block.select().order_by(Block.person, Block.blocked)]


def test_block_keeps_two_apart_both_ways(mentor: Mentor, mentee: Person, stranger: Person) -> None:
    blocks.block(mentor.person, person=mentee)
    assert [blocks.are_apart(*both) for both in ((mentee.id, mentor.person_id), (mentor.person_id, mentee.id))] == [
        True,
        True,
    ]
    assert (blocks.apart_from(mentee.id), blocks.apart_from(mentor.person_id)) == ({mentor.person_id}, {mentee.id})
    assert (blocks.apart_from(stranger.id), blocks.are_apart(stranger.id, mentee.id)) == (frozenset(), False)


def test_block_a_second_time_is_the_same_and_each_lifts_their_own(mentor: Mentor, mentee: Person) -> None:
    for _ in range(2):
        blocks.block(mentor.person, person=mentee)
        blocks.block(mentee, person=mentor.person)
    assert len(pairs()) == 2
    blocks.unblock(mentor.person_id, person=mentee)
    assert pairs() == [(mentor.person_id, mentee.id)]
    assert blocks.are_apart(mentee.id, mentor.person_id)
    blocks.unblock(mentee.id, person=mentor.person)
    assert not blocks.are_apart(mentee.id, mentor.person_id)


def test_block_oneself_is_refused(mentee: Person) -> None:
    with pytest.raises(NotAllowedNow, match=r"^You cannot block yourself\.$"):
        blocks.block(mentee, person=mentee)
    assert pairs() == []


def test_blocked_by_tells_the_latest_first(mentee: Person, mentor: Mentor, stranger: Person, world: Time) -> None:
    for person in (mentor.person, stranger):
        blocks.block(person, person=mentee)
        world.pass_(minutes=1)
    assert [person.name for person in blocks.blocked_by(mentee)] == ["Mallory Quinn", "Laila Mansour"]
    assert blocks.blocked_by(mentor.person) == []


def test_block_from_the_page_is_said_to_who_blocked_alone(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam, laila = Visitor(app, mentee), Visitor(app, mentor.person)
    before = as_read(laila.get("/you").text)
    for _ in range(2):
        answer = sam.post(f"{PATH}/block")
        assert (answer.status_code, answer.location, pairs()) == (303, PATH, [(mentee.id, mentor.person_id)])
    page = sam.get(PATH).text
    assert "You and Laila are not offered each other&#39;s openings again." in page
    assert (NOTE in page, "Block Laila" in page, 'action="/mentors/laila-mansour/block"' in page) == (
        True,
        False,
        False,
    )
    assert (as_read(laila.get("/you").text), told()) == (before, [])


def test_you_lists_whom_one_has_blocked_and_lifts_it(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam, laila = Visitor(app, mentee), Visitor(app, mentor.person)
    assert "Blocked by you" not in sam.get("/you").text
    blocks.block(mentor.person, person=mentee)
    page = sam.get("/you").text
    assert ("Blocked by you" in page, "<span>Laila Mansour</span>" in page) == (True, True)
    assert f'action="/blocks/{mentor.person_id}/end"' in page
    assert "Blocked by you" not in laila.get("/you").text
    for _ in range(2):
        answer = sam.post(f"/blocks/{mentor.person_id}/end")
        assert (answer.status_code, answer.location, pairs()) == (303, "/you", [])
    assert (NOTE in sam.get(PATH).text, "Block Laila" in sam.get(PATH).text) == (False, True)


def test_unblock_is_for_who_blocked(app: Flask, mentor: Mentor, mentee: Person, stranger: Person) -> None:
    blocks.block(mentor.person, person=mentee)
    for who in (mentor.person, stranger):
        for key in (mentor.person_id, mentee.id, 10**9):
            answer = Visitor(app, who).post(f"/blocks/{key}/end")
            assert (answer.status_code, answer.location) == (303, "/you")
    assert pairs() == [(mentee.id, mentor.person_id)]
    for key in ("x", "-1", str(2**31), "9" * 30):
        assert Visitor(app, mentee).post(f"/blocks/{key}/end").status_code == 404


def test_block_oneself_on_the_page_is_refused_and_not_offered(app: Flask, mentor: Mentor) -> None:
    laila = Visitor(app, mentor.person)
    answer = laila.post(f"{PATH}/block")
    assert (answer.status_code, "You cannot block yourself." in answer.text, pairs()) == (409, True, [])
    assert "Block Laila" not in laila.get(PATH).text


def test_block_who_is_not_there_does_not_exist(app: Flask, mentee: Person, stranger: Person) -> None:
    save_draft(Profile("Bo Chen", "Soon"), person=make_person("Bo Chen"))
    hide(make_mentor("Hidden Away"))
    for slug in ("nobody", "bo-chen", "hidden-away", "%ff", "x" * 900):
        answer = Visitor(app, mentee).post(f"/mentors/{slug}/block")
        assert (slug, answer.status_code, "There is nothing at this address." in answer.text) == (slug, 404, True)
    assert pairs() == []


def test_block_as_a_visitor_leads_to_sign_in(app: Flask, visitor: Visitor, mentor: Mentor) -> None:
    for path in (f"{PATH}/block", "/blocks/1/end"):
        answer = visitor.post(path)
        assert (path, answer.status_code, answer.location.split("?")[0]) == (path, 303, "/sign-in")
        assert visitor.get(path).status_code == 405
    assert ("Block Laila" in visitor.get(PATH).text, pairs()) == (False, [])
