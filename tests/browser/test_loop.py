"""The whole loop on a phone, with JavaScript and without: find, book, prepare, rate, moderate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPhone, running_demo, with_javascript_and_without
from tests.browser.phone import NEED, Phone

OBJECTIVE = "A counter-offer I can send tomorrow"
QUESTIONS = ("They offered 8% below my ask. Is a counter normal?", "What do I trade if base pay is fixed?")
LINE = "Walked out with a script I used the same evening."


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """Fresh for each test: the loop moves time on, and leaves nothing waiting."""
    with running_demo(tmp_path / "data") as address:
        yield address


@with_javascript_and_without
def test_loop_closes_on_a_phone(phone: NewPhone, javascript: bool) -> None:
    sam, laila, inga = (phone(java_script_enabled=javascript) for _ in range(3))
    sam.continue_as("mentee")
    _find_and_book(sam, javascript=javascript)
    _read_the_brief(laila)
    _move_to_the_end(sam)
    _rate(sam)
    _moderate(inga)
    _see_what_came_of_it(sam)
    assert [len(set(each.seen)) >= 4 for each in (sam, laila, inga)] == [True] * 3


def _find_and_book(sam: Phone, *, javascript: bool) -> None:
    """At most three taps from the first screen to a session, besides typing."""
    sam.taps = 0
    sam.write("What do you need help with?", NEED)
    if not javascript:
        sam.follow(sam.page.get_by_role("button", name="Search"), "/?q=*")
    expect(sam.card("laila-mansour")).to_contain_text("Fits because")
    sam.look()
    sam.follow(sam.card("laila-mansour").locator(".opening").first, "**/holds/*")
    sam.write("What do you want to walk away with?", OBJECTIVE)
    sam.write("Your questions", "\n".join(QUESTIONS))
    sam.write("A link to look at before", "https://example.org/offer")
    sam.follow(sam.page.get_by_role("button", name="Book"), "**/sessions/*")
    assert sam.taps <= 3
    expect(sam.page.get_by_role("status").first).to_have_text("Booked.")
    expect(sam.page.get_by_role("heading", level=1)).to_contain_text("Laila Mansour")


def _read_the_brief(laila: Phone) -> None:
    laila.continue_as("mentor")
    laila.follow(laila.page.get_by_role("link", name="Sessions"), "**/sessions")
    laila.follow(laila.page.get_by_role("link", name=OBJECTIVE), "**/sessions/*")
    expect(laila.page.get_by_text(OBJECTIVE, exact=True)).to_be_visible()
    assert laila.page.locator(".questions li").all_text_contents() == list(QUESTIONS)


def _move_to_the_end(sam: Phone) -> None:
    """The demo's time is moved on until the session is over (another may end before it)."""
    for _ in range(3):
        if sam.page.get_by_text("Over", exact=True).is_visible():
            break
        sam.tap(sam.page.locator("summary", has_text="move time on"))
        sam.follow(sam.page.get_by_role("button", name="to its end"), "**/sessions/*")


def _rate(sam: Phone) -> None:
    sam.follow(sam.page.get_by_role("link", name="Say how it went"), "**/rating")
    sam.tap(sam.page.locator("label", has=sam.page.get_by_role("radio", name="Yes")))
    sam.tap(sam.page.locator("label", has=sam.page.get_by_role("radio", name="5 stars")))
    sam.write("Your next step", "Send the counter tonight")
    sam.write("A line for others", LINE)
    sam.follow(sam.page.get_by_role("button", name="Send"), "**/sessions/*")
    expect(sam.page.get_by_role("status").first).to_have_text("Thank you. Your rating is kept.")
    expect(sam.page.get_by_text("Next step: Send the counter tonight")).to_be_visible()


def _moderate(inga: Phone) -> None:
    inga.continue_as("coordinator")
    inga.follow(inga.page.get_by_role("link", name="Coordinator"), "**/coordinator")
    nadia = inga.page.locator("[data-waiting]", has_text="Nadia Karim")
    inga.follow(nadia.get_by_role("link", name="Nadia Karim"), "**/moderation/profiles/*")
    inga.follow(inga.page.get_by_role("link", name="‹ Coordinator"), "**/coordinator")
    inga.follow(nadia.get_by_role("button", name="Approve"), "**/coordinator")
    expect(inga.page.get_by_role("status").first).to_have_text("Approved.")
    line = inga.page.locator(".card", has_text=LINE)
    inga.follow(line.get_by_role("button", name="Show it"), "**/coordinator")
    expect(inga.page.get_by_role("status").first).to_have_text("The line is shown.")
    expect(nadia).to_have_count(0)
    expect(line).to_have_count(0)


def _see_what_came_of_it(sam: Phone) -> None:
    sam.go("/?q=survey+design")
    sam.follow(sam.card("nadia-karim").get_by_role("link", name="Nadia Karim"), "**/mentors/nadia-karim")
    expect(sam.page.locator(".opening").first).to_be_visible()
    sam.go("/mentors/laila-mansour")
    expect(sam.page.locator(".says").first).to_contain_text(LINE)
