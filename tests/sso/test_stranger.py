"""The good way and a refusal, with a provider that others wrote."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask

from portal import create_app
from portal.oidc import Oidc
from portal.people.models import Identity, Person
from portal.settings import Settings
from tests.cast import Visitor
from tests.conftest import Time
from tests.people.signing import who
from tests.sso.stranger import strange_provider
from tests.sso.trip import said

NOOR = {"sub": "noor", "email": "noor@example.org", "email_verified": True, "name": "Noor Haddad"}
MALLORY = {"sub": "mallory", "email": "noor@example.org", "email_verified": False, "name": "Mallory"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with strange_provider(NOOR, MALLORY) as issuer:
        yield issuer


@pytest.fixture
def app(settings: Settings, issuer: str, world: Time) -> Flask:
    world.set(datetime.now(UTC))  # its clock is the real one
    app = create_app(replace(settings, oidc=Oidc(issuer, "portal", "Strangers", "secret")))
    app.testing = True
    return app


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def go(browser: Visitor, form: dict[str, str]) -> str:
    """Out, a form there, and the path by which it sends the browser back."""
    browser.post("/sign-in/sso", {"next": "/you"})
    way = browser.get("/sign-in/sso").headers["Refresh"].removeprefix("0; url=")
    with pytest.raises(urllib.error.HTTPError) as sent:
        urllib.request.build_opener(_Stays).open(way, urlencode(form).encode(), timeout=60)
    assert sent.value.code in (302, 303)
    back = urlsplit(sent.value.headers["Location"])
    sent.value.close()
    assert back.netloc == "portal.example.org"
    return f"{back.path}?{back.query}"


def test_with_a_provider_that_others_wrote(app: Flask) -> None:
    browser = Visitor(app)
    assert browser.get(go(browser, {"sub": "noor"})).location == "/you"
    assert (who(browser), Person.get().name, Identity.get().subject) == ("noor@example.org", "Noor Haddad", "noor")


def test_an_address_that_others_have_not_verified(app: Flask) -> None:
    browser = Visitor(app)
    assert "is verified" in said(browser, browser.get(go(browser, {"sub": "mallory"})))
    assert (who(browser), Person.select().count(), Identity.select().count()) == (None, 0, 0)


def test_who_denies_it_there(app: Flask) -> None:
    browser = Visitor(app)
    back = go(browser, {"action": "deny"})
    assert "error=access_denied" in back
    # It forgets the state (RFC 6749 4.1.2.1), so nobody can tell whose answer this is.
    answer = said(browser, browser.get(back))
    assert ("You did not let" if "state=" in back else "not begun in this browser") in answer
    assert (who(browser), Person.select().count()) == (None, 0)
