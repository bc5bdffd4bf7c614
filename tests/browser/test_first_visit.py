"""The first visit of a phone far away: little to fetch, nothing from elsewhere, nothing refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPhone
from tests.browser.phone import Phone

MOST_REQUESTS = 5
MOST_BYTES = 30 * 1024
LISTEN = """() => {
  window.refused = [];
  document.addEventListener('securitypolicyviolation', (event) => window.refused.push(event.violatedDirective));
}"""


class Wire:
    """What crosses the network for a page, headers included, as the browser's own counters have it."""

    def __init__(self, page: Page) -> None:
        self.urls: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        self.failed: list[str] = []
        cdp = page.context.new_cdp_session(page)
        cdp.on("Network.requestWillBeSent", self._sent)
        cdp.on("Network.requestServedFromCache", lambda event: self.urls.pop(event["requestId"], None))
        cdp.on("Network.responseReceived", self._received)
        cdp.on(
            "Network.loadingFinished", lambda event: self.sizes.update({event["requestId"]: event["encodedDataLength"]})
        )
        cdp.on("Network.loadingFailed", lambda event: self.failed.append(event["errorText"]))
        cdp.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            # A redirect keeps its id: it is a request of its own all the same.
            again = f"{event['requestId']} before" if "redirectResponse" in event else event["requestId"]
            self.urls[again] = event["request"]["url"]

    def _received(self, event: dict[str, Any]) -> None:
        if event["response"]["fromDiskCache"]:
            self.urls.pop(event["requestId"], None)

    @property
    def bytes(self) -> int:
        return sum(self.sizes[key] for key in self.urls if key in self.sizes)

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.urls.values()}


@pytest.fixture
def far_away(phone: NewPhone) -> Phone:
    """Somebody whose clock is not the server's, so that the page is fetched in their zone at once."""
    fresh = phone(timezone_id="Asia/Kolkata")
    fresh.context.add_init_script(f"({LISTEN})()")
    return fresh


def visit(phone: Phone) -> Wire:
    """The first page, until its times are the reader's own and nothing is under way any more."""
    wire = Wire(phone.page)
    phone.page.goto("/")
    expect(phone.page.get_by_text("Times in Kolkata")).to_be_visible()
    phone.page.wait_for_load_state("networkidle")
    return wire


def test_first_visit_takes_at_most_five_requests_and_thirty_kilobytes(far_away: Phone, demo: str) -> None:
    wire = visit(far_away)
    assert len(wire.urls) <= MOST_REQUESTS
    assert len(wire.sizes) >= len(wire.urls)
    assert wire.bytes <= MOST_BYTES
    assert wire.hosts == {urlsplit(demo).netloc}
    assert (wire.failed, far_away.complaints, far_away.page.evaluate("() => window.refused")) == ([], [], [])
    assert far_away.page.locator("[data-mentor]").count() == 24


def test_first_visit_would_be_too_much_without_compression(far_away: Phone) -> None:
    """The counter counts what is sent: the same page in plain does not fit."""
    far_away.context.set_extra_http_headers({"Accept-Encoding": "identity"})
    wire = visit(far_away)
    assert wire.bytes > MOST_BYTES


def test_second_visit_fetches_the_page_alone(far_away: Phone) -> None:
    visit(far_away)
    wire = visit(far_away)
    assert [urlsplit(url).path for url in wire.urls.values()] == ["/"]


@pytest.mark.parametrize(
    ("planted", "directive"),
    [
        ("<script>window.planted = true</script>", "script-src-elem"),
        ("<img src=https://elsewhere.example.org/x.png>", "img-src"),
        ("<p style='color: red'>red</p>", "style-src-attr"),
    ],
)
def test_first_visit_with_something_planted_is_refused(far_away: Phone, planted: str, directive: str) -> None:
    def plant(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{planted}</main>"))

    far_away.page.route("**/", plant)
    visit(far_away)
    assert far_away.page.evaluate("() => window.refused") == [directive]
    assert far_away.page.evaluate("() => window.planted") is None
    assert [complaint for complaint in far_away.complaints if "Content Security Policy" in complaint] != []
    far_away.complaints.clear()
