"""Signing in with a code: asked for on a page, read in a mail, typed in the browser that asked."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import create_app
from portal.mail.outbox import Outbox
from portal.people import sign_ins
from portal.people.models import Person
from portal.settings import Settings
from tests.cast import Visitor
from tests.letters import told
from tests.people.signing import SAM, ask, read_code, stored_text, type_code, who

NO_ADDRESSES = [
    "",
    "sam",
    "sam@",
    "@example.org",
    "sam@example",
    "a b@example.org",
    f"{'a' * 65}@b.org",
    "a@b.org\r\nBcc: c@d.org",
    "a@b.org,c@d.org",
    "<sam@example.org>",
    "sam@example.org.",
]


def test_sign_in_with_the_code_from_the_mail(app: Flask, visitor: Visitor, mentee: Person) -> None:
    asked = ask(visitor, " Sam.Rivera@Example.ORG ", next="/sessions")
    assert (asked.status_code, asked.location) == (303, "/sign-in/code?next=/sessions")
    assert told() == [("people/code", SAM)]
    entered = type_code(visitor, read_code(app), next="/sessions")
    assert (entered.status_code, entered.location) == (303, "/sessions")
    assert who(visitor) == SAM


def test_ask_for_a_code_answers_the_same_for_known_and_unknown(app: Flask, mentee: Person) -> None:
    def answers(email: str) -> list[object]:
        browser = Visitor(app)
        asked = ask(browser, email)
        shown = browser.get(asked.location)
        return [
            what for answer in (asked, shown) for what in (answer.status_code, _text(answer, email), _headers(answer))
        ]

    known, unknown = answers(SAM), answers("sim.rivera@example.org")
    assert known == unknown
    assert [kind for kind, _ in told()] == ["people/code"] * 2
    assert Person.select().count() == 1


def _text(answer: TestResponse, email: str) -> str:
    return re.sub(r'(csrf_token" value="|X-CSRFToken": ")[^"]+', r"\1", answer.text).replace(email, "ADDRESS")


def _headers(answer: TestResponse) -> list[tuple[str, str]]:
    return [
        (name, re.sub(r"=[^;]+", "=", value, count=1) if name == "Set-Cookie" else value)
        for name, value in answer.headers
    ]


def test_ask_for_a_code_with_no_address_keeps_what_was_typed(app: Flask, visitor: Visitor) -> None:
    for email in NO_ADDRESSES:
        answer = ask(visitor, email)
        assert (email, answer.status_code, 'id="email-error">' in answer.text) == (email, 422, True)
    assert f'value="{NO_ADDRESSES[-1]}"' in answer.text
    assert told() == []


def test_database_holds_no_code_and_no_browser(app: Flask, visitor: Visitor) -> None:
    ask(visitor)
    code = read_code(app)
    with visitor.client.session_transaction() as cookie:
        browser = cookie["sign_in"]["browser"]
    assert [secret in stored_text() for secret in (code, browser)] == [False, False]
    Outbox.update(words=f'{{"code": "{code}"}}').execute()  # what a careless letter would hold
    assert code in stored_text()


def test_sign_in_of_a_new_person_asks_for_a_name_and_goes_on(app: Flask, visitor: Visitor) -> None:
    visitor.client.set_cookie("zone", "Asia/Kolkata")
    ask(visitor, "new@example.org", next="/sessions")
    entered = type_code(visitor, read_code(app), next="/sessions")
    assert (entered.status_code, entered.location) == (303, "/you?next=/sessions")
    form = visitor.get(entered.location).text
    assert ("What should people call you?" in form, 'value="Asia/Kolkata"' in form) == (True, True)
    named = visitor.post(
        "/you", {"name": "Noor Haddad", "headline": "", "time_zone": "Asia/Kolkata", "next": "/sessions"}
    )
    assert (named.status_code, named.location) == (303, "/sessions")
    assert Person.select(Person.name, Person.time_zone).tuples().get() == ("Noor Haddad", "Asia/Kolkata")


def test_sign_in_changes_the_session_and_keeps_only_the_hold(app: Flask, visitor: Visitor, mentee: Person) -> None:
    ask(visitor)
    with visitor.client.session_transaction() as cookie:
        cookie["planted"], cookie["holder"] = "by somebody else", "mine"
        before = dict(cookie)
    old = visitor.client.get_cookie("portal")
    type_code(visitor, read_code(app))
    with visitor.client.session_transaction() as cookie:
        after = dict(cookie)
    assert old is not None
    assert old.value != visitor.client.get_cookie("portal").value  # type: ignore[union-attr]
    assert (after["holder"], "planted" in after, "sign_in" in after) == ("mine", False, False)
    assert (before.get("_user_id"), sign_ins.person_of(after["_user_id"])) == (None, mentee)
    assert ("csrf_token" in before, "csrf_token" in after) == (True, False)


@pytest.mark.parametrize(
    ("url", "name", "is_secure"),
    [("http://portal.example.org", "portal", False), ("https://portal.example.org", "__Host-portal", True)],
)
def test_session_cookie_is_out_of_reach_of_scripts(settings: Settings, url: str, name: str, is_secure: bool) -> None:
    changed = Settings(settings.secret_key, url, settings.mail_url, settings.data, settings.database_url)
    answer = create_app(changed).test_client().get("/sign-in", base_url=url)
    given, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert given.split("=")[0] == name
    assert [word in attributes for word in ("HttpOnly", "SameSite=Lax", "Path=/")] == [True] * 3
    assert ("Secure" in attributes, "Domain" in answer.headers["Set-Cookie"]) == (is_secure, False)
    assert ("Strict-Transport-Security" in answer.headers) is is_secure
