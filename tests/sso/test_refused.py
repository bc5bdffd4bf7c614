"""What the provider says counts only where it is proved. All else changes nothing and lets nobody in."""

from __future__ import annotations

import time as wall
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from authlib.oidc.core import IDToken
from flask import Flask
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from portal.people import asking, discovery
from portal.people import provider as providers
from portal.people.models import Person
from portal.people.provider import SKEW
from portal.people.sso_views import LONGEST_TRIP, provider_of
from tests.cast import Visitor
from tests.conftest import Time
from tests.people.signing import SAM, who
from tests.sso.provider import Claims, Provider, signed
from tests.sso.trip import RETURN, come_back, said, set_out, sign_in, state_of

NOT_PROVED = "Example University did not confirm who you are. Nothing was changed. Please try again."
AWAY = "We cannot reach Example University right now. Please try again in a minute."
USED = "This way back from Example University has been used, or was not begun in this browser. Please start again."


@pytest.fixture(autouse=True)
def sam(mentee: Person) -> Person:
    """Somebody whose account is worth having."""
    return mentee


@dataclass(frozen=True)
class Fault:
    """A token that is not what it should be, and the check that finds it."""

    header: Claims | None = None
    claims: Claims | None = None
    gone: tuple[str, ...] = ()
    unless: tuple[tuple[Any, str], ...] = ()
    """What is switched off for the control: then it is believed."""


NONCE = ((IDToken, "validate_nonce"),)
AUDIENCE = ((JWTClaimsRegistry, "validate_aud"), (IDToken, "validate_azp"))
FAULTS = {
    "wrong nonce": Fault(claims={"nonce": "another"}, unless=NONCE),
    "no nonce": Fault(gone=("nonce",), unless=NONCE),
    "nonces": Fault(claims={"nonce": ["another"]}, unless=NONCE),
    "wrong audience": Fault(claims={"aud": "another"}, unless=AUDIENCE),
    "audiences without us": Fault(claims={"aud": ["another"]}, unless=AUDIENCE),
    "for another, authorized by us": Fault(claims={"aud": ["another"], "azp": "portal"}, unless=AUDIENCE[:1]),
    "for us, authorized by another": Fault(claims={"azp": "another"}, unless=AUDIENCE[1:]),
    "for many, authorized by nobody": Fault(claims={"aud": ["portal", "another"]}, unless=AUDIENCE[1:]),
    "no audience": Fault(gone=("aud",)),
    "wrong issuer": Fault(claims={"iss": "https://evil.example"}, unless=((JWTClaimsRegistry, "validate_iss"),)),
    "no issuer": Fault(gone=("iss",)),
    "expired": Fault(claims={"exp": -SKEW}, unless=((JWTClaimsRegistry, "validate_exp"),)),
    "never expires": Fault(gone=("exp",)),
    "expires when it likes": Fault(claims={"exp": "never"}, unless=((JWTClaimsRegistry, "validate_exp"),)),
    "expires at no number": Fault(claims={"exp": float("nan")}, unless=((JWTClaimsRegistry, "validate_exp"),)),
    "of tomorrow": Fault(claims={"iat": 86400}, unless=((JWTClaimsRegistry, "validate_iat"),)),
    "not yet": Fault(claims={"nbf": 86400}, unless=((JWTClaimsRegistry, "validate_nbf"),)),
    "another access token": Fault(claims={"at_hash": "AAAA"}, unless=((IDToken, "validate_at_hash"),)),
    "no subject": Fault(gone=("sub",)),
    "an empty subject": Fault(claims={"sub": ""}),
    "a subject that is none": Fault(claims={"sub": 17}),
    "subjects": Fault(claims={"sub": ["sam-1"]}),
    "a subject no database takes": Fault(claims={"sub": "sam\x00"}),
    "half a letter": Fault(claims={"sub": "sam\ud800"}),
    "a subject without end": Fault(claims={"sub": "s" * 256}),
    "a time that is none": Fault(claims={"auth_time": "now"}),
    "a time that never was": Fault(claims={"auth_time": 10**30}),
    "signed by nobody": Fault(header={"alg": "none"}),
    "signed by all who know the public key": Fault(header={"alg": "HS256"}),
    "signed by another": Fault(header={"signed by": "two"}),
    "signed by one we do not know": Fault(header={"kid": "two"}),
    "signed by one that is named nowhere": Fault(header={"kid": 17}),
    "signed in a way nobody knows": Fault(header={"crit": ["x"], "x": 1}),
}


def bend(fault: Fault) -> Callable[[Claims, Claims], None]:
    def bent(header: Claims, claims: Claims) -> None:
        header.update(fault.header or {})
        for name, value in (fault.claims or {}).items():
            is_apart = name in ("exp", "iat", "nbf") and type(value) is int
            claims[name] = claims["iat"] + value if is_apart else value
        for name in fault.gone:
            del claims[name]

    return bent


