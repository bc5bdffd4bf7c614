"""The certificate prints on one sheet, of either size, without anything around it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPhone


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_certificate_prints_on_one_sheet(phone: NewPhone, scheme: str) -> None:
    laila = phone(color_scheme=scheme)
    laila.continue_as("mentor")
    laila.go("/you")
    laila.follow(laila.page.get_by_role("link", name="My impact"), "**/impact")
    laila.follow(laila.page.get_by_role("button", name="Make a certificate"), "**/certificates/*")
    code = laila.page.url.rsplit("/", 1)[1]
    expect(laila.page.get_by_text(code, exact=True)).to_be_visible()
    assert [pages_of(laila.page.pdf(format=size)) for size in ("A4", "Letter")] == [1, 1]
    laila.page.emulate_media(media="print", color_scheme=scheme)
    shown = [laila.page.locator(part).first.is_visible() for part in (".sheet", ".tabs", ".top", ".demo", "form")]
    assert shown == [True, False, False, False, False]


def test_longer_page_prints_on_more(phone: NewPhone) -> None:
    """What counts sheets can count to two."""
    laila = phone()
    laila.continue_as("mentor")
    laila.go("/sign-in")
    laila.page.evaluate("() => { document.querySelector('main').style.height = '40cm' }")
    assert pages_of(laila.page.pdf(format="A4")) == 2


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
