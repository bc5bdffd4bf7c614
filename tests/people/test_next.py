"""After signing in one goes on to a page of the portal, whatever the link said."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from portal.pages import own_path
from portal.people.models import Person
from tests.cast import Visitor
from tests.conftest import Time
from tests.people.signing import ask, read_code, type_code

HERE = "http://localhost/sign-in/code"
OURS = [
    "/",
    "/sessions",
    "/mentors/laila-mansour?length=30&day=2026-11-24",
    "/?q=a+b&kind=career",
    "/mentors/%C3%BCnal",
    "/a//b",
]
EVIL = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "//evil.example/%2f..",
    "//[",
    "//[::1]",
    "//\u2100.example",
    "//evil\uff0eexample",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/a\r\nLocation: //evil.example",
    "http://evil.example",
    "https://evil.example/sessions",
    "HTTPS:evil.example",
    "http:///evil.example",
    "http:\\\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//",
    "data:text/html,<script>alert(1)</script>",
    "evil.example",
    "@evil.example",
    "http://localhost@evil.example/",
    "http://localhost.evil.example/",
    "sessions",
    "?next=//evil.example",
    "#/sessions",
    "",
]


def host_in_a_browser(location: str) -> str:
    """Where a browser goes: it drops tabs and line breaks, and reads a backslash as a slash (WHATWG URL)."""
    read = location.strip("\x00 \t\r\n").translate({ord(letter): None for letter in "\t\r\n"}).replace("\\", "/")
    if read.startswith("//"):
        return read.lstrip("/").split("/")[0] or "?"
    parts = urlsplit(urljoin(HERE, read))
    return parts.netloc if parts.scheme in ("http", "https") else parts.scheme


def test_host_in_a_browser_knows_what_leaves() -> None:
    leaving = [target for target in EVIL if host_in_a_browser(target) != "localhost"]
    assert len(leaving) >= 20
    assert [host_in_a_browser(target) for target in OURS] == ["localhost"] * len(OURS)


@pytest.mark.parametrize("target", [*EVIL, None])
def test_own_path_of_anything_else_is_the_first_page(target: str | None) -> None:
    assert own_path(target) == "/"


@pytest.mark.parametrize("target", OURS)
def test_own_path_of_a_path_is_that_path(target: str) -> None:
    assert own_path(target) == target


def test_sign_in_never_leads_off_site(app: Flask, mentee: Person, visitor: Visitor, world: Time) -> None:
    for target in EVIL:
        world.pass_(hours=3)  # so many codes in one hour, or long ones, would be a story of their own
        form = visitor.get("/sign-in", query_string={"next": target})
        assert (target, form.status_code, 'name="next" value="/"' in form.text) == (target, 200, True)
        asked = ask(visitor, next=target)
        entered = type_code(visitor, read_code(app), next=target)
        assert (target, asked.location, entered.location) == (target, "/sign-in/code?next=/", "/")
        visitor.post("/sign-out")


def test_describe_oneself_never_leads_off_site(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    for target in EVIL:
        typed = {"name": "Sam", "headline": "", "time_zone": "Etc/UTC", "next": target}
        assert (target, sam.post("/you", typed).location) == (target, "/" if target else "/you")


def test_a_page_for_members_comes_back_after_signing_in(app: Flask, visitor: Visitor) -> None:
    whole, part = visitor.get("/sessions?x=1"), visitor.part("/sessions?x=1")
    assert (whole.status_code, whole.location) == (303, "/sign-in?next=/sessions?x%3D1")
    assert (part.status_code, part.headers["HX-Redirect"]) == (200, "/sign-in?next=/sessions?x%3D1")
    doubled = visitor.get("/", environ_overrides={"PATH_INFO": "//evil.example//sessions"})
    assert (doubled.status_code, doubled.headers.get("Location")) == (404, None)


def test_a_form_sent_when_signed_out_comes_back_to_its_page(app: Flask, visitor: Visitor) -> None:
    for page, back in (
        ("http://localhost/holds/abc?x=1", "/holds/abc?x=1"),
        ("http://localhost//evil.example", "/"),
        ("http://localhost.evil.example/holds/abc", "/"),
        ("https://evil.example/", "/"),
        ("", "/"),
    ):
        sent = visitor.post("/hours", headers={"Referer": page})
        assert (page, sent.status_code, sent.location) == (page, 303, visitor_to(back))


def visitor_to(page: str) -> str:
    return "/sign-in?next=" + page.replace("=", "%3D")
