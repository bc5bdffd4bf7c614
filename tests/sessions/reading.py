"""What the page of a session offers, and the sentences in which it refuses."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

NO_ACTION = {"calendar.ics"}
"""What a page links to below the session that is no action."""
SENTENCE = re.compile(r"[A-Z“][^.]* [^.]* .*\.")
REFUSAL = re.compile(r'<p class="(?:refusal|error)"[^>]*>([^<]+)</p>')


def offers(page: str, path: str) -> set[str]:
    """The actions that a person can begin on this page, with or without JavaScript: forms with something
    to tap, and links.
    """
    reader = _Reader()
    reader.feed(page)
    targets = [reader.forms[form] for form in reader.tapped if form in reader.forms] + reader.links
    below = {target.partition("?")[0].removeprefix(f"{path}/") for target in targets if target.startswith(f"{path}/")}
    return below - NO_ACTION


def sentences(page: str) -> list[str]:
    """The whole sentences in which it says no."""
    return [said for said in map(html.unescape, REFUSAL.findall(page)) if SENTENCE.fullmatch(said.strip())]


class _Reader(HTMLParser):
    """Finds forms by their id, buttons by their form, and links."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, str] = {}
        self.tapped: list[str] = []
        self.links: list[str] = []
        self.open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self.open = has.get("id") or f"form {len(self.forms)}"
            if has.get("method") == "post":
                self.forms[self.open] = has.get("action") or ""
        elif tag == "button" and has.get("type") != "button" and "disabled" not in has:
            self.tapped.append(has.get("form") or self.open)
        elif tag == "a":
            self.links.append(has.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = ""
