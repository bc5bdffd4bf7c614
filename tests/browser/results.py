"""The first page and its results, as a test asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect


def box(page: Page) -> Locator:
    return page.get_by_label("What do you need help with?")


def filter_of(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def mentors(page: Page) -> list[str | None]:
    return [card.get_attribute("data-mentor") for card in page.locator("[data-mentor]").all()]


def is_whole(page: Page) -> bool:
    """A page, not the part of one that htmx puts into it."""
    return [page.locator(part).count() for part in ("nav.tabs", "header.top", "main", "h1")] == [1] * 4


@contextmanager
def new_results(page: Page) -> Iterator[None]:
    """What is done here is over once other results have taken the place of these."""
    page.evaluate("() => { document.getElementById('results').dataset.old = '' }")
    yield
    expect(page.locator("#results:not([data-old])")).to_have_count(1)
