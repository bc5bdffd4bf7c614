"""The checks of every page see what they are there to see."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.checks import problems
from tests.browser.conftest import NewPhone

PUT = "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)"
STYLE = (
    """css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }"""
)
"""A style the page's own policy lets through: it has no text in the page."""
FIXED = ".planted { position: fixed; inset: auto 0 0; height: 400px; z-index: 9 }"


@pytest.fixture
def page(phone: NewPhone) -> Page:
    sign_in = phone().page
    sign_in.goto("/sign-in")
    return sign_in


def test_problems_are_none_on_a_sound_page(page: Page) -> None:
    assert problems(page) == []


@pytest.mark.parametrize(
    ("html", "css", "said"),
    [
        ("<div class=planted>wide</div>", ".planted { width: 600px }", "scrolls sideways"),
        ("<button class=planted>Low</button>", ".planted { width: 90px; height: 30px }", "button “Low”: 90.0x30.0"),
        (
            "<button class=planted>N</button>",
            ".planted { width: 43px; height: 44px; padding: 0 }",
            "button “N”: 43.0x44.0",
        ),
        ("<p><a href=/>Alone</a></p>", "", "a “Alone”"),
        ("<h2><a href=/>A heading of a few words</a></h2>", "", "a “A heading of a few words”"),
        ("<label><input type=checkbox>Tick</label>", "", "input “"),
        ("<details><summary>More</summary></details>", "", "summary “More”"),
        ("<details class=narrow><summary>Fold</summary><a href=/>In</a></details>", "", "folded out: a “In”"),
        ("<div class=planted></div>", FIXED, "button “Send me a code”: 358.0x54.0, but"),
    ],
    ids=["wide", "low", "narrow", "a link alone", "a heading", "a tick", "a summary", "folded in", "covered"],
)
def test_problems_name_what_is_planted(page: Page, html: str, css: str, said: str) -> None:
    page.evaluate(PUT, html)
    page.evaluate(STYLE, css)
    assert [problem for problem in problems(page) if said in problem] != []


@pytest.mark.parametrize(
    ("html", "css"),
    [
        ("<div class=planted>as wide as it goes</div>", ".planted { width: 280px }"),
        ("<button class=planted>Just</button>", ".planted { width: 44px; height: 44px; padding: 0 }"),
        ("<p>A sentence with <a href=/>a link</a> in it.</p>", ""),
        ("<label class=tick><input type=checkbox>Tick this</label>", ""),
        ("<button class=planted>Not there</button>", ".planted { display: none }"),
    ],
    ids=["not wide", "just 44", "in a sentence", "a roomy tick", "out of sight"],
)
def test_problems_leave_alone_what_is_sound(page: Page, html: str, css: str) -> None:
    page.evaluate(PUT, html)
    page.evaluate(STYLE, css)
    assert problems(page) == []
