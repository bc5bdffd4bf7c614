"""What every page must be on a phone: no wider than the screen, and every control within a thumb's aim."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

WIDTHS = (320, 390)
"""The narrowest phones in use, and the common one. The last is the one a page is left at."""
HEIGHT = 844
SMALLEST = 44
"""CSS pixels a control is high and wide at least."""
TARGETS = (Path(__file__).parent / "targets.js").read_text(encoding="utf-8")
FOLD_OUT = (
    "() => { for (const d of document.querySelectorAll('details:not([open])')) { d.dataset.was = ''; d.open = true } }"
)
FOLD_IN = "() => { for (const d of document.querySelectorAll('[data-was]')) { delete d.dataset.was; d.open = false } }"


def problems(page: Page) -> list[str]:
    """What is wrong with this page at each width, as it is shown and with everything folded out."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [f"{width} px: {problem}" for problem in _problems(page, width, "body")]
        page.evaluate(FOLD_OUT)
        found += [f"{width} px, folded out: {problem}" for problem in _problems(page, width, "[data-was]")]
        page.evaluate(FOLD_IN)
    page.evaluate("() => window.scrollTo(0, 0)")
    return found


def _problems(page: Page, width: int, within: str) -> list[str]:
    # Compared with the width asked for: a phone zooms out on a wide page, and innerWidth grows with it.
    widest = page.evaluate("() => Math.max(document.documentElement.scrollWidth, innerWidth)")
    sideways = [f"scrolls sideways: {widest} px wide"] if widest > width else []
    return sideways + page.evaluate(TARGETS, [SMALLEST, within])
