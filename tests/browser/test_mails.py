"""Mails as a phone shows them, and the pages about mails and calendars, with JavaScript and without."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.checks import problems
from tests.browser.conftest import NewPhone, with_javascript
from tests.browser.test_axe import violations
from tests.conftest import Time
from tests.letters import html_of
from tests.mails.all_letters import Programme, mails

LOOKS = [(320, "light"), (320, "dark"), (600, "light")]
TALL = "() => [...document.querySelectorAll('a.button')].map(a => a.getBoundingClientRect().height)"
WIDE = "() => document.documentElement.scrollWidth"


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def sheet(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """An empty page as wide as a mail is shown."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 600}, color_scheme=scheme)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_mail_can_be_read_on_a_phone_in_light_and_in_dark(app: Flask, world: Time, sheet: Page) -> None:
    Programme(world).live()
    width = sheet.viewport_size["width"] if sheet.viewport_size else 0
    for name, message in mails(app).items():
        sheet.set_content(html_of(message))
        assert (name, sheet.evaluate(WIDE)) == (name, width)
        assert (name, [height for height in sheet.evaluate(TALL) if height < 44]) == (name, [])
        if not re.search(r" to (kai|noor)|\d$", name):
            found = [line for line in violations(sheet) if not line.startswith(PAGE_RULES)]
            assert (name, found) == (name, [])


PAGE_RULES = ("landmark", "region", "page-has-heading-one", "document-title")
"""What axe asks of pages: a mail is shown inside one."""


@with_javascript
def test_choose_mails_and_a_calendar_on_a_phone(phone: NewPhone, javascript: bool) -> None:
    sam = phone(java_script_enabled=javascript)
    sam.continue_as("mentee")
    sam.go("/you")
    sam.follow(sam.page.get_by_role("link", name="Which mails I get"), "**/you/mails")
    _looks_right(sam.page, javascript=javascript)
    sam.page.get_by_label("A session starts soon").uncheck()
    sam.tap(sam.page.get_by_role("button", name="Save"))
    expect(sam.page.get_by_label("A session starts soon")).not_to_be_checked()
    sam.go("/calendar")
    _looks_right(sam.page, javascript=javascript)
    sam.tap(sam.page.get_by_role("button", name="Make my private address"))
    address = sam.page.get_by_label("Or copy the address").input_value()
    link = sam.page.get_by_role("link", name="Open it in my calendar").get_attribute("href")
    assert link == address.replace("http:", "webcal:", 1)
    _looks_right(sam.page, javascript=javascript)
    assert sam.page.request.get(address).status == 200
    sam.tap(sam.page.get_by_role("button", name="Stop the feed"))
    expect(sam.page.get_by_role("button", name="Make my private address")).to_be_visible()
    assert sam.page.request.get(address).status == 404


def test_a_coordinator_reads_which_mails_were_not_delivered(phone: NewPhone) -> None:
    inga = phone()
    inga.continue_as("coordinator")
    inga.go("/coordinator")
    inga.follow(inga.page.get_by_role("link", name="Mails not delivered"), "**/coordinator/mails")
    _looks_right(inga.page)


def _looks_right(page: Page, *, javascript: bool = True) -> None:
    assert problems(page) == []
    if javascript:  # without it, axe waits for ever
        assert violations(page) == []
