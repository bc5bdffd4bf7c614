"""Every address gives every role exactly the answer that the table says, and what is refused changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, abort

from portal import create_app
from portal.database import is_postgres
from portal.errors import Missing
from portal.mail.outbox import Outbox
from portal.people import account
from portal.people.models import Person
from portal.preparation.models import Reading
from portal.sessions.models import Session
from portal.sessions.turns import seat_at
from tests.access.answers import DETOURS, answer, ask
from tests.access.roles import ROLES
from tests.access.table import Row, routes, rows
from tests.access.world import World

NOTES_READING = ("GET", "/sessions/<ref>")
"""The one address where looking is noted: how far somebody has read."""
COUNTS_TRIES = ("POST", "/sign-in/code")
"""The one where a refusal is noted: a wrong code is a try."""
ONLY_FOR_MEMBERS = """
GET /                        | in
POST /asked                  | in
GET /mentors/<slug>          | in
POST /holds                  | in
GET /photos/<name>.jpg       | 404
"""


def faults(world: World, among: list[Row], roles: tuple[str, ...] = ROLES, app: str = "") -> list[str]:
    """Where an answer is not as the table says."""
    known, found = routes(*world.apps.values()), []
    for row in among:
        for role, due in zip(ROLES, row.answers, strict=True):
            if role in roles:
                given = answer(world, row, known[row.route], role, app=app)
                if given != due:
                    found.append(f"{row} answers the {role} {given}, not {due}")
    return found


def is_refusal(cell: str) -> bool:
    return cell.strip("+") in DETOURS or cell[0] in "45"


def unlisted(*apps: Flask) -> set[tuple[str, str]]:
    """Addresses without a row, and rows without an address."""
    return set(routes(*apps)) ^ {row.route for row in rows()}


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    assert len(rows()) >= 120
    assert unlisted(*world.apps.values()) == set()


def test_a_route_without_a_row_is_found(world: World) -> None:
    """The control: one that is new, and one that takes another method."""
    app = create_app(world.settings)
    app.add_url_rule("/people", view_func=lambda: "", endpoint="open")
    app.add_url_rule("/you/mails", view_func=lambda: "", methods=["DELETE"], endpoint="gone")
    found = {("GET", "/people"), ("DELETE", "/you/mails")}
    assert unlisted(app, world.apps["demo"]) == found
    assert unlisted(world.apps[""]) == {route for route in routes(world.apps["demo"]) if route[1].startswith("/demo/")}


def test_every_answer_is_as_the_table_says(world: World) -> None:
    assert faults(world, rows()) == []


def test_the_table_lets_no_refusal_and_no_look_change_anything() -> None:
    for row in rows():
        changing = [cell for cell in row.answers if cell.endswith("+")]
        assert (row, [cell for cell in changing if is_refusal(cell) and row.route != COUNTS_TRIES]) == (row, [])
        if row.method == "GET" and row.route != NOTES_READING:
            assert (row, changing) == (row, [])


def test_looking_at_a_session_notes_reading_and_what_follows_from_it(world: World) -> None:
    """Who has read a message needs no mail about it."""
    (row,) = (row for row in rows() if row.route == NOTES_READING and row.thing == "ahead")
    ask(world, "GET", routes(world.apps[""])[row.route], "mentee", "ahead")
    assert sorted(world.changed()) == [Outbox._meta.table_name, Reading._meta.table_name]


def test_a_stranger_gets_the_same_on_postgresql(postgres_world: World) -> None:
    """Who may what is decided in Python, by the same code on both databases. Asked is what changes nothing, because
    there it is slow to put back.
    """
    assert is_postgres()
    place = ROLES.index("other mentee")
    among = [row for row in rows() if not row.answers[place].endswith("+")]
    assert len(among) >= 80
    assert faults(postgres_world, among, ("other mentee",)) == []
    assert postgres_world.changed() == []


def test_a_members_only_directory_asks_visitors_to_sign_in_and_nobody_else(world: World) -> None:
    wanted = {
        tuple(route.split()): cell.strip()
        for route, cell in (line.split("|") for line in ONLY_FOR_MEMBERS.strip().splitlines())
    }
    known, found = routes(world.apps["members"]), {}
    among = [row for row in rows() if world.app_for(row.thing) is world.apps[""]]
    for row in among:
        given = answer(world, row, known[row.route], "visitor", app="members")
        if given != row.answers[0]:
            found[row.route] = given
    assert found == wanted
    changed = [row for row in among if row.route in wanted]
    assert faults(world, changed, ("other mentee", "mentor", "coordinator"), app="members") == []


def test_htmx_is_sent_to_sign_in_as_well(world: World) -> None:
    known, seen = routes(world.apps[""]), 0
    for row in rows():
        if row.answers[0] in DETOURS and row.route in known:
            given = ask(world, row.method, known[row.route], "visitor", row.thing, headers={"HX-Request": "true"})
            assert (row, given.status_code, given.data) == (row, 200, b"")
            assert given.headers["HX-Redirect"].startswith("/sign-in?next=/")
            seen += 1
    assert (seen >= 60, world.changed()) == (True, [])


def test_other_methods_are_refused_at_every_address(world: World) -> None:
    known = routes(world.apps[""])
    things = {row.rule: row.thing for row in rows()}
    for (_, short), rule in known.items():
        takes = {method for method, other in known if other == short} | {"HEAD", "OPTIONS"}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - takes:
            given = ask(world, method, rule, "coordinator", things[short])
            assert (method, short, given.status_code) == (method, short, 405)
    assert world.changed() == []


# The controls: each check that is taken away is missed by the table.


def test_without_any_one_sign_in_check_the_table_finds_it(world: World) -> None:
    known = routes(*world.apps.values())
    checked = [row for row in rows() if hasattr(_view(world, row), "__wrapped__")]
    assert len({row.route for row in checked}) >= 60
    for row in checked:
        views, endpoint = world.app_for(row.thing).view_functions, known[row.route].endpoint
        view = views[endpoint]
        views[endpoint] = view.__wrapped__  # type: ignore[attr-defined]
        try:
            found = faults(world, [row], ("visitor", "mentee"))
        finally:
            views[endpoint] = view
        assert (row, found != []) == (row, True)


def _view(world: World, row: Row) -> Callable[..., Any]:
    endpoint = routes(*world.apps.values())[row.route].endpoint
    return world.apps["demo"].view_functions[endpoint]


@pytest.mark.parametrize("blueprint", ["moderation", "programme"])
def test_without_the_gate_of_coordinators_the_table_finds_it(world: World, blueprint: str) -> None:
    app = world.apps[""]
    theirs = [row for row in rows() if row.rule.startswith(("/moderation", "/coordinator"))]
    known = routes(app)
    theirs = [row for row in theirs if known[row.route].endpoint.startswith(f"{blueprint}.")]
    gates = app.before_request_funcs.pop(blueprint)
    try:
        found = [row for row in theirs if row.answers[7] != "404" and not faults(world, [row], ("other mentee",))]
    finally:
        app.before_request_funcs[blueprint] = gates
    assert (len(theirs) >= 4, found) == (True, [])


def test_a_session_that_is_given_to_anybody_is_found_at_each_of_its_addresses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def given_to_all(ref: str, *, person: Person) -> Any:
        return seat_at(ref, person=Session.get(Session.ref == ref).mentee)

    for module in [module for name, module in sys.modules.items() if name.startswith("portal.")]:
        if getattr(module, "seat_at", None) is seat_at:
            monkeypatch.setattr(module, "seat_at", given_to_all)
    of_mentee = [row for row in rows() if row.rule.startswith("/sessions/<ref>") and not is_refusal(row.answers[1])]
    assert len(of_mentee) >= 20
    assert [row for row in of_mentee if not faults(world, [row], ("other mentee",))] == []


def test_a_refusal_that_changes_something_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def changes_and_refuses(**_values: object) -> None:
        account.describe(Person.get(Person.name == "Sam Rivera"), name="Changed", headline="", time_zone="Etc/UTC")
        raise Missing

    monkeypatch.setitem(world.apps[""].view_functions, "sessions.cancellation", changes_and_refuses)
    (row,) = (row for row in rows() if row.rule == "/sessions/<ref>/cancellation")
    assert faults(world, [row], ("other mentee",)) == [f"{row} answers the other mentee 404+, not 404"]


def test_a_look_that_changes_something_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(**_values: object) -> str:
        Person.update(headline="seen").execute()
        return "" if world else abort(404)

    monkeypatch.setitem(world.apps[""].view_functions, "people.mails", reads)
    (row,) = (row for row in rows() if row.route == ("GET", "/you/mails"))
    assert faults(world, [row], ("mentee",)) == [f"{row} answers the mentee 200+, not 200"]
