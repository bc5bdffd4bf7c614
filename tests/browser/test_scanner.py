"""A scanner of links that is a browser: it runs what a page brings, and taps nothing. Every link works afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from portal import database
from portal.availability.derived import freshen
from portal.people.signing_in import is_link_valid, issue_link
from tests.access.links import links_of
from tests.cast import Visitor
from tests.conftest import Time
from tests.mails.all_letters import Programme
from tests.people.signing import SAM
from tests.sessions.agreement import digest

LONG_ENOUGH = 150
"""Milliseconds after a page is there: what sends itself does so at once."""
HASTY = """<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}"></form>
<script src="/hint"></script>"""
BY_ITSELF = ("document.forms[0].submit()", {"Content-Type": "text/javascript"})


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of this app."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def links(app: Flask, time: Time) -> list[str]:
    """One for each page that mails lead to, and the one that the help desk makes."""
    Programme(time).live()
    freshen()
    Visitor(app).get("/")
    matcher = app.url_map.bind("")
    pages = {matcher.match(link.partition("?")[0].partition("#")[0])[0]: link for link in links_of(app)}
    assert {"availability.still_good", "people.stop", "sessions.show", "waiting.offer"} <= pages.keys()
    return [*pages.values(), f"/sign-in/link/{issue_link(SAM)}"]


def look(browser: Browser, address: str, links: list[str]) -> None:
    """Open each, and let it do what it does."""
    context = browser.new_context()
    page = context.new_page()
    for link in links:
        page.goto(address + link)
        page.wait_for_timeout(LONG_ENOUGH)
    context.close()


@pytest.mark.own_app
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_browser_that_taps_nothing_leaves_every_link_as_it_is(
    browser: Browser, app: Flask, links: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the control: the same link, on a page that sends itself."""
    token = links[-1].rsplit("/", 1)[1]
    with served(app) as address:
        before = digest()
        look(browser, address, links)
        database.disconnect()
        database.connect()
        assert (digest() == before, is_link_valid(token)) == (True, True)
        monkeypatch.setitem(app.view_functions, "people.link", lambda token: render_template_string(HASTY))
        monkeypatch.setitem(app.view_functions, "sessions.hint", lambda: BY_ITSELF)
        look(browser, address, links[-1:])
        assert is_link_valid(token) is False
