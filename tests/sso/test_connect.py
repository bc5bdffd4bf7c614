"""Connecting an account at the provider to one's own, ending it, and showing once more who one is by it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from portal import create_app
from portal.people import identities
from portal.people.models import FRESH, Audit, Identity, Person, SignIn
from portal.people.passkey_models import Passkey
from portal.people.provider import SKEW
from portal.settings import Settings
from tests.cast import Visitor
from tests.conftest import Time
from tests.people.signing import SAM, ask, read_code, type_code, who
from tests.sso.provider import Claims, Provider
from tests.sso.trip import asked_by, come_back, said, set_out, sign_in, state_of

CONNECT = "/you/sso"
CONNECTED = "Connected. You can sign in by Example University from now on."


@pytest.fixture
def phone(app: Flask, mentee: Person) -> Visitor:
    """Sam, signed in by code a moment ago."""
    return Visitor(app, mentee)


def connect(browser: Visitor, provider: Provider) -> str:
    return said(browser, come_back(browser, provider, set_out(browser, CONNECT)))


def test_one_that_is_not_verified_is_connected_by_hand(app: Flask, phone: Visitor, provider: Provider) -> None:
    provider.play.person |= {"email": "somebody@else.example", "email_verified": False, "name": "Not Sam"}
    assert "Connect Example University" in phone.get("/you/sso").text
    assert connect(phone, provider) == CONNECTED
    assert "Connected today" in phone.get("/you/sso").text
    other = Visitor(app)
    sign_in(other, provider)
    assert (who(other), Person.get().name, Person.select().count()) == (SAM, "Sam Rivera", 1)


def test_connecting_twice_is_once(phone: Visitor, provider: Provider) -> None:
    assert [connect(phone, provider), connect(phone, provider)] == [CONNECTED, CONNECTED]
    assert Identity.select().count() == 1


def test_one_of_somebody_else_is_refused(app: Flask, provider: Provider, phone: Visitor, stranger: Person) -> None:
    connect(phone, provider)
    theirs = Visitor(app, stranger)
    before = state_of(theirs)
    assert (
        connect(theirs, provider) == "This account at Example University is connected to somebody else’s account here."
    )
    assert state_of(theirs) == before


def test_two_accounts_of_one_person_both_count(app: Flask, phone: Visitor, provider: Provider) -> None:
    connect(phone, provider)
    provider.play.person["sub"] = "sam-2"
    connect(phone, provider)
    for subject in ("sam-1", "sam-2"):
        provider.play.person["sub"] = subject
        browser = Visitor(app)
        sign_in(browser, provider)
        assert who(browser) == SAM


def test_connecting_and_ending_ask_for_a_fresh_proof(phone: Visitor, provider: Provider, world: Time) -> None:
    connect(phone, provider)
    key = Identity.get().id
    world.set(world.now + FRESH)
    before = state_of(phone)
    for path in (CONNECT, f"/you/sso/{key}/end"):
        assert (
            phone.post(path, headers={"Referer": "http://localhost/you/sso"}).location == "/sign-in/again?next=/you/sso"
        )
    assert (state_of(phone), phone.get("/sign-in/sso").location) == (before, "/sign-in")


@pytest.mark.parametrize("become", ["nobody", "stranger"])
def test_who_is_somebody_else_by_then_gets_nothing(
    app: Flask, phone: Visitor, provider: Provider, stranger: Person, become: str
) -> None:
    """An answer to a question that Sam set out with, in a browser that is no longer Sam's."""
    asked = set_out(phone, CONNECT)
    with phone.client.session_transaction() as cookie:
        trip = cookie["sso"]
    other = Visitor(app, stranger if become == "stranger" else None)
    with other.client.session_transaction() as cookie:
        cookie["sso"] = trip
    before = state_of(other)
    answer = come_back(other, provider, asked)
    assert (answer.location, state_of(other)) == ("/you/sso", before)
    assert Identity.select().count() == 0


