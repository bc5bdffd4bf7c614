"""Programs open every link of a mail before its reader does: whatever they look at, everything works afterwards."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.availability.derived import freshen
from portal.mail.kinds import KINDS
from portal.mail.outbox import Outbox
from portal.people import sign_in_views, signing_in
from portal.people.models import Person
from portal.people.signing_in import issue_link, use_link
from tests.access.links import links_of
from tests.cast import Visitor
from tests.conftest import Time
from tests.mails.all_letters import Programme
from tests.people.signing import SAM, ask, read_code, type_code
from tests.sessions.agreement import digest

LOOKS = ("HEAD", *("GET",) * 5)
NOTED = {"reading", "outbox"}
"""What people change by looking, once they are signed in: who has read a message needs no mail about it."""
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""What only looks asks nothing that differs between databases."""


@pytest.fixture
def links(app: Flask, time: Time) -> dict[str, str]:
    """Of every mail, and the one that the help desk makes."""
    Programme(time).live()
    freshen()
    Visitor(app).get("/")
    return {**links_of(app), f"/sign-in/link/{issue_link(SAM)}": "of the help desk"}


def changing(app: Flask, links: dict[str, str]) -> list[str]:
    """The links that change something for those who only look: a program without cookies, and one that keeps them."""
    found, before = [], digest()
    keeps = app.test_client()
    for link, kind in links.items():
        for client in (app.test_client(use_cookies=False), keeps):
            for method in LOOKS:
                answer = client.open(link, method=method)
                assert (link, answer.status_code in (200, 303, 404)) == (link, True)
        after = digest()
        if after != before:
            found.append(f"{re.sub('[^/]{20,}', '…', link)} in {kind}")
            before = after
    return found


@on_sqlite
def test_programs_that_open_every_link_leave_everything_as_it_is(app: Flask, time: Time, links: dict[str, str]) -> None:
    assert {letter.kind for letter in Outbox.select()} == set(KINDS)
    assert len(links) >= 20
    sam = Visitor(app)
    ask(sam)
    assert changing(app, {**links, **links_of(app)}) == []
    assert type_code(sam, read_code(app)).status_code == 303
    pressed: dict[str, set[int]] = {}
    for link in links:
        if re.search("/(still-good|stop|link)/", link):
            pressed.setdefault(link.rsplit("/", 1)[0], set()).add(Visitor(app).post(link).status_code)
    assert pressed == {"/hours/still-good": {303}, "/mails/stop": {303}, "/sign-in/link": {303}}


@on_sqlite
def test_browsers_that_fetch_ahead_for_who_is_signed_in_note_at_most_what_was_read(
    app: Flask, links: dict[str, str]
) -> None:
    before, seen = digest(), 0
    for person in Person.select():
        hand = Visitor(app, person)
        seen += sum(hand.get(link).status_code == 200 for link in links)
    after = digest()
    assert (seen > 3 * len(links), {table for table in after if after[table] != before[table]} - NOTED) == (True, set())


@on_sqlite
def test_a_link_that_is_used_up_by_looking_is_found(
    app: Flask, links: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control, as others build it."""
    monkeypatch.setitem(app.view_functions, "people.link", lambda token: _enter(token))
    assert changing(app, links) == ["/sign-in/link/… in of the help desk"]


def _enter(token: str) -> object:
    if not signing_in.is_link_valid(token):
        return "", 404
    person: Person = use_link(token)
    sign_in_views.enter(person, way="link")
    return "Welcome"
