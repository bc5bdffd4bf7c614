"""The file of 200 mentors, and the cards a page shows."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from html import unescape
from io import StringIO
from pathlib import Path

import portal
from portal.directory.filter import LAST_PAGE
from portal.programme.imports import Report, import_mentors
from tests.cast import Visitor

FILE = Path(portal.__file__).parent / "demo" / "mentors.csv"


def import_shows() -> Report:
    with FILE.open(encoding="utf-8", newline="") as file:
        return import_mentors(file, publish=True)


def import_some(names: set[str]) -> Report:
    """The rows of those with these names."""
    rows, sheet = rows_of_the_file(), StringIO(newline="")
    writer = csv.DictWriter(sheet, rows[0])
    writer.writeheader()
    writer.writerows(row for row in rows if row["name"] in names)
    sheet.seek(0)
    return import_mentors(sheet, publish=True)


def rows_of_the_file() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_with(*spellings: str) -> set[str]:
    """Names of the mentors whose row lists one of these words."""
    return {
        row["name"]
        for row in rows_of_the_file()
        if {word.strip().casefold() for word in row["expertise"].split(";")} & set(spellings)
    }


@dataclass(frozen=True)
class Shown:
    """A card as it stands on a page."""

    slug: str
    name: str
    bold: tuple[str, ...]
    related: str
    words: tuple[str, ...]
    openings: tuple[str, ...]


def cards_of(page: str) -> list[Shown]:
    return [
        _card(*found)
        for found in re.findall(r'<article class="card" data-mentor="([^"]+)">(.*?)</article>', page, re.S)
    ]


def _card(slug: str, html: str) -> Shown:
    name = re.search(r"<h3><a [^>]+>([^<]+)<", html)
    why = re.search(r'<p class="why">Fits because: (.*?)</p>', html, re.DOTALL)
    reason = unescape(why[1]) if why else ""
    return Shown(
        slug=unescape(slug),
        name=unescape(name[1]) if name else "",
        bold=tuple(re.findall(r"<strong>([^<]+)</strong>", reason)),
        related=re.sub(r"<strong>[^<]+</strong>,? ?| · says.*|says.*", "", reason).strip(),
        words=tuple(re.findall(r"“([^”]+)”", reason)),
        openings=tuple(re.findall(r'data-opening="([^"]+)"', html)),
    )


def find(browser: Visitor, q: str = "", **more: str) -> list[Shown]:
    """Every card of every page."""
    answer = browser.get("/", query_string={"q": q, **more, "page": str(LAST_PAGE)})
    assert (answer.status_code, '<p class="more">' in answer.text) == (200, False)
    return cards_of(answer.text)
