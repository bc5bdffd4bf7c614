"""What the portal answers, in the words of the table, and whether that changed anything."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.headers import FILE_HEADERS, SECURITY_HEADERS
from tests.access.forms import FORMS, Typed
from tests.access.table import Row
from tests.access.world import World

DETOURS = {"in": "/sign-in", "prove": "/sign-in/again", "more": "/sign-in/proof"}


def answer(world: World, row: Row, rule: Rule, role: str, *, app: str = "") -> str:
    """To this role, as a cell of the table. Afterwards all is as it was."""
    params = world.made_of(row.thing)
    path = path_of(rule, params)
    given = ask(world, row.method, rule, role, row.thing, app=app)
    cell = said(given, path if row.method == "GET" else "/", row, params)
    is_file = rule.endpoint == "static" or given.mimetype == "image/jpeg"
    bare = [name for name in (FILE_HEADERS if is_file else SECURITY_HEADERS) if name not in given.headers]
    cell += f" without {bare[0]}" if bare else ""
    world.turn_back()
    if world.changed():
        cell += "+"
        world.restore()
    return cell


def ask(world: World, method: str, rule: Rule, role: str, thing: str, *, app: str = "", **more: Any) -> TestResponse:
    """With everything filled in as it should be."""
    params = world.made_of(thing)
    typed = typed_for(world, rule, params) if method == "POST" else None
    served = world.apps[app] if app else world.app_for(thing)
    return world.ask(served, method, path_of(rule, params), role, typed, thing=thing, **more)


def typed_for(world: World, rule: Rule, params: dict[str, Any]) -> Typed:
    """What the form there takes."""
    form = FORMS.get(rule.endpoint)
    return form(world, params) if form else {}


def path_of(rule: Rule, params: dict[str, Any]) -> str:
    """The address of this thing."""
    built = rule.build({name: params[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None
    return built[1]


def said(given: TestResponse, here: str, row: Row, params: dict[str, Any]) -> str:
    """A status; of a way on, which of those that the row names."""
    if given.status_code != 303:
        return str(given.status_code)
    for word, page in DETOURS.items():
        if given.location == f"{page}?next={here}":
            return word
    for letter, place in row.places.items():
        if re.fullmatch(_pattern(place, params), given.location):
            return f"303{letter}"
    return f"303 {given.location}"


def _pattern(place: str, params: dict[str, Any]) -> str:
    known = {name: re.escape(str(value)) for name, value in params.items()}
    parts = re.split(r"<(\w+)>", place)
    return "".join(known.get(part, r"[\w-]+") if number % 2 else re.escape(part) for number, part in enumerate(parts))
