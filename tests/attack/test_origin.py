"""What another site makes a browser send: refused at every address that changes something, before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal import create_app
from portal.database import db
from portal.origin import SAFE, origin_of
from portal.settings import Settings
from tests.attack.arms import refusal
from tests.attack.conftest import Place
from tests.cast import Visitor
from tests.kernel.test_guards import path_of
from tests.sessions.agreement import digest

FOREIGN = {
    "another site": {"Origin": "https://evil.example"},
    "nobody": {"Origin": "null"},
    "nothing": {"Origin": ""},
    "a name that ends like ours": {"Origin": "http://localhost.evil.example"},
    "a name that begins like ours": {"Origin": "http://evil-localhost"},
    "another port": {"Origin": "http://localhost:8080"},
    "another scheme": {"Origin": "https://localhost"},
    "two at once": {"Origin": "http://localhost, https://evil.example"},
    "another site that hides": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour that hides": {"Sec-Fetch-Site": "same-site"},
    "a neighbour that lies": {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
}
OWN = {
    "a program": {},
    "the host": {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
    "the address in mails": {"Origin": "http://portal.example.org"},
    "typed": {"Sec-Fetch-Site": "none"},
}
SAID = "This was sent by another site. Nothing was changed. Open this one."
ASKED_BY_MAIL_PROGRAMS = "people.stop_now"


def unsafe(app: Flask) -> list[tuple[str, Rule]]:
    """Each method and address that may change something."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != ASKED_BY_MAIL_PROGRAMS]
    return [(method, rule) for rule in rules for method in sorted((rule.methods or set()) - SAFE)]


def paths(place: Place) -> Iterator[tuple[str, str]]:
    """Some of all kinds, of which the mentee could do three. Each has its turn in tests/access/test_tokens.py."""
    session = place.sessions["ahead"]
    yield from (("POST", path) for path in ("/you", f"/sessions/{session.ref}/cancellation", "/calendar/feed"))
    yield from (("POST", path) for path in ("/sign-in", "/holds", "/coordinator/mails/1/again", "/nowhere"))
    yield from (("PUT", "/you"), ("PATCH", "/"), ("DELETE", f"/sessions/{session.ref}"), ("BREW", "/"))


def faults(place: Place) -> list[str]:
    """Where something foreign is answered with anything but the refusal, or has changed what is stored."""
    found, before = [], digest()
    for method, path in paths(place):
        sam = place.hand("mentee")
        with db.atomic() as tried:
            for name, headers in FOREIGN.items():
                answer = sam.client.open(path, method=method, data=FORM, headers=headers)
                if (answer.status_code, refusal(answer)) != (403, SAID):
                    found.append(f"{method} {path} answers {name}")
            if digest() != before:
                found.append(f"{method} {path} changes something")
            tried.rollback()
    return found


FORM = {"name": "Changed", "time_zone": "Etc/UTC", "headline": "", "reason": "Ill", "text": "Hello", "q": "python"}
"""What several of the forms take."""


def test_foreign_requests_are_refused_everywhere(place: Place) -> None:
    assert faults(place) == []


def test_without_the_gate_the_test_above_finds_it(place: Place) -> None:
    """The control: tokens are off here, so nothing else stands before the verbs."""
    gates = place.app.before_request_funcs[None]
    gate = gates.pop(0)
    try:
        found = faults(place)
    finally:
        gates.insert(0, gate)
    changed = {fault.split("/")[-1] for fault in found if fault.endswith("changes something")}
    assert {"cancellation changes something", "you changes something", "feed changes something"} <= changed
    assert len([fault for fault in found if "answers" in fault]) == len(FOREIGN) * len(list(paths(place)))


@pytest.mark.parametrize("whose", OWN)
def test_our_own_pages_and_programs_pass(place: Place, whose: str) -> None:
    for method, path in paths(place):
        with db.atomic() as tried:
            answer = place.hand("mentee").client.open(path, method=method, data=FORM, headers=OWN[whose])
            tried.rollback()
        assert (path, answer.status_code == 403) == (path, False)


def test_looking_is_open_to_links_from_anywhere(place: Place) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert [place.get("mentee", path, **link).status_code for path in ("/", "/sessions", "/you")] == [200, 200, 200]


def test_mail_programs_may_stop_mails_from_anywhere(place: Place) -> None:
    """RFC 8058: without cookies and without a token; the address is the secret."""
    for headers in FOREIGN.values():
        answer = place.post("visitor", "/mails/stop/x", {"List-Unsubscribe": "One-Click"}, headers=headers)
        assert answer.status_code == 404  # looked for, so not stopped at the gate
        assert place.hand("visitor").client.put("/mails/stop/x", headers=headers).status_code == 403


def test_gate_is_the_first_of_all_in_a_demo_too(settings: Settings, world: object) -> None:
    app = create_app(replace(settings, demo=True))
    assert app.before_request_funcs[None][0].__name__ == "refuse_foreign"
    app.config["WTF_CSRF_ENABLED"] = False
    evil = {"Origin": "https://evil.example"}
    for method, rule in unsafe(app):
        answer = Visitor(app).client.open(path_of(rule, ref="x", slug="x", token="x"), method=method, headers=evil)
        assert (rule.rule, answer.status_code) == (rule.rule, 403)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Mentoring.example.org", "https://mentoring.example.org"),
        ("https://mentoring.example.org:443/portal", "https://mentoring.example.org"),
        ("https://mentoring.example.org:80", "https://mentoring.example.org:80"),
        ("http://mentoring.example.org:80", "http://mentoring.example.org"),
        ("http://mentoring.example.org:8080", "http://mentoring.example.org:8080"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_origin_of_an_address_is_what_browsers_send(url: str, origin: str) -> None:
    assert origin_of(url) == origin
