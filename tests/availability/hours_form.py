"""The form of the hours page: what is typed, how a browser sends it, and what a page holds."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

from portal.availability.hours import Plan

ROWS = {"weekly": ("day", "from", "to"), "off": ("first", "last", "note"), "extra": ("date", "from", "to")}

Typed = dict[str, Any]
TYPED: Typed = {
    "weekly": [("0", "09:00", "12:00"), ("0", "13:30", "17:00"), ("5", "22:15", "00:00")],
    "off": [("2026-12-24", "2026-12-26", "Höliday <b>")],
    "extra": [("2026-11-29", "10:00", "11:00"), ("2026-12-25", "00:00", "00:00")],
    "weekly_cap": "4",
    "notice": "720",
    "gap": "15",
    "horizon": "21",
    "lengths": ["15", "60"],
    "time_zone": "Asia/Kolkata",
    "paused_until": "2026-11-25",
}
PLAN = Plan(
    "Asia/Kolkata",
    ((0, 540, 720), (0, 810, 1020), (5, 1335, 1440)),
    off=((date(2026, 12, 24), date(2026, 12, 26), "Höliday <b>"),),
    extra=((date(2026, 11, 29), 600, 660), (date(2026, 12, 25), 0, 1440)),
    lengths=(15, 60),
    notice=720,
    gap=15,
    horizon=21,
    weekly_cap=4,
    paused_until=date(2026, 11, 25),
)


def sent(typed: Typed, **more: Any) -> dict[str, Any]:
    """As a browser sends it: one list for each column."""
    columns = {
        f"{kind}_{name}": [row[place] for row in typed[kind]]
        for kind, names in ROWS.items()
        for place, name in enumerate(names)
    }
    return {**{name: value for name, value in typed.items() if name not in ROWS}, **columns, **more}


def filled(page: str) -> Typed:
    """What the form on a page holds, rows with nothing in them left out."""
    form = Form(page)
    rows = {
        kind: [
            row for row in zip(*(form.values.get(f"{kind}_{name}", []) for name in names), strict=True) if _typed(row)
        ]
        for kind, names in ROWS.items()
    }
    single = {name: form.values[name][0] for name in TYPED if name not in (*ROWS, "lengths")}
    return {**rows, **single, "lengths": form.values.get("lengths", [])}


def _typed(row: tuple[str, ...]) -> bool:
    """Each weekday has a row to add hours, which names its day and is else empty."""
    return any(value for value in row if not value.isdigit())


class Form(HTMLParser):
    """The controls of the form on a page, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.select = ""
        self.feed(page[page.index('<form id="hours"') :].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.values.setdefault(given["name"], []).append(given.get("value", ""))
        elif tag == "select":
            self.select = given["name"]
        elif tag == "option" and ("selected" in given or self.select not in self.values):
            self.values[self.select] = [given["value"]]


def alert(page: str) -> str:
    found = re.findall(r'<p role="alert">([^<]*)</p>', page)
    assert len(found) == 1
    return str(found[0])