def test_what_is_ended_signs_in_no_more(app: Flask, phone: Visitor, provider: Provider) -> None:
    provider.play.person |= {"email_verified": False, "groups": ["coordinators"]}
    connect(phone, provider)
    mine, key = Visitor(app), Identity.get().id
    sign_in(mine, provider)
    assert Person.get().is_coordinator
    for _ in range(2):  # a double tap
        ended = mine.post(f"/you/sso/{key}/end")
        assert said(mine, ended) == "You no longer sign in by that account at Example University."
    other = Visitor(app)
    sign_in(other, provider)
    assert (who(other), Identity.select().count(), Person.get().is_coordinator) == (None, 0, False)


def test_nobody_ends_what_is_somebody_elses(app: Flask, phone: Visitor, provider: Provider, stranger: Person) -> None:
    connect(phone, provider)
    key = Identity.get().id
    Visitor(app, stranger).post(f"/you/sso/{key}/end")
    assert Visitor(app).post(f"/you/sso/{key}/end").location.startswith("/sign-in")
    assert Identity.select().count() == 1


@pytest.fixture
def stale(app: Flask, provider: Provider, mentee: Person, world: Time) -> Visitor:
    """Sam, signed in by the provider an hour ago."""
    browser = Visitor(app)
    sign_in(browser, provider)
    world.pass_(hours=1)
    return browser


def again(browser: Visitor) -> dict[str, str]:
    assert "Continue with Example University" in browser.get("/sign-in/again?next=/you/address").text
    browser.post("/sign-in/again/sso", {"next": "/you/address"})
    return asked_by(browser)


def test_who_it_is_is_shown_once_more(stale: Visitor, provider: Provider) -> None:
    key = SignIn.get().id
    assert stale.get("/you/address").location == "/sign-in/again?next=/you/address"
    asked = again(stale)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    assert come_back(stale, provider, asked).location == "/you/address"
    assert (stale.get("/you/address").status_code, SignIn.get().id) == (200, key)


@pytest.mark.parametrize(
    ("auth_time", "is_shown"), [(-SKEW, True), (-SKEW - 1, False), (-3600, False), (None, False), ("now", False)]
)
def test_a_provider_that_asked_nobody_proves_nothing(
    stale: Visitor, provider: Provider, auth_time: int | str | None, is_shown: bool
) -> None:
    def bend(_header: Claims, claims: Claims) -> None:
        if isinstance(auth_time, int):
            claims["auth_time"] += auth_time
        elif auth_time is None:
            del claims["auth_time"]
        else:
            claims["auth_time"] = auth_time

    provider.play.bend = bend
    asked = again(stale)
    before = state_of(stale)
    answer = come_back(stale, provider, asked)
    assert stale.get("/you/address").status_code == (200 if is_shown else 303)
    if not is_shown:
        assert answer.location == "/sign-in/again?next=/you/address"
        assert "did not confirm who you are" in said(stale, answer)
        assert state_of(stale) == before


def test_somebody_elses_account_proves_nothing(stale: Visitor, provider: Provider, stranger: Person) -> None:
    for person in ({"sub": "mallory-1", "email": stranger.email}, {"sub": "new", "email": "new@example.org"}):
        provider.play.person |= person
        asked = again(stale)
        before = state_of(stale)
        answer = said(stale, come_back(stale, provider, asked))
        assert answer == "This account at Example University is not connected to yours here."
        assert (state_of(stale), stale.get("/you/address").status_code) == (before, 303)


def test_who_has_none_is_asked_for_a_code(app: Flask, phone: Visitor, world: Time) -> None:
    world.pass_(hours=1)
    page = phone.get("/sign-in/again").text
    assert ("Send me a code" in page, "Continue with" in page) == (True, False)


def test_a_code_proves_it_as_before(app: Flask, stale: Visitor) -> None:
    stale.post("/sign-in/again", {"next": "/you/address"})
    type_code(stale, read_code(app), next="/you/address")
    assert stale.get("/you/address").status_code == 200


def test_without_a_provider_there_are_no_such_pages(settings: Settings, world: Time, mentee: Person) -> None:
    app = create_app(replace(settings, oidc=None))
    nobody, sam = Visitor(app), Visitor(app, mentee)
    assert [nobody.post("/sign-in/sso").status_code, nobody.get("/sign-in/sso/return").status_code] == [404, 404]
    assert [sam.get("/you/sso").status_code, sam.post("/you/sso").status_code] == [404, 404]
    assert [sam.post("/sign-in/again/sso").status_code, sam.post("/you/sso/1/end").status_code] == [404, 404]
    assert "sso" not in sam.get("/you").text + sam.get("/sign-in/again").text + nobody.get("/sign-in").text


