"""What holds for every page and every form there is, also for those that come later."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.mentors.models import Mentor, Revision
from portal.people.models import Person
from tests.cast import Visitor, make_session, opening, value_of

INLINE = re.compile(r"<script(?![^>]* src=)[^>]*>|<style|\son\w+=|\sstyle=|javascript:|hx-on|hx-vals=.js:")


def path_of(rule: Rule, **known: object) -> str:
    values = {
        "key": 1,
        "role": "mentee",
        "filename": "portal.css",
        "code": "x",
        "what": _first(rule.rule),
        "at": "x",
        **known,
    }
    built = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None
    return built[1]


def _first(rule: str) -> str:
    return rule.split("any(")[1].split(",")[0] if "any(" in rule else "1"


def test_every_form_that_changes_something_needs_its_token(app: Flask, coordinator: Person) -> None:
    inga = Visitor(app, coordinator)
    posts = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(posts) >= 17
    for rule in posts:
        if rule.endpoint == "people.stop_now":
            continue  # a mail program presses it for its reader, and has no cookie (RFC 8058): its link is the secret
        path = path_of(rule, ref="x", slug="x", token="x")
        answer = inga.client.post(path, data={"name": "x"})
        assert (path, answer.status_code, "This page was open too long." in answer.text) == (path, 400, True)


def test_no_page_holds_an_inline_script_or_style(app: Flask, mentor: Mentor, coordinator: Person) -> None:
    session = make_session(mentor, coordinator)
    inga = Visitor(app, coordinator)
    held = inga.hold(opening(mentor, 4)).location
    known = {
        "ref": session.ref,
        "slug": mentor.slug,
        "token": "x",
        "key": Revision.get().id,
        "name": "x",
        "at": f"sessions/{session.ref}/mentor",
    }
    gets = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint != "static"]
    paths = [path_of(rule, **known) for rule in gets if rule.endpoint != "sessions.form"]
    seen = 0
    for path in (*paths, held, "/nowhere", "/?kind=x"):
        answer = inga.get(path)
        if answer.mimetype == "text/html":
            seen += answer.status_code == 200
            assert (path, INLINE.findall(answer.text)) == (path, [])
    assert seen >= 10


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", '<p style="x">', '<a onclick="x">', '<a href="javascript:x">']
)
def test_an_inline_script_or_style_would_be_noticed(evil: str) -> None:
    assert INLINE.findall(evil) != []


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_pages_are_sent_small(app: Flask, visitor: Visitor, mentor: Mentor, coding: str) -> None:
    plain, packed = visitor.get("/"), visitor.get("/", headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert len(packed.data) * 2 < len(plain.data)
    assert value_of(opening(mentor)) in plain.text
