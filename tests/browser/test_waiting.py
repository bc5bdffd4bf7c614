"""Waiting on a phone, with JavaScript and without: from a mentor without time to a session, and out of the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import NewPhone, running_demo, with_javascript
from tests.browser.phone import Phone
from tests.browser.test_axe import violations


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """Fresh for each test: nobody waits but those whom the demo comes with."""
    with running_demo(tmp_path / "data") as address:
        yield address


@with_javascript
def test_waiting_on_a_phone(phone: NewPhone, javascript: bool) -> None:
    sam = phone(java_script_enabled=javascript)
    _choose_as_a_visitor(sam)
    _wait_after_signing_in(sam)
    _book_what_is_held(sam)
    _leave(sam)
    _save(sam)


def _choose_as_a_visitor(sam: Phone) -> None:
    sam.go("/mentors/laila-mansour")
    sam.tap(sam.page.locator("summary", has_text="Nothing fits? Wait for an opening"))
    sam.page.get_by_role("combobox", name="Length").select_option("30")
    sam.follow(sam.page.get_by_role("button", name="Wait for Laila"), "**/sign-in?**")


def _wait_after_signing_in(sam: Phone) -> None:
    sam.follow(sam.page.get_by_role("button", name="Sam Rivera, mentee"), "**/waiting?**")
    expect(sam.page.get_by_role("combobox", name="Length")).to_have_value("30")
    expect(sam.page.get_by_text("1 person is before you")).to_be_visible()  # in the line the demo comes with
    sam.taps = 0
    sam.follow(sam.page.get_by_role("button", name="Wait for Laila"), "**/waiting")
    expect(sam.page.get_by_role("status").first).to_contain_text("You are in line.")
    expect(sam.page.get_by_text("30 min · Any time")).to_be_visible()


def _book_what_is_held(sam: Phone) -> None:
    held = _wait_for_the_worker(sam)
    sam.look()
    sam.go("/mentors/laila-mansour")
    sam.follow(sam.page.get_by_role("link", name="See it and book"), "**/waiting/offers/*")
    expect(sam.page.get_by_text("Held for you until")).to_be_visible()
    sam.follow(held, "**/holds/*")
    sam.write("What do you want to walk away with?", "A counter-offer I can send tomorrow")
    sam.write("Your questions", "Is a counter normal?")
    sam.follow(sam.page.get_by_role("button", name="Book"), "**/sessions/*")


def _wait_for_the_worker(sam: Phone) -> Locator:
    """It looks every second."""
    held = sam.page.get_by_role("button", name="Book it")
    for _ in range(60):
        if not held.count():
            sam.page.wait_for_timeout(250)
            sam.page.reload()
    expect(held).to_be_visible()
    return held


def _leave(sam: Phone) -> None:
    sam.go("/sessions")
    sam.follow(sam.page.get_by_role("link", name="Waiting and saved mentors"), "**/waiting")
    leave = sam.page.get_by_role("button", name="Leave the line for")
    expect(leave).to_have_count(1)  # what was booked is waited for no longer
    sam.taps = 0
    sam.follow(leave, "**/waiting")
    expect(leave).to_have_count(0)
    assert sam.taps == 1


def _save(sam: Phone) -> None:
    expect(sam.page.get_by_role("heading", name="Saved mentors")).to_be_visible()
    sam.follow(sam.page.get_by_role("link", name="Laila Mansour"), "**/mentors/*")
    sam.follow(sam.page.get_by_role("button", name="Save Laila"), "**/mentors/*")
    expect(sam.page.get_by_role("button", name="Save Laila")).to_have_text("♡ Save")


def test_axe_finds_nothing_where_one_waits(phone: NewPhone) -> None:
    sam = phone()
    sam.continue_as("mentee")
    for path in ("/waiting", "/waiting?mentor=laila-mansour", "/mentors/laila-mansour"):
        sam.go(path)
        assert (path, in_light_and_dark(sam)) == (path, [])
    sam.page.goto("/waiting?mentor=laila-mansour")
    sam.follow(sam.page.get_by_role("button", name="Wait for Laila"), "**/waiting")
    _wait_for_the_worker(sam)
    assert in_light_and_dark(sam) == []
    sam.go("/mentors/laila-mansour")
    offer = sam.page.get_by_role("link", name="See it and book").get_attribute("href")
    assert offer is not None
    sam.go(offer)
    assert in_light_and_dark(sam) == []
    sam.follow(sam.page.get_by_role("button", name="Let it go"), "**/waiting")
    sam.go(offer)
    assert in_light_and_dark(sam) == []
    sam.expect_complaint("409")


def in_light_and_dark(phone: Phone) -> list[str]:
    """What axe-core objects to in either."""
    found = []
    for scheme in ("dark", "light"):
        phone.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{scheme}: {what}" for what in violations(phone.page)]
    return found