@pytest.mark.parametrize("name", FAULTS)
def test_a_token_that_is_not_right_lets_nobody_in(visitor: Visitor, provider: Provider, name: str) -> None:
    provider.play.bend = bend(FAULTS[name])
    before = state_of(visitor)
    answer = sign_in(visitor, provider, next="/sessions")
    assert (answer.location, said(visitor, answer)) == ("/sign-in?next=/sessions", NOT_PROVED)
    assert state_of(visitor) == before
    provider.play.bend = lambda header, claims: None
    sign_in(visitor, provider)
    assert who(visitor) == SAM


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.unless])
def test_without_its_check_it_would(
    visitor: Visitor, provider: Provider, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where, check in FAULTS[name].unless:
        monkeypatch.setattr(where, check, lambda *_: None)
    provider.play.bend = bend(FAULTS[name])
    sign_in(visitor, provider)
    assert who(visitor) == SAM


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_with_the_algorithms_the_provider_names_it_would(
    visitor: Visitor, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for signatures: what a client does that believes its provider's list of them."""
    monkeypatch.setattr(providers, "_registry", lambda: JWSRegistry(algorithms=["none"], strict_check_header=False))
    provider.play.bend = bend(FAULTS["signed by nobody"])
    sign_in(visitor, provider)
    assert who(visitor) == SAM


@pytest.mark.parametrize("late", [SKEW - 1, SKEW])
def test_a_clock_may_differ_by_a_minute(visitor: Visitor, provider: Provider, late: int) -> None:
    provider.play.bend = lambda header, claims: claims.update(exp=claims["iat"] - late)
    sign_in(visitor, provider)
    assert who(visitor) == (SAM if late < SKEW else None)


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"x",
            b"[]",
            b"17",
            b'"a.b.c"',
            b"{}",
            b'{"id_token": 17}',
            b'{"id_token": "a.b.c"}',
            b'{"id_token": "."}',
        ),
        *(
            b'{"id_token": null, "access_token": "a"}',
            b'{"expires_in": "soon", "id_token": "x"}',
            b"[" * 100_000,
            b"\xff",
        ),
    ],
    ids=lambda body: body[:20].decode(errors="replace"),
)
def test_what_is_no_token_lets_nobody_in(visitor: Visitor, provider: Provider, body: bytes) -> None:
    provider.play.answers["/token"] = (200, body)
    before = state_of(visitor)
    assert said(visitor, sign_in(visitor, provider)) in (NOT_PROVED, AWAY)
    assert state_of(visitor) == before


def test_a_code_that_is_not_for_this_question_is_refused(app: Flask, provider: Provider) -> None:
    """Injected: somebody's code in somebody else's answer. The verifier does not fit."""
    thief, victim = Visitor(app), Visitor(app)
    code = provider.authorize(set_out(victim))
    asked = set_out(thief)
    before = state_of(thief)
    answer = thief.get(RETURN, query_string={"state": asked["state"], "code": code})
    assert (said(thief, answer), state_of(thief) == before) == (NOT_PROVED, True)


@pytest.mark.parametrize("state", [None, "", "x", "\ufffd", "other"])
def test_a_way_back_that_was_not_begun_here(
    app: Flask, visitor: Visitor, provider: Provider, state: str | None
) -> None:
    mine, theirs = set_out(visitor), set_out(Visitor(app))
    before = state_of(visitor)
    wrong = theirs["state"] if state == "other" else state
    answer = visitor.get(RETURN, query_string={"state": wrong, "code": provider.authorize(mine)})
    assert (said(visitor, answer), state_of(visitor) == before, provider.play.tokens_for) == (USED, True, [])
    assert come_back(visitor, provider, mine).location == "/"  # and the one that was is still open
    assert who(visitor) == SAM


def test_somebody_elses_way_back_signs_nobody_in(app: Flask, provider: Provider) -> None:
    """Login CSRF: a link with the answer to a question that the attacker asked."""
    attacker, victim = Visitor(app), Visitor(app)
    asked = set_out(attacker)
    before = state_of(victim)
    assert said(victim, come_back(victim, provider, asked)) == USED
    assert state_of(victim) == before
    come_back(attacker, provider, asked)
    assert (who(attacker), who(victim)) == (SAM, None)


def test_a_way_back_counts_once(visitor: Visitor, provider: Provider) -> None:
    asked = set_out(visitor)
    answer = {"state": asked["state"], "code": provider.authorize(asked)}
    visitor.get(RETURN, query_string=answer)
    visitor.get(visitor.post("/sign-out").location)
    before = state_of(visitor)
    provider.play.codes[answer["code"]] = asked  # and if the provider did not mind
    assert said(visitor, visitor.get(RETURN, query_string=answer)) == USED
    assert (state_of(visitor), visitor.get("/sign-in/sso").location) == (before, "/sign-in")


