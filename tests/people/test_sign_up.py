"""Who may sign up, and whom the directory is for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from portal import create_app
from portal.limits import Limits
from portal.mentors.models import Mentor
from portal.people.codes import code_for
from portal.people.models import Person, SignInCode
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import BOOKING, Visitor, opening, value_of
from tests.letters import mail, text_of, told
from tests.people.signing import SAM, ask, read_code, type_code, who

pytestmark = pytest.mark.own_app
EDU = "noor@example.edu"
OUTSIDE = "tove@elsewhere.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, limits=Limits(domains=("example.edu", "uni.example")))


@pytest.mark.parametrize(
    ("email", "is_open"),
    [
        (EDU, True),
        ("noor@uni.example", True),
        (OUTSIDE, False),
        ("noor@sub.example.edu", False),
        ("noor@notexample.edu", False),
        ("noor@example.edu@elsewhere.example", False),
    ],
)
def test_sign_up_by_domain(email: str, is_open: bool) -> None:
    assert Limits(domains=("example.edu", "uni.example")).may_sign_up(email) is is_open
    assert Limits().may_sign_up(email) is True


@pytest.mark.parametrize(
    ("limits", "is_open"),
    [
        (Limits(), True),
        (Limits(by_invitation=True), True),
        (Limits(domains=("example.edu",)), False),
        (Limits(domains=("example.edu",), by_invitation=True), False),
    ],
)
def test_whose_address_may_become_another_outside(limits: Limits, is_open: bool) -> None:
    """Who is invited stays who they are with any address; where domains count, one of theirs."""
    assert limits.may_change_to(OUTSIDE) is is_open
    assert limits.may_change_to(EDU) is True


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(), []),
        (Limits(by_invitation=True), ["once you are invited"]),
        (Limits(domains=("a.edu", "b.edu")), ["with your address at a.edu or b.edu"]),
        (Limits(domains=("a.edu",), by_invitation=True), ["with your address at a.edu", "once you are invited"]),
    ],
)
def test_ways_in_are_said_in_words(limits: Limits, said: list[str]) -> None:
    assert limits.ways_in == said


def test_an_address_inside_signs_up(app: Flask, visitor: Visitor) -> None:
    ask(visitor, EDU)
    assert (type_code(visitor, read_code(app)).status_code, who(visitor)) == (303, EDU)


def test_one_outside_reads_the_same_page_and_gets_a_mail_that_says_so(app: Flask, visitor: Visitor) -> None:
    asked = ask(visitor, OUTSIDE)
    page = visitor.get(asked.location).text
    assert (asked.status_code, told()) == (303, [("people/not_open", OUTSIDE)])
    text = text_of(mail(app, "people/not_open"))
    code = code_for(SignInCode.get().seed, app.config["SECRET_KEY"])
    assert ("example.edu or uni.example" in text, code in text) == (True, False)
    other = Visitor(app)
    theirs = other.get(ask(other, EDU).location).text
    assert re.sub(r"<[^>]+>", "", page).replace(OUTSIDE, EDU) == re.sub(r"<[^>]+>", "", theirs)


def test_one_outside_cannot_guess_its_way_in(app: Flask, visitor: Visitor) -> None:
    ask(visitor, OUTSIDE)
    code = code_for(SignInCode.get().seed, app.config["SECRET_KEY"])
    assert (type_code(visitor, code).status_code, who(visitor), Person.select().count()) == (422, None, 0)


def test_who_has_an_account_signs_in_from_anywhere(app: Flask, visitor: Visitor, mentee: Person) -> None:
    ask(visitor)
    assert (type_code(visitor, read_code(app)).status_code, who(visitor)) == (303, SAM)


def test_nobody_changes_to_an_address_outside(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    answer = sam.post("/you/address", {"email": OUTSIDE})
    assert (answer.status_code, "Use an address at example.edu or uni.example." in answer.text, told()) == (
        422,
        True,
        [],
    )
    assert sam.post("/you/address", {"email": EDU}).status_code == 303


def test_the_pages_say_so_before(visitor: Visitor, mentor: Mentor) -> None:
    assert "New here? The same way, with your address at example.edu or uni.example." in visitor.get("/sign-in").text
    form = visitor.get(visitor.hold(opening(mentor)).location).text
    assert "New here? Use your address at example.edu or uni.example." in form


def test_directory_for_members_asks_others_to_sign_in(
    settings: Settings, app: Flask, mentor: Mentor, mentee: Person
) -> None:
    closed = create_app(replace(settings, members_only=True))
    nobody, sam = Visitor(closed), Visitor(closed, mentee)
    for path in ("/", "/?q=python", "/mentors/laila-mansour", "/mentors/nobody"):
        found = nobody.get(path)
        assert (path, found.status_code, found.location.startswith("/sign-in?next=/")) == (path, 303, True)
    assert nobody.part("/").headers["HX-Redirect"] == "/sign-in?next=/"
    assert nobody.hold(opening(mentor)).location.startswith("/sign-in")
    sent = nobody.post("/sessions", {"opening": value_of(opening(mentor)), **BOOKING, "name": "N", "email": EDU})
    assert (sent.status_code, told(), Session.select().count()) == (409, [], 0)
    assert [sam.get(path).status_code for path in ("/", "/mentors/laila-mansour")] == [200, 200]
    assert sam.hold(opening(mentor)).status_code == 303
