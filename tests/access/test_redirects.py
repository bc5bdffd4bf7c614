"""Nobody is sent off-site, whatever an address, a form or a header says: read as browsers read it (WHATWG URL)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.pages import own_path
from portal.people import sign_in_views, views
from tests.access.answers import DETOURS, path_of, typed_for
from tests.access.payloads import EVIL, PAYLOADS, origin_in_a_browser
from tests.access.roles import ROLES
from tests.access.table import Row, routes, rows
from tests.access.world import World
from tests.cast import Visitor

OURS = {"http://localhost", "http://portal.example.org"}
NAMES = (
    *("next", "url", "return", "return_to", "returnUrl", "redirect", "redirect_uri", "redirect_to", "continue", "to"),
    *("target", "goto", "dest", "destination", "back", "from", "r", "u", "callback", "path", "host", "ref", "on"),
)
"""What such a parameter is called, here or elsewhere."""
LEADING = ("Location", "HX-Redirect", "HX-Location", "HX-Replace-Url", "HX-Push-Url", "Refresh", "Content-Location")
"""The headers that lead on."""
HOSTS = (
    {"Host": EVIL},
    {"Host": f"localhost@{EVIL}"},
    {"Host": f"localhost.{EVIL}:80"},
    {
        "X-Forwarded-Host": EVIL,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Port": "1",
        "X-Forwarded-Prefix": f"//{EVIL}",
    },
    {"Forwarded": f"host={EVIL};proto=https", "X-Host": EVIL, "X-Forwarded-Server": EVIL, "X-HTTP-Host-Override": EVIL},
    {"X-Original-URL": f"//{EVIL}", "X-Rewrite-URL": f"//{EVIL}", "X-HTTP-Method-Override": "GET"},
    {"Origin": "null", "Referer": f"https://{EVIL}/"},
)
CANARY = "/canary"
LINK = re.compile(r'(?:href|action|formaction|src|hx-[a-z]+)="([^"]*)"')
ON_PURPOSE = re.compile(r"mailto:|webcal:")


@dataclass
class Place:
    """Where a visitor or somebody is sent on, in a browser of their own."""

    world: World
    row: Row
    rule: Rule
    role: str

    def steer(self, to: str, headers: dict[str, str] | None = None) -> TestResponse:
        """By every parameter there might be, and by where one comes from."""
        steering = dict.fromkeys(NAMES, to) if headers is None else {}
        sent = headers or {"Referer": f"http://localhost{_in_a_header(to)}"}
        app = self.world.app_for(self.row.thing)
        hand = self.world.hand(self.role, self.row.thing)
        params = self.world.made_of(self.row.thing)
        client = app.test_client()
        client.set_cookie("portal", hand.cookie, domain=sent.get("Host", "localhost").partition(":")[0])
        typed = {**steering, **typed_for(self.world, self.rule, params), "csrf_token": hand.token}
        return client.open(
            path_of(self.rule, params),
            method=self.row.method,
            query_string=steering,
            data=typed if self.row.method != "GET" else None,
            headers=sent,
        )


def _in_a_header(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "", text)


def leads_to(given: TestResponse) -> list[str]:
    return [value for name in LEADING for value in given.headers.getlist(name)]


def strays(given: TestResponse) -> list[str]:
    """Where an answer leads off-site, by itself or by what one may tap on its page."""
    links = [link.replace("&amp;", "&").replace("&#39;", "'") for link in LINK.findall(given.text)]
    tapped = [link for link in links if "evil" in link or "alert" in link]
    found = [place for place in leads_to(given) if origin_in_a_browser(place) not in OURS]
    found += [link for link in tapped if origin_in_a_browser(link) not in OURS and not ON_PURPOSE.match(link)]
    return found + [name for name, _ in given.headers if "evil" in name.lower()]


def sent_on(world: World) -> Iterator[Place]:
    """Each row, for one role of those who are sent on from there in the same way."""
    known = routes(*world.apps.values())
    for row in rows():
        seen = set()
        for role, cell in zip(ROLES, row.answers, strict=True):
            if cell not in seen and (cell in DETOURS or cell.startswith("303")):
                seen.add(cell)
                yield Place(world, row, known[row.route], role)


def steered(world: World) -> dict[str, list[Place]]:
    """Those that can be led by what is sent to them, by how."""
    found: dict[str, list[Place]] = {}
    for place in sent_on(world):
        given = place.steer(CANARY)
        world.restore()
        here = urlsplit(given.request.url).path
        led = [to.replace(here, "HERE", 1) for to in leads_to(given) if CANARY in to]
        if led:
            found.setdefault(led[0], []).append(place)
    return found


def off_site(world: World, places: list[Place], payloads: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Place, payload, and where it led."""
    for place in places:
        for payload in payloads:
            yield from ((str(place.row), payload, stray) for stray in _strays_for(place, payload))
            world.turn_back()
            if place.row.thing:  # there is one of it
                world.restore()
        world.restore()