def test_looking_at_the_pages_changes_nothing(stale: Visitor, provider: Provider) -> None:
    again(stale)
    before = state_of(stale)
    for _ in range(3):
        for path in ("/you/sso", "/sign-in/sso", "/sign-in", "/sign-in/again"):
            assert stale.get(path).status_code == stale.client.head(path).status_code == 200
    assert state_of(stale) == before


@pytest.fixture
def inga(coordinator: Person) -> Person:
    """A coordinator who has a passkey."""
    made = {"public_key": "", "sign_count": 0, "transports": "", "name": "Phone", "made_at": coordinator.created_at}
    Passkey.create(person=coordinator, credential_id="x", **made)
    return coordinator


def by_code(app: Flask, email: str) -> Visitor:
    """Whoever reads the mail of this address."""
    browser = Visitor(app)
    ask(browser, email)
    type_code(browser, read_code(app))
    assert who(browser) == email
    return browser


def test_whoever_reads_a_coordinators_mail_connects_and_ends_nothing(
    app: Flask, provider: Provider, inga: Person
) -> None:
    connect(Visitor(app, inga), provider)
    thief, key = by_code(app, inga.email), Identity.get().id
    provider.play.person["sub"] = "thief"
    for path in (CONNECT, f"/you/sso/{key}/end"):
        answer = thief.post(path, headers={"Referer": "http://localhost/you/sso"})
        assert answer.location == "/sign-in/proof?next=/you/sso"
    assert (thief.get("/sign-in/sso").location, Identity.select().count()) == ("/sign-in", 1)


def test_whoever_reads_a_coordinators_mail_is_not_tied(app: Flask, provider: Provider, inga: Person) -> None:
    provider.play.person["email"] = inga.email
    browser = Visitor(app)
    before = state_of(browser)
    sentence = said(browser, sign_in(browser, provider))
    assert sentence.startswith("The account here with your address has a passkey. Sign in by it, then connect")
    assert state_of(browser) == before
    Passkey.delete().execute()  # the control
    sign_in(browser, provider)
    assert who(browser) == inga.email


def test_a_coordinator_shows_more_than_a_code_by_the_provider(
    app: Flask, provider: Provider, coordinator: Person
) -> None:
    provider.play.person["email"] = coordinator.email
    sign_in(Visitor(app), provider)
    browser = by_code(app, coordinator.email)
    assert browser.get("/coordinator").location == "/sign-in/proof?next=/coordinator"
    page = browser.get("/sign-in/proof?next=/coordinator").text
    assert ("Continue with Example University" in page, "Send me a code" in page) == (True, False)
    assert browser.get("/you/passkeys/new").location.startswith("/sign-in/proof")
    browser.post("/sign-in/again/sso", {"next": "/coordinator"})
    assert come_back(browser, provider, asked_by(browser)).location == "/coordinator"
    assert [browser.get(path).status_code for path in ("/coordinator", "/you/passkeys/new")] == [200, 200]


def test_a_passkey_is_another_way_in(inga: Person, world: Time) -> None:
    at = inga.created_at
    identity = Identity.create(person=inga, issuer="https://a.example", subject="i", at=at, used_at=at)
    identities.disconnect(identity.id, person=inga, only_way="https://a.example")
    assert Identity.select().count() == 0


def test_the_audit_tells_of_it(app: Flask, provider: Provider, mentee: Person) -> None:
    provider.play.person["groups"] = ["coordinators"]
    browser = Visitor(app)
    sign_in(browser, provider)
    browser.post(f"/you/sso/{Identity.get().id}/end")
    provider.play.bend = lambda header, claims: header.update(alg="none")
    sign_in(Visitor(app), provider)  # and not of what was refused
    lines = [(line.what, line.person_id, line.about_id, line.detail) for line in Audit.select().order_by(Audit.id)]
    assert lines == [
        ("account elsewhere connected", mentee.id, None, ""),
        ("made a coordinator", None, mentee.id, "by a claim"),
        ("signed in", mentee.id, None, "sso"),
        ("account elsewhere disconnected", mentee.id, None, ""),
        ("no longer a coordinator", None, mentee.id, "by a claim"),
    ]
