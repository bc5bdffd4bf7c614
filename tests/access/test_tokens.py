"""Every change needs the token of the browser that asks, sent by a page of ours: all else is refused before it is done.

Tokens are on here, as everywhere but in the few tests that say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.access.answers import path_of, typed_for
from tests.access.roles import ROLES
from tests.access.table import Row, routes, rows
from tests.access.world import World
from tests.attack.arms import refusal
from tests.cast import Visitor
from tests.people.signing import ask, read_code, type_code

ASKED_BY_MAIL_PROGRAMS = "people.stop_now"
"""The one that takes none: RFC 8058, its address is the secret."""
TOO_LONG_OPEN = "This page was open too long. Go back, reload it and try again."
FOREIGN = "This was sent by another site. Nothing was changed. Open this one."
HTMX = {"HX-Request": "true"}
OF_ANOTHER = "the token of another"
FORGED = {
    "none": (None, {}),
    "empty": ("", {}),
    "none, by htmx": (None, HTMX),
    "that of another": (OF_ANOTHER, {}),
    "that of another, by htmx": (None, {**HTMX, "X-CSRFToken": OF_ANOTHER}),
    "made up": ("IjEyMzQ1Njc4OTAi.aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaa", {}),
    "made up, by htmx": (None, {**HTMX, "X-CSRFToken": "x" * 91}),
}
"""What a form holds, and what a header says: answered 400."""
FROM_ELSEWHERE = {
    "another site": {"Origin": "https://evil.example"},
    "nobody": {"Origin": "null"},
    "another site that hides": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour, by htmx": {**HTMX, "Sec-Fetch-Site": "same-site"},
}
"""With the right token: answered 403."""


@dataclass
class Form:
    """A form that somebody may send, and to whom it then means something."""

    world: World
    row: Row
    rule: Rule
    role: str

    def send(self, token: str | None, headers: dict[str, str], cookie: str = "") -> TestResponse:
        params = self.world.made_of(self.row.thing)
        app = self.world.app_for(self.row.thing)
        client = app.test_client()
        client.set_cookie("portal", cookie or self.world.hand(self.role, self.row.thing).cookie)
        typed = {**typed_for(self.world, self.rule, params), **({} if token is None else {"csrf_token": token})}
        return client.open(path_of(self.rule, params), method=self.row.method, data=typed, headers=headers)

    def __str__(self) -> str:
        return f"{self.row} of the {self.role}"


def forms(world: World) -> Iterator[Form]:
    """Each of the table, by somebody for whom it changes something, or at least does not fail."""
    known = routes(*world.apps.values())
    for row in rows():
        cells = dict(zip(ROLES, row.answers, strict=True))
        able = [role for mark in ("+", "") for role, cell in cells.items() if cell[0] in "23" and cell.endswith(mark)]
        rule = known[row.route]
        if row.method != "GET" and rule.endpoint != ASKED_BY_MAIL_PROGRAMS and able:
            yield Form(world, row, rule, able[0])


def faults(world: World, among: list[Form]) -> list[str]:
    """What is answered otherwise than with the refusal, or changes something."""
    found = []
    for form in among:
        tries = [(name, *what, 400, TOO_LONG_OPEN) for name, what in FORGED.items()]
        token = world.hand(form.role, form.row.thing).token
        tries += [(name, token, headers, 403, FOREIGN) for name, headers in FROM_ELSEWHERE.items()]
        for name, held, headers, status, sentence in tries:
            given = form.send(*_filled(world, form, held, headers))
            if (given.status_code, refusal(given)) != (status, sentence):
                found.append(f"{form} answers {given.status_code} to {name}")
            if world.changed():
                found.append(f"{form} changes something for {name}")
                world.restore()
    return found


def _filled(world: World, form: Form, held: str | None, headers: dict[str, str]) -> tuple[str | None, dict[str, str]]:
    other = world.hand("other mentee" if form.role != "other mentee" else "mentee").token
    replaced = {name: other if value == OF_ANOTHER else value for name, value in headers.items()}
    return (other if held == OF_ANOTHER else held), replaced


def test_no_change_without_its_token_or_from_elsewhere(world: World) -> None:
    unsafe = {route for route in routes(*world.apps.values()) if route[0] != "GET"}
    among = list(forms(world))
    assert {form.row.route for form in among} == unsafe - {("POST", "/mails/stop/<token>")}
    assert faults(world, among) == []


def test_with_its_token_each_is_done(world: World) -> None:
    """So it is the token that the test above misses: in a form, and as htmx sends it."""
    for form in forms(world):
        token = world.hand(form.role, form.row.thing).token
        place = ROLES.index(form.role)
        for held, headers in ((token, {}), (None, {"X-CSRFToken": token})):
            given = form.send(held, headers)
            assert (str(form), given.status_code) == (str(form), int(form.row.answers[place][:3]))
            assert (str(form), bool(world.changed())) == (str(form), form.row.answers[place].endswith("+"))
            world.restore()


def test_an_address_that_needs_no_token_is_found(world: World) -> None:
    """The control."""
    protection = world.apps[""].extensions["csrf"]
    (form,) = (form for form in forms(world) if form.row.rule == "/sessions/<ref>/cancellation")
    open_view = "portal.sessions.turn_views.cancellation"
    protection.exempt(open_view)
    try:
        found = faults(world, [form])
    finally:
        protection._exempt_views.remove(open_view)
    assert len([fault for fault in found if "changes something" in fault]) == len(FORGED)
    assert faults(world, [form]) == []


def test_an_address_that_listens_to_other_sites_is_found(world: World) -> None:
    """The control."""
    gates = world.apps[""].before_request_funcs[None]
    (form,) = (form for form in forms(world) if form.row.rule == "/sessions/<ref>/cancellation")
    gate = gates.pop(0)
    try:
        found = faults(world, [form])
    finally:
        gates.insert(0, gate)
    assert len([fault for fault in found if "changes something" in fault]) == len(FROM_ELSEWHERE)


def test_mail_programs_alone_need_none_at_one_address(world: World) -> None:
    for app in world.apps.values():
        assert app.config.get("WTF_CSRF_ENABLED", True) is True
        assert app.extensions["csrf"]._exempt_views == {"portal.people.mail_views.stop_now"}
        assert app.extensions["csrf"]._exempt_blueprints == set()
    token = world.things["a letter"]["token"]
    client = world.apps[""].test_client()
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    given = client.post(f"/mails/stop/{token}", data={"List-Unsubscribe": "One-Click"}, headers=elsewhere)
    assert (given.status_code, world.changed()) == (200, ["unwanted"])


def test_a_token_from_before_signing_in_is_worth_nothing_after(world: World) -> None:
    """Signing in begins a new session, so that nobody who planted the old one can write forms for it."""
    app = world.apps[""]
    sam = Visitor(app)
    before = sam.token()
    ask(sam, world.cast["mentee"].email)
    type_code(sam, read_code(app))
    after = sam.token()
    describe = {"name": "Changed", "headline": "", "time_zone": "Etc/UTC"}
    for headers in ({}, HTMX):
        refused = sam.client.post("/you", data={**describe, "csrf_token": before}, headers=headers)
        assert (refused.status_code, refusal(refused)) == (400, TOO_LONG_OPEN)
        assert refused.headers["HX-Refresh"] == "true"  # the page is loaded anew, with a token that counts
    assert sam.client.post("/you", data={**describe, "csrf_token": after}).status_code == 303
    sam.post("/sign-out")
    refused = sam.client.post("/sign-in", data={"email": "a@example.org", "csrf_token": after})
    assert (refused.status_code, refusal(refused)) == (400, TOO_LONG_OPEN)


def test_a_token_of_another_portal_is_worth_nothing(world: World) -> None:
    """Signed with another key, though for the very same session."""
    app = world.apps[""]
    browser = Visitor(app)
    browser.token()
    with browser.client.session_transaction() as cookie:
        raw = cookie["csrf_token"]
    typed = {"email": "somebody@example.org"}
    tokens = [URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(raw) for key in ("x" * 32, "k" * 32)]
    answers = [browser.client.post("/sign-in", data={**typed, "csrf_token": token}) for token in tokens]
    assert [answer.status_code for answer in answers] == [400, 303]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_token_in_the_address_does_not_count(world: World, method: str) -> None:
    token = world.hand("mentee").token
    form = next(form for form in forms(world) if form.row.rule == "/you")
    client = world.apps[""].test_client()
    client.set_cookie("portal", world.hand("mentee").cookie)
    assert client.post(f"/you?csrf_token={token}", data={"name": "Changed"}).status_code == 400
    client.open(f"/you?csrf_token={token}&name=Changed&headline=&time_zone=Etc/UTC", method=method)
    assert (form.row.rule, world.changed()) == ("/you", [])
