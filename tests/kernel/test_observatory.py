"""Every answer of every kind would get an A+ from Mozilla's HTTP Observatory, and each hole that it knows is found."""

from __future__ import annotations

from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from tests.kernel.observatory import RULES, points, score
from tests.kernel.test_headers import FILES, answers

__all__ = ["answers"]
PERFECT = 135
"""A page that sets the cookie."""
FOR_FILES = {"content_security_policy": 5, "referrer_policy": 0, "frame_options": -20}
"""A stylesheet opens nothing, sends nobody on and is shown in no frame: what that is about means nothing for it."""
CSP = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; script-src "
HOLES = {
    "no policy": ("Content-Security-Policy", "", {"content_security_policy": -25, "frame_options": -20}),
    "inline scripts": ("Content-Security-Policy", f"{CSP}'unsafe-inline'", {"content_security_policy": -20}),
    "eval": ("Content-Security-Policy", f"{CSP}'self' 'unsafe-eval'", {"content_security_policy": -10}),
    "scripts over http": ("Content-Security-Policy", f"{CSP}http://a.example", {"content_security_policy": -20}),
    "scripts from anywhere": ("Content-Security-Policy", f"{CSP}*", {"content_security_policy": -20}),
    "frames": ("Content-Security-Policy", "default-src 'self'", {"frame_options": -20}),
    "a cookie over http": ("Set-Cookie", "portal=x; HttpOnly; SameSite=Lax", {"cookies": -40}),
    "a cookie for scripts": ("Set-Cookie", "portal=x; Secure; SameSite=Lax", {"cookies": -30}),
    "a cookie for other sites": ("Set-Cookie", "portal=x; Secure; HttpOnly; SameSite=None", {"cookies": -20}),
    "a cookie for whoever": ("Set-Cookie", "portal=x; Secure; HttpOnly", {"cookies": -20}),
    "shared with other sites": ("Access-Control-Allow-Credentials", "true", {"cross_origin_sharing": -50}),
    "on over http": ("Location", "http://portal.example.org/", {"redirection": -20}),
    "on to another host": ("Location", "//evil.example/", {"redirection": -5}),
    "the whole referrer": ("Referrer-Policy", "unsafe-url", {"referrer_policy": -5}),
    "http as well": ("Strict-Transport-Security", "", {"transport_security": -20}),
    "https for a week": ("Strict-Transport-Security", "max-age=604800", {"transport_security": -10}),
    "guessed types": ("X-Content-Type-Options", "", {"content_type_options": -5}),
    "any resource policy": ("Cross-Origin-Resource-Policy", "anyone", {"resource_policy": -5}),
}
"""One of each kind: the header as it is planted, and what that costs."""
SCRIPTS = {
    '<script src="https://cdn.example/x.js"></script>': -5,
    '<script src="http://cdn.example/x.js" integrity="sha384-x"></script>': -20,
    '<script src="//cdn.example/x.js"></script>': -50,
    '<script src="http://cdn.example/x.js"></script>': -50,
    '<script src="https://cdn.example/x.js" integrity="sha384-x"></script>': 0,
    '<script src="/static/portal.js"></script>': 0,
}


def test_every_answer_of_every_kind_gets_the_best_grade(answers: dict[str, TestResponse]) -> None:
    for kind, answer in answers.items():
        given = points(answer.headers, answer.text if answer.mimetype == "text/html" else "")
        if kind in FILES:
            assert {name: given[name] for name in FOR_FILES} == FOR_FILES
            given |= dict.fromkeys(FOR_FILES, 0)
        assert (kind, [name for name, value in given.items() if value < 0]) == (kind, [])
        assert (kind, score(given) >= (105 if kind in FILES else 130)) == (kind, True)
    assert score(points(answers["way to sign in"].headers, "")) in (PERFECT, PERFECT - 5)


def test_each_hole_is_found(answers: dict[str, TestResponse]) -> None:
    """The control: planted in the best page there is."""
    page = answers["page"]
    before = points(page.headers, page.text)
    for hole, (name, value, costs) in HOLES.items():
        planted = Headers(page.headers)
        planted.remove(name)
        if value:
            planted.add(name, value)
        after = points(planted, page.text)
        assert (hole, {rule: cost for rule, cost in after.items() if cost < 0}) == (hole, costs)
        assert (hole, score(after) < score(before)) == (hole, True)


def test_a_script_from_elsewhere_is_found(answers: dict[str, TestResponse]) -> None:
    page = answers["page"]
    costs = {script: points(page.headers, page.text + script)["subresource_integrity"] for script in SCRIPTS}
    assert costs == SCRIPTS


def test_each_rule_has_a_hole() -> None:
    guarded = {rule for _, _, costs in HOLES.values() for rule in costs} | {"subresource_integrity"}
    assert guarded == {rule.__name__ for rule in RULES}