def test_after_signing_in_it_is_said_where_one_is(app: Flask, mentee: Person, provider: Provider) -> None:
    assert Visitor(app, mentee).get(f"{RETURN}?state=x&code=y").location == "/you"


def test_the_last_way_out_counts(visitor: Visitor, provider: Provider) -> None:
    first, second = set_out(visitor), set_out(visitor)
    assert said(visitor, come_back(visitor, provider, first)) == USED
    come_back(visitor, provider, second)
    assert who(visitor) == SAM


@pytest.mark.parametrize("late", [0, 1])
def test_a_trip_takes_a_quarter_of_an_hour_at_most(
    visitor: Visitor, provider: Provider, world: Time, late: int
) -> None:
    asked = set_out(visitor)
    world.pass_(seconds=LONGEST_TRIP.seconds + late)
    answer = come_back(visitor, provider, asked)
    assert who(visitor) == (None if late else SAM)
    if late:
        assert said(visitor, answer) == "That took more than 15 minutes. Please start again."


@pytest.mark.parametrize(
    ("tells", "issuer", "is_let_in"),
    [
        (None, None, True),
        (None, "own", True),
        (None, "https://evil.example", False),
        (None, "", False),
        (True, "own", True),
        (True, None, False),
        (True, "own/", False),
    ],
)
def test_who_sends_the_answer_is_looked_at(
    visitor: Visitor, provider: Provider, tells: bool | None, issuer: str | None, is_let_in: bool
) -> None:
    """Mix-up (RFC 9207)."""
    provider.play.about["authorization_response_iss_parameter_supported"] = tells
    asked = set_out(visitor)
    before = state_of(visitor)
    named = {} if issuer is None else {"iss": issuer.replace("own", provider.issuer)}
    come_back(visitor, provider, asked, **named)
    assert (who(visitor) == SAM, state_of(visitor) == before) == (is_let_in, not is_let_in)
    assert len(provider.play.tokens_for) == is_let_in


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"error": "access_denied"}, "You did not let Example University tell us who you are. Nothing was changed."),
        (
            {"error": "<script>", "error_description": "<b>Call 555"},
            "Example University could not sign you in. Nothing was changed. Please try again.",
        ),
        ({}, "Example University could not sign you in. Nothing was changed. Please try again."),
    ],
)
def test_what_the_provider_refuses_is_one_sentence(
    visitor: Visitor, provider: Provider, answer: dict[str, str], sentence: str
) -> None:
    asked = set_out(visitor, next="/sessions")
    before = state_of(visitor)
    back = visitor.get(RETURN, query_string={"state": asked["state"], **answer})
    assert (back.location, said(visitor, back)) == ("/sign-in?next=/sessions", sentence)
    assert (state_of(visitor), provider.play.tokens_for) == (before, [])


def test_a_refusal_with_a_foreign_state_is_none(visitor: Visitor, provider: Provider) -> None:
    asked = set_out(visitor)
    assert said(visitor, visitor.get(f"{RETURN}?state=x&error=access_denied")) == USED
    come_back(visitor, provider, asked)
    assert who(visitor) == SAM


