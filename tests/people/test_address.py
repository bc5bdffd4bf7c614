"""Another e-mail address: proved before it counts, the old one told, everything else follows."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.mail.outbox import Outbox
from portal.mail.preferences import stop, unwanted_by
from portal.mentors.models import Mentor
from portal.people.models import Person, SignIn, SignInCode, SignInLink
from portal.people.signing_in import issue_link
from portal.sessions import team
from portal.sessions.models import Teammate
from tests.cast import REQUEST, Visitor, make_session
from tests.conftest import Time
from tests.letters import mail, text_of, told
from tests.people.signing import SAM, ask, read_code, type_code, who, wrong

NEW = "sam@new.example.org"


def read_address_code(app: Flask) -> str:
    return str(mail(app, "people/address_code")["Subject"]).split(" ")[0]


def give(browser: Visitor, email: str = NEW) -> TestResponse:
    return browser.post("/you/address", {"email": email})


def prove(browser: Visitor, code: str) -> TestResponse:
    return browser.post("/you/address/code", {"code": code})


def test_what_was_typed_is_there_after_showing_who_one_is(app: Flask, sam: Visitor, time: Time) -> None:
    sam.get("/you/address")
    time.pass_(minutes=16)
    answer = sam.client.post(
        "/you/address",
        data={"email": NEW, "csrf_token": sam.token()},
        headers={"Referer": "http://localhost/you/address"},
    )
    assert (answer.status_code, answer.location) == (303, "/sign-in/again?next=/you/address")
    SignIn.update(proved_at=time.now).execute()
    assert f'value="{NEW}"' in sam.get("/you/address").text
    assert f'value="{NEW}"' not in sam.get("/you/address").text


@pytest.fixture
def sam(app: Flask, mentee: Person) -> Visitor:
    return Visitor(app, mentee)


def test_change_proves_the_new_tells_the_old_and_ends_the_rest(app: Flask, sam: Visitor, mentee: Person) -> None:
    other = Visitor(app, mentee)
    assert give(sam, " SAM@New.example.org ").location == "/you/address/code"
    assert (NEW in sam.get("/you/address/code").text, who(sam)) == (True, SAM)
    changed = prove(sam, read_address_code(app))
    assert (changed.status_code, changed.location) == (303, "/you")
    assert (who(sam), who(other), Person.get_by_id(mentee.id).email) == (NEW, None, NEW)
    assert told() == [("people/address_code", NEW), ("people/address_changed", SAM)]
    assert NEW in text_of(mail(app, "people/address_changed"))


def test_a_code_or_link_of_the_old_address_counts_no_more(app: Flask, sam: Visitor, visitor: Visitor) -> None:
    ask(visitor)
    code, token = read_code(app), issue_link(SAM)
    give(sam)
    prove(sam, read_address_code(app))
    assert (SignInCode.select().where(SignInCode.email == SAM).count(), SignInLink.select().count()) == (0, 0)
    assert (type_code(visitor, code).status_code, visitor.post(f"/sign-in/link/{token}").status_code) == (422, 422)
    assert who(visitor) is None


def test_nothing_changes_before_the_code(app: Flask, sam: Visitor, mentee: Person, visitor: Visitor) -> None:
    give(sam)
    code = read_address_code(app)
    assert (prove(sam, wrong(code)).status_code, prove(sam, "12").status_code) == (422, 422)
    thief = Visitor(app, mentee)
    assert prove(thief, code).location == "/you/address"  # that browser has asked for nothing
    assert visitor.post("/you/address/code", {"code": code}).location.startswith("/sign-in")
    assert (who(sam), Person.get_by_id(mentee.id).email) == (SAM, SAM)


def test_the_code_for_a_new_address_signs_nobody_in(app: Flask, sam: Visitor, mentee: Person) -> None:
    give(sam)
    code = read_address_code(app)
    ask(sam, "stranger@example.org")
    assert type_code(sam, code).status_code == 422
    assert Person.select().where(Person.email == NEW).count() == 0


def test_an_address_that_has_an_account_is_not_taken(app: Flask, sam: Visitor, stranger: Person) -> None:
    assert give(sam, stranger.email).location == "/you/address/code"  # as for any other
    answer = prove(sam, read_address_code(app))
    assert (answer.status_code, "has an account of its own" in answer.text) == (409, True)
    assert (who(sam), told()) == (SAM, [("people/address_code", stranger.email)])


def test_ones_own_address_changes_nothing(app: Flask, sam: Visitor, mentee: Person) -> None:
    other = Visitor(app, mentee)
    give(sam, SAM)
    assert prove(sam, read_address_code(app)).location == "/you"
    assert (who(other), told()) == (SAM, [("people/address_code", SAM)])


def test_a_second_try_with_the_same_code_is_refused(app: Flask, sam: Visitor) -> None:
    give(sam)
    code = read_address_code(app)
    assert [prove(sam, code).location for _ in range(2)] == ["/you", "/you/address"]


@pytest.mark.parametrize("email", ["", "sam", "a@b", "x" * 255 + "@example.org"])
def test_what_is_no_address_is_said(app: Flask, sam: Visitor, email: str) -> None:
    answer = give(sam, email)
    assert (answer.status_code, 'id="email-error">' in answer.text, told()) == (422, True, [])


def test_it_needs_a_fresh_proof(app: Flask, sam: Visitor, world: Time) -> None:
    world.pass_(minutes=15)
    for path in ("/you/address", "/you/address/code"):
        assert sam.get(path).location == f"/sign-in/again?next={path}"
        assert sam.post(path, {"email": NEW, "code": "123456"}).location.startswith("/sign-in/again")
    assert told() == []


def test_what_names_the_old_address_follows(
    app: Flask, sam: Visitor, mentee: Person, mentor: Mentor, stranger: Person
) -> None:
    """The seat of a teammate, what they do without, and the mails that wait."""
    from dataclasses import replace

    from portal.sessions.booking import book
    from tests.cast import opening

    session = book(opening(mentor, 40), replace(REQUEST, kind="project"), mentee=stranger, holder="h", hold_ref="h")
    team.invite(session, [SAM, NEW], mentee=stranger)
    stop("preparation/soon", recipient=SAM)
    make_session(mentor, mentee, number=60)
    give(sam)
    prove(sam, read_address_code(app))
    assert [row.email for row in Teammate.select()] == [NEW]
    assert (unwanted_by(SAM), unwanted_by(NEW)) == (set(), {"preparation/soon"})
    waiting = Outbox.select().where(Outbox.state == "waiting")
    assert {row.kind for row in waiting.where(Outbox.recipient == SAM)} <= {
        "people/address_changed",
        "sessions/invited",
    }
    assert "sessions/booked_mentee" in {row.kind for row in waiting.where(Outbox.recipient == NEW)}
    assert sam.get(f"/sessions/{session.ref}").status_code == 200
