"""Back, after parts of a page were fetched under the addresses of whole ones."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPhone
from tests.browser.phone import NEED
from tests.browser.results import box, filter_of, is_whole, mentors, new_results


@pytest.fixture
def page(phone: NewPhone) -> Page:
    """The first page, for somebody in Berlin."""
    first = phone(timezone_id="Europe/Berlin").page
    first.goto("/")
    expect(first.get_by_text("Times in Berlin")).to_be_visible()
    return first


def there_and_back(page: Page) -> None:
    """To a mentor's page, and Back."""
    before = page.get_by_role("heading", level=1).inner_text()
    page.locator("[data-mentor] h3 a").first.tap()
    expect(page.get_by_role("heading", name="Pick a time")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(before)


def test_the_way_back_on_the_page_of_a_mentor_leads_to_the_same_results(page: Page) -> None:
    with new_results(page):
        page.get_by_text("Career", exact=True).tap()
    before = (page.url, mentors(page))
    page.locator("[data-mentor] h3 a").first.tap()
    page.get_by_role("link", name="‹ Mentors").tap()
    expect(page.get_by_role("radio", name="Career")).to_be_checked()
    assert (page.url, mentors(page)) == before


def test_back_from_a_mentor_is_the_same_results_as_a_whole_page(page: Page) -> None:
    with new_results(page):
        page.get_by_text("Career", exact=True).tap()
    with new_results(page):
        box(page).fill(NEED)
    before = (page.url, mentors(page))
    there_and_back(page)
    assert (page.url, mentors(page)) == before
    assert filter_of(page) == {"q": NEED, "kind": "career"}
    assert (box(page).input_value(), page.get_by_role("radio", name="Career").is_checked()) == (NEED, True)
    assert is_whole(page)


def test_back_after_more_is_a_whole_page(page: Page) -> None:
    """The part that was appended and the page share their address, so nothing but Vary tells them apart."""
    page.get_by_role("link", name="More", exact=True).tap()
    expect(page.locator("[data-mentor]")).to_have_count(48)
    both = mentors(page)
    there_and_back(page)
    assert (filter_of(page), mentors(page), is_whole(page)) == ({"page": "2"}, both, True)


def test_back_to_a_chosen_length_is_a_whole_page(page: Page) -> None:
    page.goto("/mentors/laila-mansour")
    page.get_by_role("link", name="30 min").tap()
    expect(page.get_by_role("link", name="30 min")).to_have_attribute("aria-current", "true")
    chosen = page.url
    page.get_by_role("link", name="Find", exact=True).tap()
    expect(box(page)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="30 min")).to_have_attribute("aria-current", "true")
    assert (page.url, is_whole(page)) == (chosen, True)


def test_a_part_is_not_a_whole_page(phone: NewPhone) -> None:
    """The control: this is what Back would show if the part that htmx fetched were kept for the page."""
    part = phone()
    part.page.set_extra_http_headers({"HX-Request": "true"})
    part.page.goto("/?q=python")
    assert (is_whole(part.page), part.page.locator("#results").count()) == (False, 1)
    part.complaints.clear()  # without a head, the browser may ask for an icon that is not there