BROKEN: dict[str, tuple[str, tuple[int, bytes]]] = {
    "out of order": ("/.well-known/openid-configuration", (500, b"{}")),
    "not there": ("/.well-known/openid-configuration", (404, b"")),
    "no JSON": ("/.well-known/openid-configuration", (200, b"<html>")),
    "no object": ("/.well-known/openid-configuration", (200, b"[]")),
    "deep": ("/.well-known/openid-configuration", (200, b"[" * 100_000)),
    "without end": ("/.well-known/openid-configuration", (200, b"{" + b" " * asking.LARGEST + b"}")),
    "leads on": ("/.well-known/openid-configuration", (302, b"/elsewhere")),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_provider_out_of_order_is_one_sentence(visitor: Visitor, provider: Provider, how: str) -> None:
    path, answer = BROKEN[how]
    provider.play.answers[path] = answer
    before = state_of(visitor)
    assert visitor.post("/sign-in/sso", {"next": "/sessions"}).location == "/sign-in/sso"
    turned = visitor.get("/sign-in/sso")
    assert (turned.location, said(visitor, turned)) == ("/sign-in?next=/sessions", AWAY)
    assert state_of(visitor) == before
    provider.play.answers = {}
    sign_in(visitor, provider)
    assert who(visitor) == SAM


@pytest.mark.parametrize("path", ["/token", "/keys", "/userinfo"])
@pytest.mark.parametrize("answer", [(500, b"{}"), (302, b"/elsewhere"), (200, b"[]")], ids=["500", "302", "list"])
def test_one_that_fails_in_between_is_one_sentence(
    visitor: Visitor, provider: Provider, path: str, answer: tuple[int, bytes]
) -> None:
    provider.play.about["userinfo_endpoint"] = f"{provider.issuer}/userinfo"
    del provider.play.person["name"]
    provider.play.answers[path] = answer
    asked = set_out(visitor)
    before = state_of(visitor)
    assert said(visitor, come_back(visitor, provider, asked)) in (AWAY, NOT_PROVED)
    assert (state_of(visitor), "/elsewhere" in provider.play.asked) == (before, False)


def test_what_it_tells_of_somebody_else_is_refused(visitor: Visitor, provider: Provider) -> None:
    provider.play.about["userinfo_endpoint"] = f"{provider.issuer}/userinfo"
    provider.play.person = {"sub": "mallory-1"}
    provider.play.tells = {"sub": "sam-1", "email": SAM, "email_verified": True}
    before = state_of(visitor)
    assert said(visitor, sign_in(visitor, provider)) == NOT_PROVED
    assert state_of(visitor) == before


@pytest.mark.parametrize(
    "about",
    [{"issuer": "https://evil.example"}, {"issuer": None}, {"token_endpoint": None}, {"jwks_uri": 17}]
    + [{"authorization_endpoint": f"{bad}://evil.example/a"} for bad in ("http", "javascript", "data")]
    + [{"token_endpoint": "https://a@evil.example/t"}, {"userinfo_endpoint": "http://evil.example/u"}]
    + [{"authorization_endpoint": "https://evil.example/a\r\nSet-Cookie: a=b"}],
    ids=repr,
)
def test_what_it_says_of_itself_is_looked_at(visitor: Visitor, provider: Provider, about: dict[str, Any]) -> None:
    provider.play.about = about
    visitor.post("/sign-in/sso")
    assert said(visitor, visitor.get("/sign-in/sso")) == AWAY


def test_a_provider_that_is_away_is_waited_for_once(
    visitor: Visitor, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of our servers does one thing at a time, so what does not answer must not hold up all."""
    tries: list[float] = []

    def nobody(*_: object, **options: Any) -> requests.Response:
        tries.append(options["timeout"])
        raise requests.ConnectTimeout

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", nobody)
    for _ in range(3):
        visitor.post("/sign-in/sso")
        assert said(visitor, visitor.get("/sign-in/sso")) == AWAY
    assert tries == [5.0]
    monkeypatch.undo()
    monkeypatch.setattr(discovery, "REST", 0)
    later = wall.monotonic() + 10
    monkeypatch.setattr(discovery.time, "monotonic", lambda: later)
    sign_in(visitor, provider)
    assert who(visitor) == SAM


def test_one_that_drips_is_not_waited_for(
    visitor: Visitor, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.0)
    monkeypatch.setattr(asking, "CHUNK", 1)
    with pytest.raises(requests.Timeout):
        asking._read(_Drops(), wall.monotonic() - 1)  # type: ignore[arg-type]


class _Drops:
    """An answer that comes a byte at a time, for ever."""

    class raw:
        @staticmethod
        def read1(_size: int, decode_content: bool) -> bytes:
            return b"x"


def test_what_was_read_is_kept_for_an_hour(app: Flask, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        sign_in(Visitor(app), provider)
    assert [provider.play.asked.count(path) for path in ("/.well-known/openid-configuration", "/keys", "/token")] == [
        1,
        1,
        3,
    ]
    later = wall.monotonic() + discovery.KEPT
    monkeypatch.setattr(discovery.time, "monotonic", lambda: later)
    sign_in(Visitor(app), provider)
    assert [provider.play.asked.count(path) for path in ("/.well-known/openid-configuration", "/keys")] == [2, 2]


def test_a_key_that_is_new_is_asked_for(app: Flask, provider: Provider) -> None:
    sign_in(Visitor(app), provider)
    provider.play.keys = ("two",)
    provider.play.bend = lambda header, claims: header.update(kid="two")
    browser = Visitor(app)
    sign_in(browser, provider)
    assert (who(browser), provider.play.asked.count("/keys")) == (SAM, 2)
    provider.play.bend = lambda header, claims: None  # and by the old one nobody signs any more
    other = Visitor(app)
    assert said(other, sign_in(other, provider)) == NOT_PROVED


def test_the_forgeries_are_whole() -> None:
    """The control for tokens that nobody signs: all else about them is right."""
    assert [signed({"alg": alg, "kid": "one"}, {"a": 1}).count(".") for alg in ("none", "HS256", "RS256")] == [2, 2, 2]
    assert provider_of.cache_info().maxsize is None
