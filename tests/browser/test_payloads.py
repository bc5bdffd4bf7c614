"""Every page in Chromium with sixty texts on it that would run: none does, and the browser has nothing to say."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from markupsafe import Markup
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from portal import headers
from portal.database import disconnect
from tests.attack.arena import Arena, standing
from tests.attack.pages_found import look_round, rule_of
from tests.attack.planting import GROUPS, plant
from tests.browser.phone import SCREEN
from tests.conftest import Engine
from tests.proof.size import size

LOOK = (Path(__file__).parent / "planted.js").read_text(encoding="utf-8")
LISTEN = """window.violations = [];
document.addEventListener("securitypolicyviolation", event => violations.push(`${event.violatedDirective} refused`));"""
EACH = size(10, usual=1)
"""Pages of one rule for each role."""


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None: ...


@contextmanager
def served(arena: Arena) -> Iterator[str]:
    """Its address, served by threads of this process, which has the clock of the test."""

    def app(environ: dict[str, object], start: object) -> Iterator[bytes]:
        try:
            yield from arena.app(environ, start)
        finally:
            disconnect()

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Watch:
    """One role's browser, and what it complained of."""

    context: BrowserContext
    address: str
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.add_init_script(LISTEN)
        self.context.on(
            "console",
            lambda said: self.said.append(f"{said.text} {said.location['url']}") if said.type == "error" else None,
        )
        self.context.on("weberror", lambda error: self.said.append(str(error.error)))
        self.context.on("dialog", self._dialog)
        self.context.on("request", self._request)
        self.page: Page = self.context.new_page()

    def _dialog(self, dialog: object) -> None:
        self.said.append("a dialog")
        dialog.dismiss()  # type: ignore[attr-defined]

    def _request(self, request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]
        if not url.startswith((self.address, "data:,")):
            self.said.append(f"asks {url}")

    def faults(self, path: str) -> list[str]:
        """What is wrong with this page."""
        self.said.clear()
        self.page.goto(path)
        found: list[str] = self.page.evaluate(LOOK)
        return [*found, *self.said]


@contextmanager
def watch(browser: Browser, arena: Arena, address: str, role: str) -> Iterator[Watch]:
    context = browser.new_context(base_url=address, **SCREEN)
    context.add_cookies([{"name": "portal", "value": arena.cookie(role), "url": address}])
    yield Watch(context, address)
    context.close()


@pytest.fixture(scope="module")
def planted(engines: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Arena, str]]:
    with standing(engines["sqlite"], tmp_path_factory.mktemp("data")) as arena, served(arena) as address:
        plant()
        yield arena, address


def pages_of(arena: Arena, role: str) -> list[str]:
    """A few of each rule. Parts that htmx asks for are no pages."""
    seen = look_round(arena.app, arena.hands[role], arena.unlinked)
    by_rule: dict[str, list[str]] = defaultdict(list)
    for path, answer in seen.pages.items():
        there = rule_of(arena.app, path)
        if there is not None and "<!doctype html>" in answer.text[:20].lower():
            by_rule[there[0]].append(path)
    longest = {rule: sorted(paths, key=lambda path: -len(seen.pages[path].data)) for rule, paths in by_rule.items()}
    return [path for paths in longest.values() for path in paths[:EACH]]


def test_nothing_that_is_planted_does_anything(planted: tuple[Arena, str], browser: Browser) -> None:
    arena, address = planted
    opened, faults = 0, []
    for rotation in range(size(GROUPS, usual=1)):
        plant(rotation)
        for role in arena.hands:
            with watch(browser, arena, address, role) as watched:
                for path in pages_of(arena, role):
                    opened += 1
                    faults += [(role, path, what) for what in watched.faults(path)]
    print(f"\n{opened} pages")
    assert (faults[:5], opened > 60) == ([], True)


@pytest.mark.parametrize(
    ("hole", "found"),
    [
        ("a template without escaping", ["made by a payload", "script-src"]),
        ("no policy either", ["a dialog", "a script ran"]),
        ("a markup that takes any link", ["leads there"]),
    ],
)
def test_what_would_run_is_found(
    planted: tuple[Arena, str], browser: Browser, monkeypatch: pytest.MonkeyPatch, hole: str, found: list[str]
) -> None:
    arena, address = planted
    if "markup" in hole:
        monkeypatch.setitem(arena.app.jinja_env.filters, "message", lambda _: Markup("<a href='javascript:x'>x</a>"))
    else:
        monkeypatch.setitem(arena.app.jinja_env.filters, "message", lambda text: Markup(text))
    if "policy" in hole:
        monkeypatch.delitem(headers.SECURITY_HEADERS, "Content-Security-Policy")
    plant(0, ("<script data-xss>window.xss=1;alert(1)</script>",), groups=1)
    with watch(browser, arena, address, "mentee") as watched:
        faults = watched.faults(arena.place.path("ahead"))
    assert [what for what in found if not any(fault.startswith(what) or what in fault for fault in faults)] == []
