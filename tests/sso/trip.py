"""What somebody does who goes to the provider and comes back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import TestResponse

from portal.people.models import SignIn
from tests.cast import Visitor
from tests.people.signing import who
from tests.sessions.agreement import digest
from tests.sso.provider import Provider

RETURN = "/sign-in/sso/return"


def set_out(browser: Visitor, start: str = "/sign-in/sso", **fields: str) -> dict[str, str]:
    """What the provider is asked, by a browser that follows a form and the page that leads on."""
    sent = browser.post(start, fields)
    assert (sent.status_code, sent.location) == (303, "/sign-in/sso")
    return asked_by(browser)


def asked_by(browser: Visitor) -> dict[str, str]:
    page = browser.get("/sign-in/sso")
    assert page.status_code == 200
    way = page.headers["Refresh"].removeprefix("0; url=")
    assert way.replace("&", "&amp;") in page.text
    return {name: values[0] for name, values in parse_qs(urlsplit(way).query).items()}


def come_back(browser: Visitor, provider: Provider, asked: dict[str, str], **more: str) -> TestResponse:
    """As who has signed in there."""
    answer = {"state": asked["state"], "code": provider.authorize(asked), **more}
    return browser.get(RETURN, query_string=answer)


def sign_in(browser: Visitor, provider: Provider, **fields: str) -> TestResponse:
    return come_back(browser, provider, set_out(browser, **fields))


def said(browser: Visitor, answer: TestResponse) -> str:
    """The sentence on the page that an answer leads to, which is a page of ours in working order."""
    assert answer.status_code == 303
    page = browser.get(answer.location)
    assert page.status_code == 200
    return page.text.partition('class="flash" role="status">')[2].partition("<")[0]


def state_of(browser: Visitor) -> Any:
    """All that is stored, who is signed in where, and who this browser is."""
    return digest(), SignIn.select().count(), who(browser)
