"""axe-core finds nothing on the main pages, in light and in dark, as they open and with all folded out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.checks import FOLD_OUT
from tests.browser.conftest import NewPhone, new_phone
from tests.browser.phone import PEOPLE, Phone

SCHEMES = ["light", "dark"]
PAGES = {
    "find": ("mentee", "/?q=negotiate+a+job+offer"),
    "find, nobody": ("mentee", "/?q=xyzzy+plugh&kind=career"),
    "mentor": ("mentee", "/mentors/laila-mansour"),
    "sessions": ("mentee", "/sessions"),
    "sign-in": ("mentee", "/sign-in"),
    "you": ("mentee", "/you"),
    "my data": ("mentee", "/you/data"),
    "erase": ("mentee", "/you/erase"),
    "hours": ("mentor", "/hours"),
    "calendar": ("mentor", "/hours/calendar"),
    "profile": ("mentor", "/profile"),
    "coordinator": ("coordinator", "/coordinator"),
    "invitations": ("coordinator", "/coordinator/invitations"),
    "report form": ("mentee", "/report/mentors/laila-mansour"),
    "report": ("coordinator", "/moderation/reports/1"),
    "audit": ("coordinator", "/audit"),
}


def violations(page: Page) -> list[str]:
    """What axe-core objects to: rule, element, why."""
    page.evaluate(FOLD_OUT)
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.fixture(scope="module", params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def people(browser: Browser, demo: str, scheme: str) -> Iterator[dict[str, Phone]]:
    """The demo's three, signed in."""
    phones = {role: new_phone(browser, demo, color_scheme=scheme) for role in PEOPLE}
    for role, phone in phones.items():
        phone.page.goto("/sign-in")
        phone.page.get_by_role("button", name=role).tap()
    yield phones
    for phone in phones.values():
        phone.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(people: dict[str, Phone], name: str) -> None:
    role, path = PAGES[name]
    page = people[role].page
    page.goto(path)
    assert violations(page) == []


def test_axe_finds_nothing_on_the_way_to_a_session(people: dict[str, Phone]) -> None:
    sam = people["mentee"]
    sam.page.goto("/mentors/laila-mansour")
    sam.follow(sam.page.locator(".opening").last, "**/holds/*")
    assert violations(sam.page) == []
    sam.page.get_by_label("A link to look at before").fill("nowhere")
    sam.follow(sam.page.get_by_role("button", name="Book"), "**/sessions")
    expect(sam.page.locator(".error").first).to_be_visible()
    assert violations(sam.page) == []
    sam.write("What do you want to walk away with?", "A counter-offer I can send tomorrow")
    sam.write("Your questions", "Is a counter normal?")
    sam.page.get_by_label("A link to look at before").fill("https://example.org/offer")
    sam.follow(sam.page.get_by_role("button", name="Book"), "**/sessions/*")
    assert violations(sam.page) == []


def test_axe_finds_nothing_where_a_coordinator_decides(people: dict[str, Phone]) -> None:
    inga = people["coordinator"]
    for name in ("Rhea Sandoval", "Nadia Karim"):
        inga.page.goto("/coordinator")
        inga.follow(inga.page.get_by_role("link", name=name), "**/moderation/profiles/*")
        assert violations(inga.page) == []
    inga.page.goto("/moderation/mentors/laila-mansour")
    assert violations(inga.page) == []


def test_axe_finds_nothing_where_one_rates(people: dict[str, Phone]) -> None:
    sam = people["mentee"]
    sam.page.goto("/sessions")
    sam.follow(sam.page.get_by_role("link", name="Say how it went"), "**/rating")
    assert violations(sam.page) == []
    sam.tap(sam.page.locator("label", has=sam.page.get_by_role("radio", name="4 stars")))
    sam.tap(sam.page.locator("label", has=sam.page.get_by_role("radio", name="Partly")))
    assert violations(sam.page) == []


PLANTED = {
    "<p class=planted>pale</p>": "color-contrast",
    "<input type=text>": "label",
    "<button></button>": "button-name",
}


def test_axe_finds_what_is_planted(phone: NewPhone, scheme: str) -> None:
    page = phone(color_scheme=scheme).page
    page.goto("/sign-in")
    for planted in PLANTED:
        page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", planted)
    pale = "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }"
    page.evaluate(pale, ".planted { color: light-dark(#ccc, #444) }")
    assert {found.split(":")[0] for found in violations(page)} >= set(PLANTED.values())
