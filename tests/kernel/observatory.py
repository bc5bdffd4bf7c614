"""The rules and the points of Mozilla's HTTP Observatory, for one answer given over https.

Written from what its scanner says of them (algorithm 4, `@mdn/mdn-http-observatory` 1.4.8): 100 points to begin with;
what is missing takes some away; what is better than it must be gives some, if 90 are left. A+ begins at 100.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from http.cookies import SimpleCookie

from werkzeug.datastructures import Headers

SIX_MONTHS = 15_552_000
FOR_CREDIT = 90
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
UNSAFE = ("'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "data:", "https:", "http:", "*", "blob:")


def policy(headers: Headers) -> dict[str, list[str]]:
    """Its directives, by name: of two of the same the first counts."""
    parts = [part.split() for part in headers.get("Content-Security-Policy", "").split(";") if part.strip()]
    return {name: sources for name, *sources in reversed(parts)}


def content_security_policy(headers: Headers, _page: str) -> int:
    given = policy(headers)
    if not given or len(headers.getlist("Content-Security-Policy")) != 1:
        return -25
    scripts = given.get("script-src", given.get("default-src"))
    objects = given.get("object-src", given.get("default-src"))
    if scripts is None or objects is None or _has(["'unsafe-inline'", *UNSAFE[3:]], scripts + objects):
        return -20
    if any(source.startswith("http:") for sources in given.values() for source in sources):
        return -20
    if "'unsafe-eval'" in scripts:
        return -10
    if _has(UNSAFE, given.get("style-src", given.get("default-src", []))):
        return 0
    is_strict = given.get("default-src") == ["'none'"] and given.get("form-action") in (["'self'"], ["'none'"])
    return 10 if is_strict and given.get("base-uri") in (["'self'"], ["'none'"]) else 5


def _has(some: tuple[str, ...] | list[str], sources: list[str]) -> bool:
    return any(source in some for source in sources)


def cookies(headers: Headers, _page: str) -> int:
    """All of them hold a session, or a token."""
    given = [morsel for line in headers.getlist("Set-Cookie") for morsel in SimpleCookie(line).values()]
    if not all(cookie["secure"] for cookie in given):
        return -40
    if not all(cookie["httponly"] for cookie in given):
        return -30
    if any(cookie["samesite"].lower() not in ("lax", "strict") for cookie in given):
        return -20
    return 5 if given else 0


def cross_origin_sharing(headers: Headers, _page: str) -> int:
    if headers.get("Access-Control-Allow-Credentials") == "true":
        return -50
    return 0


def redirection(headers: Headers, _page: str) -> int:
    """Onwards on the same host and over https: that is, by a path."""
    location = headers.get("Location", "/")
    if location.startswith("http:"):
        return -20
    return 0 if re.match("/(?!/)", location) else -5


def referrer_policy(headers: Headers, _page: str) -> int:
    given = headers.get("Referrer-Policy")
    if given is None:
        return 0
    return 5 if given.split(",")[-1].strip() in PRIVATE else -5


def transport_security(headers: Headers, _page: str) -> int:
    found = re.fullmatch(r"max-age=(\d+)(?:; [\w; ]+)?", headers.get("Strict-Transport-Security", ""))
    if found is None:
        return -20
    return 0 if int(found[1]) >= SIX_MONTHS else -10


class _Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.found.append(dict(attrs))


def subresource_integrity(_headers: Headers, page: str) -> int:
    """Of scripts that come from elsewhere."""
    reader = _Scripts()
    reader.feed(page)
    elsewhere = [script for script in reader.found if re.match("(https?:)?//", script.get("src") or "")]
    if any(not script.get("integrity") and not (script["src"] or "").startswith("https:") for script in elsewhere):
        return -50
    if any(not (script["src"] or "").startswith("https:") for script in elsewhere):
        return -20
    return 0 if all(script.get("integrity") for script in elsewhere) else -5


def content_type_options(headers: Headers, _page: str) -> int:
    return 0 if headers.get("X-Content-Type-Options", "").lower() == "nosniff" else -5


def frame_options(headers: Headers, _page: str) -> int:
    """By the policy, which overrules the older header."""
    if policy(headers).get("frame-ancestors") in (["'none'"], ["'self'"]):
        return 5
    return 0 if headers.get("X-Frame-Options", "").lower() in ("deny", "sameorigin") else -20


def resource_policy(headers: Headers, _page: str) -> int:
    given = headers.get("Cross-Origin-Resource-Policy")
    return {"same-origin": 10, "same-site": 10, "cross-origin": 0, None: 0}.get(given, -5)


RULES: tuple[Callable[[Headers, str], int], ...] = (
    content_security_policy,
    cookies,
    cross_origin_sharing,
    redirection,
    referrer_policy,
    transport_security,
    subresource_integrity,
    content_type_options,
    frame_options,
    resource_policy,
)


def points(headers: Headers, page: str) -> dict[str, int]:
    """What each rule gives or takes."""
    return {rule.__name__: rule(headers, page) for rule in RULES}


def score(given: dict[str, int]) -> int:
    """Of 100, and some more."""
    left = 100 + sum(value for value in given.values() if value < 0)
    return left + sum(value for value in given.values() if value > 0) if left >= FOR_CREDIT else max(left, 0)
