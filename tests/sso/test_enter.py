"""Signing in by single sign-on: whose account it is, who signs up, and who becomes a coordinator."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from portal import create_app
from portal.limits import Limits, set_limits
from portal.oidc import Oidc
from portal.people import account, address
from portal.people.models import FRESH, Identity, Person, SignIn
from portal.settings import Settings
from tests.cast import Visitor, make_person
from tests.conftest import Time
from tests.people.signing import SAM, who
from tests.people.test_next import EVIL
from tests.sso.provider import CLIENT, SECRET, Provider
from tests.sso.trip import RETURN, come_back, said, set_out, sign_in, state_of

NOOR = "noor@example.org"


def test_the_page_offers_both_ways(visitor: Visitor, provider: Provider) -> None:
    page = visitor.get("/sign-in").text
    assert [text in page for text in ("Continue with Example University", "Send me a code")] == [True, True]
    assert provider.play.asked == []


def test_who_has_an_account_is_known_by_a_verified_address(
    visitor: Visitor, provider: Provider, mentee: Person
) -> None:
    provider.play.person["email"] = SAM.upper()
    answer = sign_in(visitor, provider, next="/sessions")
    assert (answer.status_code, answer.location, who(visitor)) == (303, "/sessions", SAM)
    identity, kept = Identity.get(), Person.get_by_id(mentee.id)
    assert (identity.person_id, identity.issuer, identity.subject) == (mentee.id, provider.issuer, "sam-1")
    assert (kept.name, kept.is_coordinator, SignIn.get().way) == ("Sam Rivera", False, "sso")
    assert Person.select().count() == 1


def test_what_is_asked_and_how_the_token_is_fetched(visitor: Visitor, provider: Provider) -> None:
    asked = set_out(visitor)
    assert (asked["scope"], "prompt" in asked, "max_age" in asked) == ("openid email profile", False, False)
    other = set_out(visitor)
    assert [asked[name] == other[name] for name in ("state", "nonce", "code_challenge")] == [False] * 3
    assert come_back(visitor, provider, other).status_code == 303
    sent = provider.play.tokens_for[0]
    assert (sent["grant_type"], "client_secret" in sent, len(sent["code_verifier"]) >= 43) == (
        "authorization_code",
        False,
        True,
    )
    name, _, secret = base64.b64decode(sent["Authorization"].removeprefix("Basic ")).decode().partition(":")
    assert (name, secret) in {(CLIENT, SECRET), (CLIENT, quote(SECRET, safe=""))}


@pytest.mark.own_app
@pytest.mark.parametrize(("secret", "method"), [("", "none"), (SECRET, "client_secret_post")])
def test_a_public_client_and_one_that_posts_its_secret(
    settings: Settings, oidc: Oidc, world: Time, provider: Provider, secret: str, method: str
) -> None:
    provider.play.about["token_endpoint_auth_methods_supported"] = [method]
    browser = Visitor(create_app(replace(settings, oidc=replace(oidc, client_secret=secret))))
    assert (sign_in(browser, provider).status_code, who(browser)) == (303, SAM)
    sent = provider.play.tokens_for[0]
    assert (sent["Authorization"], sent["client_id"], sent.get("client_secret", "")) == ("", CLIENT, secret)


def test_who_is_new_signs_up_with_name_and_zone(visitor: Visitor, provider: Provider) -> None:
    visitor.client.set_cookie("zone", "Asia/Kolkata")
    provider.play.person |= {"sub": "noor-1", "email": NOOR, "name": "  Noor\u202e Haddad\ud800 "}
    assert (sign_in(visitor, provider).location, who(visitor)) == ("/", NOOR)
    noor = Person.get()
    assert (noor.name, noor.time_zone, Identity.get().person_id) == ("Noor Haddad", "Asia/Kolkata", noor.id)


@pytest.mark.parametrize("name", [None, 17, "", "\u200b", {"first": "Noor"}])
def test_who_has_no_name_there_is_asked_for_one(visitor: Visitor, provider: Provider, name: Any) -> None:
    provider.play.person |= {"sub": "noor-1", "email": NOOR, "name": name}
    assert sign_in(visitor, provider, next="/sessions").location == "/you?next=/sessions"
    assert Person.get().name == ""


def test_a_long_name_is_cut(visitor: Visitor, provider: Provider) -> None:
    provider.play.person |= {"sub": "noor-1", "email": NOOR, "name": "n" * 500}
    sign_in(visitor, provider)
    assert Person.get().name == "n" * 80


def test_what_a_token_leaves_out_is_asked_for(visitor: Visitor, provider: Provider) -> None:
    provider.play.person = {"sub": "noor-1"}
    provider.play.about["userinfo_endpoint"] = f"{provider.issuer}/userinfo"
    provider.play.tells = {"email": NOOR, "email_verified": True, "name": "Noor Haddad", "groups": ["coordinators"]}
    sign_in(visitor, provider)
    noor = Person.get()
    assert (who(visitor), noor.name, noor.is_coordinator) == (NOOR, "Noor Haddad", True)


def test_the_account_stays_the_same_whatever_the_address_becomes(app: Flask, provider: Provider) -> None:
    sam = make_person("Sam Rivera")
    sign_in(Visitor(app), provider)
    make_person("Noor Haddad")
    for changed in ({"email": "noor.haddad@example.org"}, {"email": "new@example.org", "email_verified": False}):
        provider.play.person |= changed
        browser = Visitor(app)
        sign_in(browser, provider)
        assert (changed, who(browser)) == (changed, SAM)
    address._change(Person.get_by_id(sam.id), "sam@home.example")
    browser = Visitor(app)
    sign_in(browser, provider)
    assert (who(browser), Identity.select().count(), Person.select().count()) == ("sam@home.example", 1, 2)


def test_twice_is_one_account(app: Flask, provider: Provider, world: Time) -> None:
    sign_in(Visitor(app), provider)
    world.pass_(hours=1)
    sign_in(Visitor(app), provider)
    identity = Identity.get()
    assert (Identity.select().count(), Person.select().count()) == (1, 1)
    assert identity.used_at - identity.at == timedelta(hours=1)


@pytest.mark.parametrize("verified", [False, None, "true", "false", 1, "True", [True], {}])
def test_only_a_verified_address_ties(visitor: Visitor, provider: Provider, mentee: Person, verified: object) -> None:
    provider.play.person["email_verified"] = verified
    before = state_of(visitor)
    answer = said(visitor, sign_in(visitor, provider))
    assert answer == (
        "We did not hear from Example University that your e-mail address is verified, so we cannot know which account"
        " here is yours. Sign in by code, then connect Example University under You."
    )
    assert state_of(visitor) == before


def test_a_true_word_is_true_and_nothing_else_is_missing(visitor: Visitor, provider: Provider, mentee: Person) -> None:
    """The control of the test above."""
    provider.play.person["email_verified"] = True
    sign_in(visitor, provider)
    assert who(visitor) == SAM


@pytest.mark.parametrize("email", ["", "sam", "a@b", "sam@example.org\ud800", 17, None, ["sam@example.org"], "s" * 300])
def test_what_is_no_address_ties_nobody(visitor: Visitor, provider: Provider, email: object) -> None:
    provider.play.person["email"] = email
    before = state_of(visitor)
    sign_in(visitor, provider)
    assert state_of(visitor) == before


def test_the_word_of_one_place_does_not_verify_the_address_of_another(
    visitor: Visitor, provider: Provider, mentee: Person
) -> None:
    provider.play.person = {"sub": "mallory-1", "email": "mallory@example.org", "email_verified": True}
    provider.play.about["userinfo_endpoint"] = f"{provider.issuer}/userinfo"
    provider.play.tells = {"email": SAM}
    before = state_of(visitor)
    sign_in(visitor, provider)
    assert state_of(visitor) == before


def test_another_account_with_the_same_address_is_refused(app: Flask, provider: Provider, mentee: Person) -> None:
    """An address at the provider that was given to somebody else gives nothing away."""
    sign_in(Visitor(app), provider)
    provider.play.person["sub"] = "sam-2"
    browser = Visitor(app)
    before = state_of(browser)
    assert "is connected to another account at Example University." in said(browser, sign_in(browser, provider))
    assert state_of(browser) == before


@pytest.mark.own_app
@pytest.mark.parametrize(("email", "is_let_in"), [("noor@example.edu", True), (NOOR, False), (SAM, True)])
def test_who_may_sign_up_is_the_same_rule(
    settings: Settings, provider: Provider, mentee: Person, email: str, is_let_in: bool
) -> None:
    limits = Limits(domains=("example.edu",))
    browser = Visitor(create_app(replace(settings, limits=limits)))
    set_limits(limits)
    provider.play.person["email"] = email
    before = state_of(browser)
    answer = sign_in(browser, provider)
    assert (who(browser) == email, state_of(browser) == before) == (is_let_in, not is_let_in)
    if not is_let_in:
        assert f"your address is {NOOR}. Here, you can sign up with your address at example.edu." in said(
            browser, answer
        )


@pytest.mark.parametrize("groups", [["staff", "coordinators"], "coordinators"])
def test_a_claim_makes_a_coordinator_and_its_absence_ends_it(
    app: Flask, provider: Provider, mentee: Person, groups: object
) -> None:
    for said_groups, is_coordinator in (
        (groups, True),
        (groups, True),
        (["staff"], False),
        (groups, True),
        (None, False),
    ):
        provider.play.person["groups"] = said_groups
        browser = Visitor(app)
        sign_in(browser, provider)
        sam = Person.get_by_id(mentee.id)
        assert (sam.is_coordinator, sam.by_claim, browser.get("/coordinator").status_code) == (
            is_coordinator,
            is_coordinator,
            200 if is_coordinator else 404,
        )


@pytest.mark.parametrize(
    "groups", [["coordinator"], "coordinators2", "the coordinators", {"coordinators": 1}, 1, [1], True]
)
def test_nothing_else_makes_one(visitor: Visitor, provider: Provider, mentee: Person, groups: object) -> None:
    provider.play.person["groups"] = groups
    sign_in(visitor, provider)
    assert (who(visitor), Person.get_by_id(mentee.id).is_coordinator) == (SAM, False)


@pytest.mark.parametrize("claim_first", [True, False])
def test_who_was_made_a_coordinator_here_stays_one(
    app: Flask, provider: Provider, mentee: Person, claim_first: bool
) -> None:
    if claim_first:
        provider.play.person["groups"] = ["coordinators"]
        sign_in(Visitor(app), provider)
    account.make_coordinator(Person.get_by_id(mentee.id))
    for groups in (["coordinators"], []):
        provider.play.person["groups"] = groups
        sign_in(Visitor(app), provider)
    assert (Person.get_by_id(mentee.id).is_coordinator, Person.get_by_id(mentee.id).by_claim) == (True, False)


@pytest.mark.own_app
def test_without_a_claim_that_is_set_nobody_is_made_one(
    settings: Settings, oidc: Oidc, provider: Provider, mentee: Person
) -> None:
    provider.play.person["groups"] = ["coordinators"]
    sign_in(Visitor(create_app(replace(settings, oidc=replace(oidc, coordinator=None)))), provider)
    assert Person.get_by_id(mentee.id).is_coordinator is False


@pytest.mark.parametrize(
    ("ago", "is_fresh"), [(timedelta(0), True), (FRESH, False), (timedelta(days=7), False), (None, False)]
)
def test_how_fresh_it_is_the_provider_says(
    visitor: Visitor, provider: Provider, mentee: Person, world: Time, ago: timedelta | None, is_fresh: bool
) -> None:
    def bend(_header: dict[str, Any], claims: dict[str, Any]) -> None:
        if ago is None:
            del claims["auth_time"]
        else:
            claims["auth_time"] -= int(ago.total_seconds())

    provider.play.bend = bend
    sign_in(visitor, provider)
    assert (who(visitor), visitor.get("/you/address").status_code) == (SAM, 200 if is_fresh else 303)


def test_a_session_that_lives_on_there_refreshes_nothing_here(
    visitor: Visitor, provider: Provider, mentee: Person, world: Time
) -> None:
    sign_in(visitor, provider)
    began = int(world.now.timestamp())
    world.pass_(minutes=20)
    provider.play.bend = lambda _header, claims: claims.update(auth_time=began)
    assert sign_in(visitor, provider, next="/you/address").location == "/you/address"
    assert (visitor.get("/you/address").status_code, SignIn.select().count()) == (303, 1)


def test_who_is_signed_in_as_somebody_else_changes_over(
    app: Flask, provider: Provider, mentee: Person, stranger: Person
) -> None:
    browser = Visitor(app, stranger)
    sign_in(browser, provider)
    assert (who(browser), [row.person_id for row in SignIn.select()]) == (SAM, [mentee.id])


def test_it_never_leads_off_site(app: Flask, provider: Provider, mentee: Person) -> None:
    for target in EVIL:
        browser = Visitor(app)
        assert (target, sign_in(browser, provider, next=target).location) == (target, "/")
    browser = Visitor(app)
    assert sign_in(browser, provider, next="/?q=" + "x" * 5000).location == "/"
    assert (who(browser), RETURN in browser.get("/").text) == (SAM, False)
