"""A browser is known to those who have signed in with it, by a cookie that says nothing and opens nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from portal import create_app, database
from portal.people import known_browsers
from portal.people.known_browsers import KnownBrowser
from portal.people.models import Person
from portal.people.signing_in import issue_link
from portal.settings import Settings
from tests.cast import Visitor
from tests.letters import mail
from tests.people.signing import SAM, ask, read_code, type_code, who

KEY = "k" * 32


def cookie_of(browser: Visitor) -> str:
    kept = browser.client.get_cookie("known")
    return kept.value if kept else ""


def is_known(browser: Visitor, email: str = SAM) -> bool:
    return known_browsers.read(cookie_of(browser), KEY).knows(email, KEY)


def sign_in(app: Flask, browser: Visitor, email: str = SAM) -> None:
    ask(browser, email)
    assert type_code(browser, read_code(app)).status_code == 303


def test_signing_in_makes_a_browser_known_and_signing_out_leaves_it_so(app: Flask, mentee: Person) -> None:
    browser = Visitor(app)
    assert not is_known(browser)
    ask(browser)
    assert not is_known(browser)
    sign_in(app, browser)
    name = known_browsers.read(cookie_of(browser), KEY).name
    browser.post("/sign-out")
    assert (is_known(browser), is_known(browser, "ana@example.org"), who(browser)) == (True, False, None)
    sign_in(app, browser, "ana@example.org")
    assert (is_known(browser), is_known(browser, "ana@example.org")) == (True, True)
    assert known_browsers.read(cookie_of(browser), KEY).name == name


def test_a_link_makes_it_known_too(app: Flask, mentee: Person) -> None:
    browser = Visitor(app)
    browser.post(f"/sign-in/link/{issue_link(SAM)}")
    assert is_known(browser)


def test_another_address_is_known_where_it_was_proved(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    sam.post("/you/address", {"email": "new@example.org"})
    sam.post("/you/address/code", {"code": str(mail(app, "people/address_code")["Subject"]).split(" ")[0]})
    assert is_known(sam, "new@example.org")


def test_the_cookie_says_nothing_of_who_it_is(app: Flask, mentee: Person) -> None:
    browser = Visitor(app)
    sign_in(app, browser)
    assert [word in cookie_of(browser).lower() for word in ("sam", "rivera", "example")] == [False] * 3
    other = Visitor(app)
    other.client.set_cookie("known", cookie_of(browser))
    assert who(other) is None


def test_the_cookie_is_for_our_pages_alone_and_stays(settings: Settings, world: object) -> None:
    secure = replace(settings, portal_url="https://portal.example.org")
    app = create_app(secure)
    app.testing = True
    database.connect()
    browser = Visitor(app)
    browser.client.environ_base["wsgi.url_scheme"] = "https"
    ask(browser)
    answer = type_code(browser, read_code(app))
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if "known" in line]
    assert cookie.startswith("__Host-known=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", f"Max-Age={365 * 24 * 3600}"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("forged", ["", "x", "WyJ4Il0.c2ln", KnownBrowser("x", ()).cookie("o" * 32)])
def test_a_forged_cookie_is_none(forged: str) -> None:
    browser = known_browsers.read(forged, KEY)
    assert (browser.marks, len(browser.name)) == ((), 22)


def test_a_browser_knows_the_latest_few() -> None:
    browser = known_browsers.read(None, KEY)
    for number in range(known_browsers.MOST + 2):
        browser = browser.learn(f"{number}@example.org", KEY)
    browser = known_browsers.read(browser.learn("5@example.org", KEY).cookie(KEY), KEY)
    known = [number for number in range(known_browsers.MOST + 2) if browser.knows(f"{number}@example.org", KEY)]
    assert known == [2, 3, 4, 5, 6, 7, 8, 9]
    assert len(browser.cookie(KEY)) < 300