def _strays_for(place: Place, payload: str) -> list[str]:
    try:
        given = place.steer(payload)
    except ValueError as error:  # werkzeug cannot write such a header
        return [str(error)]
    return strays(given) if given.status_code < 500 else ["no answer"]


def test_there_are_enough_payloads_and_most_would_leave() -> None:
    assert len(PAYLOADS) >= 200
    assert len([payload for payload in PAYLOADS if origin_in_a_browser(payload) not in OURS]) >= 120


def test_no_payload_leads_off_site(world: World) -> None:
    ways = steered(world)
    assert {place.row.rule for places in ways.values() for place in places} >= {
        *("/sign-in", "/sign-in/again", "/sign-in/code", "/you", "/demo/continue/<role>", "/demo/clock", "/hours"),
    }
    each = [places[0] for places in ways.values()]
    assert list(off_site(world, each, PAYLOADS)) == []
    others = [place for places in ways.values() for place in places[1:]]
    few = ("//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil.example")
    assert list(off_site(world, others, few)) == []


def test_pages_that_pass_it_on_offer_no_way_off_site(world: World) -> None:
    for path, role in (("/sign-in", "visitor"), ("/sign-in/code", "visitor"), ("/you", "mentee")):
        for payload in PAYLOADS:
            given = world.ask(world.apps[""], "GET", path, role, query_string={"next": payload})
            assert (path, payload, given.status_code in (200, 400), strays(given)) == (path, payload, True, [])


def test_no_header_about_the_host_leads_off_site(world: World) -> None:
    for place in sent_on(world):
        for headers in HOSTS:
            given = place.steer("", headers)
            assert (place.row, headers, strays(given)) == (place.row, headers, [])
            assert (place.row, headers, [to for to in leads_to(given) if not to.startswith("/")]) == (
                *(place.row, headers),
                [],
            )
        world.restore()


def test_no_path_leads_off_site(world: World) -> None:
    """As servers do that tidy up slashes, or put one at the end."""
    browser = Visitor(world.apps[""])
    for payload in PAYLOADS:
        for path in (payload, f"/{payload}", f"/sessions/{payload}", f"//{EVIL}/{payload}/"):
            shown = path.split("?")[0].split("#")[0]
            given = browser.get("/", environ_overrides={"PATH_INFO": shown.encode().decode("latin-1")})
            assert (path, given.status_code < 500, strays(given)) == (path, True, [])


NAIVE: dict[str, Callable[[str | None], str]] = {
    "as it is": lambda target: target or "/",
    "it begins with a slash": lambda target: target if target and target.startswith("/") else "/",
    "and not with two": lambda target: target if target and re.match("/(?!/)", target) else "/",
    "it names no host": lambda target: target if target and not _host(target) else "/",
    "nor a scheme": lambda target: target if target and not _host(target) and ":" not in target else "/",
    "it holds no evil.example": lambda target: (target or "/").replace("//evil.example", ""),
}
"""How others check, before they learn."""


def _host(target: str) -> str:
    try:
        return urlsplit(target).netloc
    except ValueError:
        return "?"


@pytest.mark.parametrize("how", NAIVE)
def test_a_naive_check_is_found(world: World, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """The control: though werkzeug, and browsers, drop some payloads by themselves."""
    for module in (views, sign_in_views):
        assert module.own_path is own_path
        monkeypatch.setattr(module, "own_path", NAIVE[how])
    wanted = {("POST", "/you", ""), ("POST", "/sign-in/code", "Sam's code")}
    places = [place for place in sent_on(world) if (*place.row.route, place.row.thing) in wanted]
    for place in (place for place in places if place.role == "mentee"):
        assert next(off_site(world, [place], PAYLOADS), None) is not None
        world.restore()
