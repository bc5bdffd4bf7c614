"""A portal that people come in to by single sign-on alone: codes let nobody in, and who books first is sent there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.errors import NotAllowedNow
from portal.mentors.models import Mentor
from portal.people import identities, signing_in
from portal.people.codes import new_token
from portal.people.models import Identity, Person, SignInCode
from portal.sessions.holding import LIFE
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import BOOKING, Visitor, make_person, make_session, opening, value_of
from tests.conftest import Time
from tests.letters import told
from tests.people.signing import SAM, type_code, who
from tests.sso.provider import Provider
from tests.sso.trip import RETURN, asked_by, come_back, said, set_out, sign_in, state_of


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, sso_only=True)


def hold_of(browser: Visitor, mentor: Mentor) -> tuple[dict[str, str], str]:
    """All that the form of a held opening sends, and the path of the hold."""
    wanted = opening(mentor)
    held = browser.hold(wanted)
    return {"opening": value_of(wanted), "hold": held.location.rsplit("/", 1)[1], **BOOKING}, held.location


def test_the_page_has_one_button(visitor: Visitor) -> None:
    page = visitor.get("/sign-in?next=/sessions").text
    assert [text in page for text in ("Continue with Example University", "New here? The same way.")] == [True, True]
    assert [text in page for text in ("Your e-mail", "code", "/sign-in/code")] == [False] * 3


def test_no_code_is_sent_and_none_counts(app: Flask, visitor: Visitor, mentee: Person) -> None:
    before = state_of(visitor)
    asked = visitor.post("/sign-in", {"email": SAM})
    assert (asked.status_code, "Here, people sign in with Example University." in asked.text) == (409, True)
    browser = new_token()
    signing_in.request_code(SAM, browser=browser, zone="Etc/UTC")  # asked for before the setting
    with visitor.client.session_transaction() as cookie:
        cookie["sign_in"] = {"browser": browser, "email": SAM}
    code = app.jinja_env.filters["sign_in_code"](SignInCode.get().seed, 6)
    assert visitor.get("/sign-in/code").location == "/sign-in?next=/"
    assert type_code(visitor, code).location == "/sign-in?next=/"
    assert (who(visitor), SignInCode.get().tries, before[1:]) == (None, 0, state_of(visitor)[1:])


def test_codes_counted_before(app: Flask, settings: Settings, visitor: Visitor, mentee: Person) -> None:
    """The control of the test above."""
    app.config["SETTINGS"] = replace(settings, sso_only=False)
    browser = new_token()
    signing_in.request_code(SAM, browser=browser, zone="Etc/UTC")
    with visitor.client.session_transaction() as cookie:
        cookie["sign_in"] = {"browser": browser, "email": SAM}
    type_code(visitor, app.jinja_env.filters["sign_in_code"](SignInCode.get().seed, 6))
    assert who(visitor) == SAM


def test_once_more_is_by_the_provider_alone(app: Flask, provider: Provider, mentee: Person, world: Time) -> None:
    browser = Visitor(app)
    sign_in(browser, provider)
    world.pass_(hours=1)
    page = browser.get("/sign-in/again").text
    assert ("Continue with Example University" in page, "Send me a code" in page) == (True, False)
    assert (browser.post("/sign-in/again").status_code, told()) == (409, [])


def test_a_link_from_the_help_desk_still_lets_in_who_then_connects(
    app: Flask, visitor: Visitor, provider: Provider, mentee: Person
) -> None:
    provider.play.person["email_verified"] = False
    sentence = said(visitor, sign_in(visitor, provider))
    assert "Ask whoever runs this portal for a link to sign in by, then connect Example University" in sentence
    visitor.post(f"/sign-in/link/{signing_in.issue_link(SAM)}")
    come_back(visitor, provider, set_out(visitor, "/you/sso"))
    other = Visitor(app)
    sign_in(other, provider)
    assert (who(visitor), who(other)) == (SAM, SAM)


def test_the_last_way_in_is_not_ended(app: Flask, visitor: Visitor, provider: Provider, mentee: Person) -> None:
    sign_in(visitor, provider)
    first = Identity.get()
    assert said(visitor, visitor.post(f"/you/sso/{first.id}/end")).startswith("This is your only way in.")
    assert Identity.select().count() == 1
    elsewhere = replace_said(first, "https://old.example.edu")
    with pytest.raises(NotAllowedNow):  # by another provider, nobody comes in
        identities.disconnect(first.id, person=mentee, only_way=provider.issuer)
    elsewhere.delete_instance()
    provider.play.person["sub"] = "sam-2"
    come_back(visitor, provider, set_out(visitor, "/you/sso"))
    visitor.post(f"/you/sso/{first.id}/end")
    assert [identity.subject for identity in Identity.select()] == ["sam-2"]


def replace_said(identity: Identity, issuer: str) -> Identity:
    at = identity.at
    other: Identity = Identity.create(person=identity.person_id, issuer=issuer, subject="x", at=at, used_at=at)
    return other


def test_a_visitor_books_with_all_that_was_typed(visitor: Visitor, provider: Provider, mentor: Mentor) -> None:
    typed, path = hold_of(visitor, mentor)
    form = visitor.get(path).text
    assert ("You sign in with Example University next" in form, "Your e-mail" in form) == (True, False)
    assert visitor.post("/sessions", typed).location == "/sign-in/sso"
    assert (Session.select().count(), told()) == (0, [])
    booked = come_back(visitor, provider, asked_by(visitor))
    session = Session.get()
    assert (booked.status_code, booked.location) == (303, f"/sessions/{session.ref}")
    assert "Booked." in visitor.get(booked.location).text
    assert (session.mentee.email, session.mentee.name, session.objective, session.questions) == (
        SAM,
        "Sam R.",
        BOOKING["objective"],
        BOOKING["questions"],
    )
    assert (who(visitor), visitor.get(path).location) == (SAM, booked.location)


def test_what_is_wrong_is_said_before(visitor: Visitor, mentor: Mentor) -> None:
    typed, _ = hold_of(visitor, mentor)
    sent = visitor.post("/sessions", {**typed, "objective": ""})
    assert (sent.status_code, typed["questions"] in sent.text, "Your e-mail" in sent.text) == (422, True, False)
    assert visitor.get("/sign-in/sso").location == "/sign-in"


@pytest.mark.parametrize("how", ["refused", "unverified", "away"])
def test_who_comes_back_without_is_at_the_form_with_all_that_was_typed(
    visitor: Visitor, provider: Provider, mentor: Mentor, how: str
) -> None:
    typed, path = hold_of(visitor, mentor)
    visitor.post("/sessions", typed)
    if how == "away":
        provider.play.answers["/.well-known/openid-configuration"] = (503, b"")
        answer = visitor.get("/sign-in/sso")
    else:
        provider.play.person["email_verified"] = False
        asked = asked_by(visitor)
        state = {"state": asked["state"], "error": "access_denied"}
        answer = visitor.get(RETURN, query_string=state) if how == "refused" else come_back(visitor, provider, asked)
    assert (answer.location, Session.select().count(), who(visitor)) == (path, 0, None)
    form = visitor.get(path).text
    assert 'class="flash"' in form
    assert [text in form for text in ("Held for you", *filter(None, BOOKING.values()))] == [True] * 5


@pytest.mark.parametrize("after", [LIFE - timedelta(seconds=1), LIFE])
def test_a_hold_that_ended_meanwhile_offers_the_nearest(
    visitor: Visitor, provider: Provider, mentor: Mentor, world: Time, after: timedelta
) -> None:
    typed, _ = hold_of(visitor, mentor)
    visitor.post("/sessions", typed)
    asked = asked_by(visitor)
    world.set(world.now + after)
    answer = come_back(visitor, provider, asked)
    is_over = after >= LIFE
    assert (answer.status_code, Session.select().count(), who(visitor)) == (409 if is_over else 303, not is_over, SAM)
    if is_over:
        assert ("The 10 minutes are over." in answer.text, BOOKING["objective"] in answer.text) == (True, True)


def test_who_has_no_name_there_gives_it_and_goes_on(visitor: Visitor, provider: Provider, mentor: Mentor) -> None:
    del provider.play.person["name"]
    typed, path = hold_of(visitor, mentor)
    visitor.post("/sessions", typed)
    answer = come_back(visitor, provider, asked_by(visitor))
    assert answer.location == f"/you?next={path}"
    described = visitor.post("/you", {"name": "Sam", "headline": "", "time_zone": "Etc/UTC", "next": path})
    form = visitor.get(described.location).text
    assert [text in form for text in filter(None, BOOKING.values())] == [True] * 4
    assert visitor.post("/sessions", typed).location == f"/sessions/{Session.get().ref}"


def test_what_keeps_somebody_from_booking_is_said(visitor: Visitor, provider: Provider, mentor: Mentor) -> None:
    sam = make_person("Sam Rivera")
    for number in (40, 50, 60):
        make_session(mentor, sam, number=number)
    typed, _ = hold_of(visitor, mentor)
    visitor.post("/sessions", typed)
    answer = come_back(visitor, provider, asked_by(visitor))
    assert (answer.status_code, "3 upcoming sessions" in answer.text, BOOKING["objective"] in answer.text) == (
        409,
        True,
        True,
    )
    assert who(visitor) == SAM


def test_pages_of_codes_lead_to_the_form(visitor: Visitor, mentor: Mentor) -> None:
    _, path = hold_of(visitor, mentor)
    with visitor.client.session_transaction() as cookie:
        cookie["sign_in"] = {"browser": "x", "email": SAM}
    assert visitor.get(f"{path}/code").location == path
    assert visitor.post(f"{path}/code", {"code": "123456"}).location == path
    assert (visitor.post(f"{path}/code/again").location, told()) == (f"{path}/code", [])


def test_where_both_ways_lead_in_one_may_book_by_either(
    app: Flask, settings: Settings, visitor: Visitor, provider: Provider, mentor: Mentor
) -> None:
    app.config["SETTINGS"] = replace(settings, sso_only=False)
    typed, path = hold_of(visitor, mentor)
    form = visitor.get(path).text
    assert [text in form for text in ("Your e-mail", "Book with Example University")] == [True, True]
    given = {**typed, "name": "Typed Name", "email": "typed@example.org"}
    assert visitor.post("/sessions", given).location == f"{path}/code"
    assert visitor.post("/sessions", {**given, "sso": "yes"}).location == "/sign-in/sso"
    assert "typed@example.org" in visitor.get(path).text
    come_back(visitor, provider, asked_by(visitor))
    assert (Session.get().mentee.email, Session.get().mentee.name) == (SAM, "Sam R.")
