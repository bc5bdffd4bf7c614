"""The table is the life of a session: what it says is offered and accepted, and every action has its row."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from flask import Flask

from portal.sessions.models import SessionEvent
from portal.sessions.turns import TURNS, Seat, Turn
from tests.sessions.agreement import (
    World,
    acceptance_faults,
    among,
    below_a_session,
    make_world,
    outsider_faults,
    page_faults,
    refusal_faults,
)
from tests.sessions.table import ALL_STATES, LIMITS, NAMES, ROWS, TOUR, Row, State

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("life", "moment"), TOUR, indirect=["life"], scope="module")
def test_page_offers_what_the_table_says(life: World, moment: str) -> None:
    assert [fault for scene in among(life.at(moment), moment) for fault in page_faults(scene, moment)] == []


@pytest.mark.parametrize(("life", "moment"), TOUR, indirect=["life"], scope="module")
def test_server_accepts_what_the_table_says(life: World, moment: str) -> None:
    assert [fault for scene in life.at(moment) for fault in acceptance_faults(scene, moment)] == []


@pytest.mark.parametrize("moment", ["start -1 d", "end +1 d"])
def test_pages_of_a_session_are_not_there_for_others(life: World, moment: str) -> None:
    assert [fault for scene in life.at(moment) for fault in outsider_faults(scene, moment)] == []


@pytest.mark.parametrize(
    ("moment", "is_late"),
    [("start -3 h -1 s", False), ("start -3 h", False), ("start -3 h +1 s", True), ("start -1 s", True)],
)
def test_late_cancellation_is_said_before_the_tap(life: World, moment: str, is_late: bool) -> None:
    said = "It starts in less than 3 hours, so this counts as a late cancellation."
    for scene in life.at(moment):
        if scene.state.name not in ("booked", "a team", "a team, cancelled"):
            continue
        pages = {actor: html.unescape(scene.get(actor).text) for actor in ("mentee", "mentor")}
        is_open = is_late and "cancelled" not in scene.state.facts
        assert {(scene.state.name, actor): said in page for actor, page in pages.items()} == {
            (scene.state.name, "mentee"): is_open,
            (scene.state.name, "mentor"): is_open,
        }


def without_a_row(app: Flask) -> set[str]:
    """What can be done with a session, by its routes or its rules, and is not in the table, or the other way round."""
    routes, rules = below_a_session(app, "POST"), set(TURNS)
    return (routes ^ rules) | (routes ^ set(NAMES))


def test_every_action_has_a_row(app: Flask) -> None:
    assert without_a_row(app) == set()


@pytest.mark.own_app
def test_a_new_action_without_a_row_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.add_url_rule("/sessions/<ref>/applause", "applause", lambda ref: ref, methods=["POST"])
    assert without_a_row(app) == {"applause"}
    monkeypatch.setitem(TURNS, "farewell", Turn(frozenset({"mentor"}), lambda seat: ""))
    assert without_a_row(app) == {"applause", "farewell"}
    monkeypatch.delitem(TURNS, "move")
    assert without_a_row(app) == {"applause", "farewell", "move"}


def reached(row: Row, state: State) -> set[bool]:
    return {row.allows(actor, state.facts, moment) for actor in row.who for moment in state.moments}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.action} {' '.join(sorted(row.who))}")
def test_every_cell_of_the_table_is_reached(row: Row) -> None:
    """Each limit is looked at from both sides, and each fact once makes the difference."""
    assert {row.since, row.until.removesuffix(" +1 s")} - {"", *LIMITS} == set()
    assert any(True in reached(row, state) for state in ALL_STATES)
    for fact in row.never | row.silent:
        free = Row(row.action, row.who, row.since, row.until, row.needs, row.never - {fact}, row.silent - {fact})
        assert (fact, any(reached(free, state) - reached(row, state) for state in ALL_STATES)) == (fact, True)
    for fact in row.needs:
        free = Row(row.action, row.who, row.since, row.until, row.needs - {fact}, row.never, row.silent)
        assert (fact, any(reached(free, state) - reached(row, state) for state in ALL_STATES)) == (fact, True)


def every_fault(world: World, moment: str) -> list[str]:
    scenes = world.at(moment)
    found = [fault for scene in scenes for fault in (*page_faults(scene, moment), *acceptance_faults(scene, moment))]
    return found + list(refusal_faults(scenes, moment))


def test_a_rule_that_is_too_wide_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(app, "booked")
    assert every_fault(world, "start") == []
    always = Turn(
        TURNS["cancellation"].roles, lambda seat: "It is cancelled already." if seat.session.is_cancelled else ""
    )
    monkeypatch.setitem(TURNS, "cancellation", always)
    assert every_fault(world, "start -1 s") == []
    assert every_fault(world, "start")[:3] == [
        "booked, start: cancellation of the mentee is offered",
        "booked, start: cancellation of the mentor is offered",
        "booked, start: cancellation of the mentee is accepted, not refused",
    ]


def test_a_rule_that_is_a_second_too_narrow_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(app, "a team")
    early = Turn(
        frozenset({"teammate"}), lambda seat: "It is too late." if seat.now >= seat.session.end - SECOND else ""
    )
    monkeypatch.setitem(TURNS, "departure", early)
    assert every_fault(world, "end -1 s") == [
        "a team, end -1 s: departure of the teammate is not offered",
        "a team, end -1 s: departure of the teammate is refused, not accepted",
    ]


def test_a_button_without_its_rule_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(app, "booked")
    can = Seat.can
    monkeypatch.setattr(Seat, "can", lambda seat, name: name == "teammates" or can(seat, name))
    assert every_fault(world, "start -1 d") == [
        "booked, start -1 d: teammates of the mentee is offered",
        "booked, start -1 d: teammates of the mentor is offered",
    ]


def test_an_action_open_to_others_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(app, "a team")
    wide = Turn(TURNS["questions"].roles | {"teammate"}, TURNS["questions"].why_not)
    monkeypatch.setitem(TURNS, "questions", wide)
    assert every_fault(world, "start -1 d")[:2] == [
        "a team, start -1 d: questions of the teammate is offered",
        "a team, start -1 d: questions of the teammate is accepted, not missing",
    ]


def test_a_refusal_that_changes_something_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(app, "booked")

    def leaves_a_trace(seat: Seat) -> str:
        SessionEvent.create(session=seat.session, person=seat.person, what="tried", at=seat.now)
        return "Not now, and this was written down."

    scenes = world.at("start")
    monkeypatch.setitem(TURNS, "objection", Turn(TURNS["objection"].roles, leaves_a_trace))
    assert list(refusal_faults(scenes, "start")) == ["start: a refusal changed session_event"]


@pytest.mark.parametrize("said", ["No", "no way at all.", "Not", "It is too late"])
def test_a_refusal_without_a_sentence_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    world = make_world(app, "booked")
    monkeypatch.setitem(TURNS, "objection", Turn(frozenset({"mentor"}), lambda seat: said))
    assert list(refusal_faults(world.at("start"), "start")) == [
        "booked, start: objection of the mentee is missing, not refused",
        "booked, start: objection of the mentor is refused without a sentence, not refused",
    ]
