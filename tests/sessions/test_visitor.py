"""Booking first, signing in after: the form, the code from the mail, and it is booked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people import blocks
from portal.people.models import Person, SignIn
from portal.people.proving import CODE_TRIES
from portal.sessions.holding import LIFE
from portal.sessions.models import Session
from tests.cast import BOOKING, Visitor, make_session, opening, starts_of, value_of
from tests.conftest import Time
from tests.people.signing import SAM, read_code, who, wrong

NOOR = "noor@example.org"
TYPED = {**BOOKING, "name": "Noor Haddad", "email": NOOR}
SECOND = timedelta(seconds=1)


def hold_of(browser: Visitor, mentor: Mentor, number: int = 0) -> tuple[str, str]:
    """The opening that a button stands for, and the path of its hold."""
    wanted = opening(mentor, number)
    held = browser.hold(wanted)
    assert held.status_code == 303
    return value_of(wanted), held.location


def send(browser: Visitor, wanted: str, path: str, **typed: str) -> TestResponse:
    return browser.post("/sessions", {"opening": wanted, "hold": path.rsplit("/", 1)[1], **TYPED, **typed})


@pytest.fixture
def asked(visitor: Visitor, mentor: Mentor) -> str:
    """The path of a hold, for which the visitor has filled the form."""
    wanted, path = hold_of(visitor, mentor)
    sent = send(visitor, wanted, path)
    assert (sent.status_code, sent.location) == (303, f"{path}/code")
    return path


def prove(browser: Visitor, path: str, code: str) -> TestResponse:
    return browser.post(f"{path}/code", {"code": code})


def test_a_visitor_books_with_form_and_code(app: Flask, visitor: Visitor, asked: str) -> None:
    page = visitor.get(f"{asked}/code").text
    assert [text in page for text in (NOOR, "Type it, and you are booked.", 'autocomplete="one-time-code"')] == [
        True
    ] * 3
    assert (Session.select().count(), who(visitor)) == (0, None)
    booked = prove(visitor, asked, read_code(app))
    session = Session.get()
    assert (booked.status_code, booked.location) == (303, f"/sessions/{session.ref}")
    assert "Booked." in visitor.get(booked.location).text
    assert (session.mentee.email, session.mentee.name, session.objective) == (NOOR, "Noor Haddad", "A counter-offer")
    assert (who(visitor), visitor.get(asked).location) == (NOOR, booked.location)


def test_the_code_sent_twice_is_one_session(app: Flask, visitor: Visitor, asked: str) -> None:
    code = read_code(app)
    booked = prove(visitor, asked, code)
    again = prove(visitor, asked, code)
    assert (again.status_code, visitor.get(again.location).location) == (303, booked.location)
    assert (Session.select().count(), Person.select().where(Person.email == NOOR).count()) == (1, 1)


def test_who_never_got_the_answer_finds_the_session_with_a_new_code(app: Flask, visitor: Visitor, asked: str) -> None:
    before = visitor.client.get_cookie("portal")
    assert before is not None
    booked = prove(visitor, asked, read_code(app))
    visitor.client.set_cookie("portal", before.value)  # the connection broke, and the new cookie with it
    assert (prove(visitor, asked, "123456").status_code, who(visitor)) == (422, None)
    visitor.post(f"{asked}/code/again")
    again = prove(visitor, asked, read_code(app))
    assert (again.location, visitor.get(again.location).location) == (asked, booked.location)
    assert (Session.select().count(), who(visitor)) == (1, NOOR)


def test_who_has_been_here_keeps_the_name(app: Flask, visitor: Visitor, mentor: Mentor, mentee: Person) -> None:
    wanted, path = hold_of(visitor, mentor)
    send(visitor, wanted, path, email=SAM.upper(), name="Not Sam")
    assert prove(visitor, path, read_code(app)).status_code == 303
    assert (Session.get().mentee, Person.get_by_id(mentee.id).name) == (mentee, "Sam Rivera")


def test_no_answer_tells_who_is_known(app: Flask, mentor: Mentor, mentee: Person) -> None:
    said = []
    for number, email in enumerate((SAM, "sam.riverb@example.org")):
        browser = Visitor(app)
        wanted, path = hold_of(browser, mentor, 4 * number)
        page = browser.get(send(browser, wanted, path, email=email).location).text
        said.append(re.sub(r"<[^>]+>|\d\d:\d\d", "", page).replace(email, ""))
    assert (said[0], "a 6-digit code is on its way" in said[0]) == (said[1], True)


@pytest.mark.parametrize(
    ("wrongly", "said"),
    [
        ({"email": ""}, "Type your e-mail address, like name@example.org."),
        ({"email": "noor"}, "This is not an e-mail address. It looks like name@example.org."),
        ({"name": " "}, "Type the name people should call you by."),
        ({"name": "n" * 81}, "At most 80 characters, please."),
        ({"objective": "", "email": ""}, "Type your e-mail address, like name@example.org."),
        ({"objective": "", "email": ""}, "Say in one sentence what you want to walk away with."),
    ],
)
def test_what_is_wrong_is_said_and_all_that_was_typed_is_kept(
    visitor: Visitor, mentor: Mentor, wrongly: dict[str, str], said: str
) -> None:
    wanted, path = hold_of(visitor, mentor)
    sent = send(visitor, wanted, path, **wrongly)
    assert (sent.status_code, said in sent.text, "Held for you" in sent.text) == (422, True, True)
    kept = {**TYPED, **wrongly}
    assert [kept[name] in sent.text for name in ("name", "email", "objective", "questions")] == [True] * 4
    assert (Outbox.select().count(), Person.select().where(Person.email.startswith("noor")).count()) == (0, 0)


def test_a_wrong_code_books_nothing_and_five_end_it(app: Flask, visitor: Visitor, asked: str) -> None:
    code = read_code(app)
    for left in range(CODE_TRIES - 1, -1, -1):
        said = f"{left} {'try' if left == 1 else 'tries'} left" if left else "Ask for a new one."
        answer = prove(visitor, asked, wrong(code))
        assert (answer.status_code, said in answer.text) == (422, True)
    assert (prove(visitor, asked, code).status_code, Session.select().count(), who(visitor)) == (422, 0, None)
    assert visitor.post(f"{asked}/code/again").location == f"{asked}/code"
    assert prove(visitor, asked, read_code(app)).location == f"/sessions/{Session.get().ref}"


@pytest.mark.parametrize(("after", "is_booked"), [(LIFE - SECOND, True), (LIFE, False), (LIFE + SECOND, False)])
def test_a_code_that_takes_longer_than_the_hold_keeps_everything(
    app: Flask, visitor: Visitor, mentor: Mentor, asked: str, world: Time, after: timedelta, is_booked: bool
) -> None:
    world.set(world.now + timedelta(minutes=2))
    visitor.post(f"{asked}/code/again")
    code = read_code(app)
    world.set(world.now - timedelta(minutes=2) + after)
    waiting = visitor.get(f"{asked}/code").text
    assert ("Held for you" in waiting, "the 10 minutes are over" in waiting) == (is_booked, not is_booked)
    answer = prove(visitor, asked, code)
    assert (answer.status_code, Session.select().count(), who(visitor)) == (303 if is_booked else 409, is_booked, NOOR)
    if not is_booked:
        assert "The 10 minutes are over." in answer.text
        assert answer.text.count("data-opening=") == 3
        fields = dict(re.findall(r'type="hidden" name="(objective|questions|kind)" value="([^"]*)"', answer.text))
        assert fields == {name: BOOKING[name] for name in ("objective", "questions", "kind")}
        again = visitor.post("/holds", {"opening": value_of(opening(mentor)), **fields})
        assert "A counter-offer" in visitor.get(again.location).text
        booked = visitor.post(
            "/sessions",
            {"opening": value_of_hold(visitor.get(again.location)), "hold": again.location.rsplit("/")[-1], **BOOKING},
        )
        assert (booked.status_code, Session.get().mentee.name) == (303, "Noor Haddad")


def value_of_hold(form: TestResponse) -> str:
    found = re.search(r'name="opening" value="([^"]+)"', form.text)
    assert found is not None
    return found[1]


def test_without_a_hold_the_nearest_are_offered(visitor: Visitor, mentor: Mentor) -> None:
    for ref in ("/x", "/" + "y" * 100):
        sent = send(visitor, value_of(opening(mentor)), ref)
        assert (sent.status_code, "no longer held for you" in sent.text, sent.text.count("data-opening=")) == (
            409,
            True,
            3,
        )
        assert 'name="email" value="noor@example.org"' in sent.text
    assert (Outbox.select().count(), len(starts_of(mentor)) > 0) == (0, True)


def test_a_code_counts_in_the_browser_that_asked_alone(
    app: Flask, visitor: Visitor, asked: str, mentee: Person
) -> None:
    code = read_code(app)
    for other in (Visitor(app), Visitor(app, mentee)):
        answers = [other.get(f"{asked}/code"), other.post(f"{asked}/code/again"), other.get(asked)]
        assert [answer.status_code for answer in answers] == [404] * 3
    assert prove(Visitor(app), asked, code).status_code == 404
    assert Session.select().count() == 0


def test_what_keeps_a_known_person_from_booking_is_said_after_the_code(
    app: Flask, visitor: Visitor, mentor: Mentor, mentee: Person
) -> None:
    for number in (40, 50, 60):
        make_session(mentor, mentee, number=number)
    wanted, path = hold_of(visitor, mentor)
    send(visitor, wanted, path, email=SAM)
    answer = prove(visitor, path, read_code(app))
    assert (answer.status_code, "3 upcoming sessions" in answer.text, "A counter-offer" in answer.text) == (
        409,
        True,
        True,
    )
    assert (Session.select().count(), who(visitor)) == (3, SAM)


def test_ones_own_opening_is_refused_after_the_code(app: Flask, visitor: Visitor, mentor: Mentor) -> None:
    wanted, path = hold_of(visitor, mentor)
    send(visitor, wanted, path, email="laila.mansour@example.org")
    assert (prove(visitor, path, read_code(app)).status_code, Session.select().count()) == (409, 0)


def test_a_block_is_not_told(app: Flask, visitor: Visitor, mentor: Mentor, mentee: Person) -> None:
    blocks.block(mentee, person=mentor.person)
    wanted, path = hold_of(visitor, mentor)
    send(visitor, wanted, path, email=SAM)
    answer = prove(visitor, path, read_code(app))
    assert (answer.status_code, "The 10 minutes are over." in answer.text, Session.select().count()) == (409, True, 0)


def test_looking_at_the_code_page_changes_nothing(app: Flask, visitor: Visitor, asked: str) -> None:
    for _ in range(5):
        assert visitor.get(f"{asked}/code").status_code == visitor.client.head(f"{asked}/code").status_code == 200
    assert (Outbox.select().count(), SignIn.select().count()) == (1, 0)
    assert prove(visitor, asked, read_code(app)).status_code == 303


def test_a_code_page_without_a_code_leads_to_the_form(visitor: Visitor, mentor: Mentor) -> None:
    _, path = hold_of(visitor, mentor)
    assert visitor.get(f"{path}/code").location == path
    assert visitor.post(f"{path}/code", {"code": "123456"}).location == path
    assert visitor.post(f"{path}/code/again").location == f"{path}/code"
    assert Outbox.select().count() == 0
