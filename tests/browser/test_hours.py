"""A mentor's hours: changed with the keyboard alone, seen before they are saved. And signed out meanwhile."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPhone
from tests.browser.phone import Phone

FAR = 150
"""Presses of Tab that are enough for any page."""
FOCUSED = "() => document.activeElement.ariaLabel || document.activeElement.textContent.trim()"


@pytest.fixture
def laila(phone: NewPhone) -> Phone:
    mentor = phone()
    mentor.continue_as("mentor")
    mentor.go("/hours")
    return mentor


def tab_to(page: Page, name: str) -> None:
    for _ in range(FAR):
        if page.evaluate(FOCUSED) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached with Tab")


def type_time(page: Page, name: str, time: str) -> None:
    """Morning times, so that it is the same keys on a 12-hour clock and a 24-hour one."""
    tab_to(page, name)
    page.keyboard.type(f"{time}AM")


def preview(page: Page) -> str:
    return page.locator("#preview").inner_text().partition("\n")[0]


def saturday(page: Page) -> str:
    return page.locator(".week > li", has=page.get_by_role("heading", name="Sat")).locator(".slots").inner_text()


def test_hours_are_added_with_the_keyboard_and_seen_before_saving(laila: Phone, phone: NewPhone) -> None:
    page, before = laila.page, preview(laila.page)
    tab_to(page, "Add hours on Sat")
    page.keyboard.press("Enter")
    type_time(page, "Sat, new, from", "0700")
    expect(page.get_by_role("alert")).to_be_visible()
    type_time(page, "Sat, new, to", "0800")
    page.keyboard.press("Tab")
    expect(page.locator("#preview.note")).not_to_contain_text(before)
    seen = preview(page)
    assert int(seen.split()[0]) > int(before.split()[0])
    laila.look()
    laila.expect_complaint("status of 422")  # half an interval is not one yet
    other = laila.context.new_page()
    other.goto("/hours")
    assert (preview(other), saturday(other)) == (before, "Not available\n+")
    tab_to(page, "Save my hours")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    laila.look()
    expect(page.get_by_role("status").first).to_have_text("Your hours are saved.")
    assert (preview(page), saturday(page)) == (seen, "07:00–08:00\n+")


def test_hours_that_end_before_they_begin_are_refused_while_typing(laila: Phone) -> None:
    page = laila.page
    tab_to(page, "Add hours on Sun")
    page.keyboard.press("Enter")
    type_time(page, "Sun, new, from", "0900")
    type_time(page, "Sun, new, to", "0800")
    page.keyboard.press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("09:00–08:00 ends before it starts.")
    expect(page.locator("#toast")).to_be_empty()
    laila.look()
    laila.expect_complaint("status of 422")


def test_hours_without_javascript_are_previewed_by_a_button(phone: NewPhone) -> None:
    plain = phone(java_script_enabled=False)
    plain.continue_as("mentor")
    plain.go("/hours")
    plain.tap(plain.page.locator("summary[aria-label='Add hours on Sun']"))
    plain.page.get_by_label("Sun, new, from").fill("09:00")
    plain.page.get_by_label("Sun, new, to").fill("10:00")
    before = int(preview(plain.page).split()[0])
    plain.follow(plain.page.get_by_role("button", name="Show what mentees will see"), "**/hours")
    assert int(preview(plain.page).split()[0]) > before
    assert plain.page.get_by_text("09:00–10:00").count() == 1
    plain.go("/hours")
    assert int(preview(plain.page).split()[0]) == before


def test_hours_of_somebody_signed_out_elsewhere_lead_to_sign_in_as_a_whole_page(laila: Phone) -> None:
    other = laila.context.new_page()
    other.goto("/you")
    other.get_by_role("button", name="Sign out").tap()
    expect(other.get_by_text("You are signed out.")).to_be_visible()
    laila.page.get_by_label("Notice", exact=True).select_option("1 day")
    expect(laila.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert (urlsplit(laila.page.url).path, laila.page.locator("nav.tabs").count()) == ("/sign-in", 1)
    laila.look()
    laila.expect_complaint("status of 400")
    laila.follow(laila.page.get_by_role("button", name="Laila Mansour, mentor"), "**/hours")
