"""Finding, as it feels: results follow the typing, and the address holds the filter."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPhone
from tests.browser.phone import NEED
from tests.browser.results import box, filter_of, is_whole, mentors, new_results

OTHER = "kubernetes"
LAILA = "[data-mentor=laila-mansour] .why"
BERLIN = ZoneInfo("Europe/Berlin")
NAIVE = """() => {
  const before = document.getElementById("filter"), form = before.cloneNode(true);
  for (const name of before.getAttributeNames()) if (name.startsWith("hx-")) form.removeAttribute(name);
  before.replaceWith(form);
  form.q.addEventListener("input", async () => {
    const answer = await fetch(`/?q=${encodeURIComponent(form.q.value)}`, { headers: { "HX-Request": "true" } });
    document.getElementById("results").outerHTML = await answer.text();
  });
}"""
"""The same page as if each answer were shown when it comes."""


@pytest.fixture
def page(phone: NewPhone) -> Page:
    """The first page, for somebody in Berlin."""
    first = phone(timezone_id="Europe/Berlin").page
    first.goto("/")
    expect(first.get_by_text("Times in Berlin")).to_be_visible()
    return first


def type_over_a_slow_answer(page: Page) -> None:
    """Type one need whose answer is held back, then another, and let the held one through at the end."""
    held: list[Route] = []

    def hold_back(route: Route) -> None:
        if not held and re.search(rf"q={OTHER}(&|$)", route.request.url):
            held.append(route)
        else:
            route.continue_()

    page.route("**/?*", hold_back)
    with page.expect_request(re.compile(rf"q={OTHER}(&|$)")):
        box(page).fill(OTHER)
    box(page).fill(NEED)
    expect(page.locator(LAILA)).to_have_text("Fits because: Offer negotiation")
    held[0].continue_()
    # The server answers in order: once this is here, the older answer has been and gone.
    page.evaluate("() => fetch('/sign-in').then((answer) => answer.text())")


def test_typing_fast_ends_with_the_last_need(page: Page) -> None:
    box(page).press_sequentially(f"{OTHER} cluster", delay=20)
    box(page).fill("")
    box(page).press_sequentially(NEED, delay=20)
    expect(page).to_have_url(re.compile("q=negotiate.a.job.offer$"))
    expect(page.locator(LAILA)).to_have_text("Fits because: Offer negotiation")
    live = mentors(page)
    page.reload()
    assert (mentors(page), box(page).input_value()) == (live, NEED)


def test_an_older_answer_never_overwrites_a_newer(page: Page) -> None:
    type_over_a_slow_answer(page)
    assert filter_of(page) == {"q": NEED}
    expect(page.locator(LAILA)).to_have_text("Fits because: Offer negotiation")


def test_an_older_answer_overwrites_a_newer_on_a_naive_page(page: Page) -> None:
    page.evaluate(NAIVE)
    type_over_a_slow_answer(page)
    expect(page.locator(LAILA)).to_have_count(0)


def test_more_appends_the_next_mentors(page: Page) -> None:
    first = mentors(page)
    page.get_by_role("link", name="More", exact=True).tap()
    expect(page.locator("[data-mentor]")).to_have_count(48)
    both = mentors(page)
    assert (both[:24], len(set(both))) == (first, 48)
    expect(page.get_by_role("link", name="More", exact=True)).to_have_count(1)


def test_more_leads_to_a_longer_page_without_javascript(phone: NewPhone) -> None:
    plain = phone(java_script_enabled=False)
    plain.go("/?kind=career")
    first = mentors(plain.page)
    plain.follow(plain.page.get_by_role("link", name="More", exact=True), "/?kind=career&page=2#page-2")
    second = mentors(plain.page)
    assert (len(first), second[:24], is_whole(plain.page)) == (24, first, True)
    assert len(second) == len(set(second)) > 24


def test_filters_narrow_at_once_and_are_in_the_address(page: Page) -> None:
    page.get_by_text("Length, time, language, format").tap()
    for name, wanted in (("Length", "30 min"), ("Time", "Weekend")):
        with new_results(page):
            page.get_by_label(name, exact=True).select_option(wanted)
    with new_results(page):
        page.get_by_text("Career", exact=True).tap()
    assert filter_of(page) == {"kind": "career", "length": "30", "when": "weekend"}
    openings = page.locator(".opening").all()
    starts = [datetime.fromisoformat(str(each.get_attribute("data-opening"))) for each in openings]
    assert {each.get_attribute("data-length") for each in openings} == {"30"}
    assert {start.astimezone(BERLIN).weekday() for start in starts} <= {5, 6}
    live = mentors(page)
    page.reload()
    assert mentors(page) == live
    assert page.get_by_label("Time", exact=True).input_value() == "weekend"


def test_nobody_fits_says_what_to_do_next(page: Page) -> None:
    with new_results(page):
        page.get_by_text("Career", exact=True).tap()
    with new_results(page):
        box(page).fill("xyzzy plugh")
    assert mentors(page) == []
    expect(page.get_by_role("heading", name="Nobody fits all of this yet")).to_be_visible()
    page.get_by_role("link", name="drop the other filters").tap()
    expect(page.get_by_role("radio", name="Any kind")).to_be_checked()
    assert filter_of(page) == {"q": "xyzzy plugh"}


def test_what_is_asked_too_often_is_said_in_place(phone: NewPhone) -> None:
    noor, said = phone(), "Those were many searches at once. Try again in 20 seconds."
    body = f'<section id="results"><p class="refusal">{said}</p></section>'
    noor.page.route(f"**/?q={OTHER}*", lambda route: route.fulfill(status=429, content_type="text/html", body=body))
    noor.page.goto("/")
    noor.page.fill("[name=q]", OTHER)
    expect(noor.page.locator("#results")).to_have_text(said)
    expect(noor.page.locator("#toast")).to_be_empty()
    expect(noor.page.locator("[name=q]")).to_have_value(OTHER)
    noor.complaints.remove("Failed to load resource: the server responded with a status of 429 (Too Many Requests)")
