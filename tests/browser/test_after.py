"""The turns of a session from its first minutes on, on phones, with JavaScript and without: prepare, late, not there,
rate, meet again, what came of it, block.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import NewPhone, running_demo, with_javascript
from tests.browser.phone import NEED, Phone

SESSION = "**/sessions/*"
NEXT_STEP = "Send the counter tonight"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """Fresh for each test: time moves on in it."""
    with running_demo(tmp_path / "data") as address:
        yield address


@with_javascript
def test_turns_from_the_start_of_a_session_on_a_phone(phone: NewPhone, javascript: bool) -> None:
    sam, laila = (phone(java_script_enabled=javascript) for _ in range(2))
    sam.continue_as("mentee")
    laila.continue_as("mentor")
    url = _book(sam)
    _prepare(sam, laila, url)
    _be_late(sam, laila, url)
    _miss_and_object(sam, laila, url)
    _rate_with_a_wish(sam, url)
    _wish_as_the_mentor(laila, url)
    _meet_again(sam, url)
    _see_what_came_of_it(sam)
    _block(sam, url)


def _book(sam: Phone) -> str:
    sam.go(f"/?q={NEED.replace(' ', '+')}")
    sam.follow(sam.card("laila-mansour").locator(".opening").first, "**/holds/*")
    sam.write("What do you want to walk away with?", "A counter-offer I can send tomorrow")
    sam.write("Your questions", "Is a counter normal?")
    sam.follow(sam.page.get_by_role("button", name="Book"), SESSION)
    return sam.page.url


def _prepare(sam: Phone, laila: Phone, url: str) -> None:
    expect(sam.page.get_by_text("Laila has not read the questions yet.")).to_be_visible()
    sam.follow(sam.page.get_by_role("button", name="I’m ready"), SESSION)
    laila.go(url)
    expect(laila.page.get_by_text("Sam is ready.")).to_be_visible()
    laila.tap(laila.page.get_by_label("I have read the questions"))
    laila.write("A line back", "Skim your contract’s bonus clause before we talk.")
    laila.write("Links to look at before", "https://notes.example.org/counter-offers")
    laila.follow(laila.page.get_by_role("button", name="Save", exact=True), SESSION)
    sam.go(url)
    expect(sam.page.get_by_role("heading", name="Laila prepared")).to_be_visible()
    expect(sam.page.get_by_role("link", name="notes.example.org/counter-offers")).to_be_visible()
    expect(sam.page.get_by_text("Laila has read the questions.")).to_be_visible()


def _be_late(sam: Phone, laila: Phone, url: str) -> None:
    _move_time(sam, "to my next session")
    expect(sam.page.get_by_role("link", name="Join video")).to_be_visible()
    expect(sam.page.get_by_role("button", name="did not come")).to_have_count(0)
    sam.follow(sam.page.get_by_role("button", name="I’m 5 minutes late"), SESSION)
    expect(sam.page.get_by_text("Laila knows that you are 5 minutes late.")).to_be_visible()
    laila.go(url)
    expect(laila.page.locator("#now")).to_contain_text("Sam is 5 minutes late")


def _miss_and_object(sam: Phone, laila: Phone, url: str) -> None:
    for _ in range(3):  # another session of Sam's may end before it
        if sam.page.get_by_text("Over", exact=True).is_visible():
            break
        _move_time(sam, "to its end")
    laila.go(url)
    laila.tap(laila.page.locator("summary", has_text="Sam did not come"))
    laila.follow(laila.page.get_by_role("button", name="Sam did not come"), SESSION)
    sam.go(url)
    expect(sam.page.get_by_role("link", name="Say how it went")).to_have_count(0)
    sam.write("What happened, from your side?", "I was there, the link had changed")
    sam.follow(sam.page.get_by_role("button", name="Send the answer"), SESSION)
    laila.go(url)
    expect(laila.page.locator("#now")).to_contain_text("Sam answers: “I was there, the link had changed”")


def _rate_with_a_wish(sam: Phone, url: str) -> None:
    sam.follow(sam.page.get_by_role("link", name="Say how it went"), "**/rating")
    for name in ("Yes", "4 stars", "I’d like to"):
        sam.tap(_choice(sam, name))
    sam.write("Your next step", NEXT_STEP)
    sam.write("Private thank-you", "You made it easy.")
    sam.follow(sam.page.get_by_role("button", name="Send"), SESSION)
    expect(sam.page.get_by_text("You both want to meet again")).to_have_count(0)


def _wish_as_the_mentor(laila: Phone, url: str) -> None:
    laila.go(url)
    expect(laila.page.get_by_text("You made it easy.")).to_be_visible()
    expect(laila.page.get_by_text("You both want to meet again")).to_have_count(0)
    laila.tap(_choice(laila, "I’d like to"))
    laila.follow(laila.page.get_by_role("button", name="Send", exact=True).first, SESSION)
    expect(laila.page.get_by_role("heading", name="You both want to meet again")).to_be_visible()


def _meet_again(sam: Phone, url: str) -> None:
    sam.go(url)
    again = sam.page.get_by_role("region", name="You both want to meet again")
    sam.follow(again.locator(".opening").first, "**/holds/*")
    expect(sam.page.get_by_text(f"From the last time: {NEXT_STEP}")).to_be_visible()
    sam.write("What do you want to walk away with?", "Know how they took it")
    sam.write("Your questions", "What next?")
    sam.follow(sam.page.get_by_role("button", name="Book"), SESSION)
    expect(sam.page.get_by_text(f"From the last time: {NEXT_STEP}")).to_be_visible()


def _see_what_came_of_it(sam: Phone) -> None:
    sam.go("/sessions")
    expect(sam.page.get_by_role("heading", name="People met")).to_be_visible()
    sam.follow(sam.page.get_by_role("checkbox", name=NEXT_STEP), "**/sessions")
    expect(sam.page.get_by_role("checkbox", name=NEXT_STEP)).to_be_checked()
    for _ in range(2):
        _move_time(sam, "by 1 week")
    sam.go("/sessions")
    asked = sam.page.locator("form.card", has_text=NEXT_STEP)
    expect(asked).to_contain_text("Two weeks ago")
    sam.follow(asked.get_by_role("button", name="Yes", exact=True), "**/sessions")
    expect(sam.page.locator("form.card", has_text=NEXT_STEP)).to_have_count(0)


def _block(sam: Phone, url: str) -> None:
    sam.go(url)
    sam.tap(sam.page.locator("summary", has_text="Block somebody"))
    sam.follow(sam.page.get_by_role("button", name="Block Laila Mansour"), SESSION)
    sam.go(f"/?q={NEED.replace(' ', '+')}")
    expect(sam.card("laila-mansour")).to_have_count(0)
    sam.go("/you")
    sam.follow(sam.page.get_by_role("button", name="Unblock"), "**/you")
    sam.go(f"/?q={NEED.replace(' ', '+')}")
    expect(sam.card("laila-mansour")).to_have_count(1)


def _choice(phone: Phone, name: str) -> Locator:
    return phone.page.locator("label", has=phone.page.get_by_role("radio", name=name))


def _move_time(phone: Phone, how: str) -> None:
    phone.tap(phone.page.locator("summary", has_text="move time on"))
    phone.follow(phone.page.get_by_role("button", name=how), "**/*")
