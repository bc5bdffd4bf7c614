"""What each role finds by looking round: pages, the forms on them, the names and values in their addresses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

import portal
from tests.cast import Visitor

READ = re.compile(r'(?:\bargs|\bform|\bfiles)\.(?:get|getlist)\(\s*"([\w-]+)"|\bnumber\("(\w+)"')
NAMES = sorted(
    {
        one or other
        for file in Path(portal.__file__).parent.rglob("*.py")
        for one, other in READ.findall(file.read_text(encoding="utf-8"))
    }
)
"""What is read of a query or a body under its own name: a form need not have it."""
EACH = 10
"""Pages of one rule that a role looks at: sessions have as many states, but mentors are alike."""
AS_ASKED = 2
"""The same of a rule with the same names in the query."""


@dataclass(frozen=True)
class Field:
    """A control, with what it could send as it stands."""

    name: str
    kind: str
    values: tuple[str, ...] = ()


@dataclass
class Form:
    """A form, a part that htmx asks for, or a link with a query."""

    method: str
    address: str
    fields: list[Field] = field(default_factory=list)
    enctype: str = ""


@dataclass
class Seen:
    """What one role has found. `pages` and `parts` are the addresses that answered with something to look at."""

    pages: dict[str, TestResponse] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)
    values: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By the name of a variable in a rule."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.asks: list[tuple[Form, Form | None]] = []
        self.named: dict[str, Form] = {}
        self.later: list[tuple[str, Field]] = []
        self.open: Form | None = None
        self.select: tuple[dict[str, str], list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in has:
            self.links.append(has["href"])
        if tag == "form":
            self.open = Form(has.get("method", "get").upper(), has.get("action", ""), enctype=has.get("enctype", ""))
            self.forms.append(self.open)
            self.named[has.get("id", "")] = self.open
        for method in ("get", "post"):
            if f"hx-{method}" in has:
                self.asks.append((Form(method.upper(), has[f"hx-{method}"]), self.open))
        if "formaction" in has:
            self.asks.append((Form("POST", has["formaction"]), self.open))
        if tag == "select":
            self.select = (has, [])
        elif tag == "option" and self.select is not None:
            self.select[1].append(has.get("value", ""))
        elif tag in ("input", "textarea", "button") and has.get("name"):
            kind = has.get("type", "submit" if tag == "button" else "text")
            self._add(has, Field(has["name"], kind, (has["value"],) if "value" in has else ()))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag == "select" and self.select is not None:
            has, options = self.select
            self.select = None
            if has.get("name"):
                self._add(has, Field(has["name"], "select", tuple(options)))

    def _add(self, has: dict[str, str], found: Field) -> None:
        if "form" in has:
            self.later.append((has["form"], found))
        elif self.open is not None:
            self.open.fields.append(found)

    def all_forms(self) -> Iterator[Form]:
        for name, found in self.later:
            if name in self.named:
                self.named[name].fields.append(found)
        yield from self.forms
        for form, around in self.asks:
            yield Form(form.method, form.address, list(around.fields) if around else [])


def read(html: str) -> tuple[list[str], list[Form]]:
    """The links and the forms of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.links, list(reader.all_forms())


def rule_of(app: Flask, address: str, method: str = "GET") -> tuple[str, dict[str, object]] | None:
    """The rule that an address is under, with its variables; None where it is none of ours."""
    parts = urlsplit(address)
    if parts.netloc not in ("", "portal.example.org") or parts.scheme not in ("", "http"):
        return None
    adapter = app.url_map.bind("portal.example.org")
    try:
        rule, values = adapter.match(parts.path, method=method, return_rule=True)
    except HTTPException:
        return None
    return rule.rule, dict(values)


def look_round(app: Flask, hand: Visitor, begin: tuple[str, ...] = (), *, each: int = EACH) -> Seen:
    """From all pages without variables and `begin`, along all links."""
    seen, looked = Seen(), defaultdict[str, int](int)
    plain = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and "<" not in rule.rule]
    waiting = [*plain, *begin]
    known = set(waiting)
    while waiting:
        address = waiting.pop(0)
        found = rule_of(app, address)
        if found is None or found[0].startswith("/static"):
            continue
        parts = urlsplit(address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        _note(seen, found[1], path)
        kind = f"{found[0]}?{sorted(name for name, _ in parse_qsl(parts.query))}"
        looked[kind] += 1
        if looked[kind] > (min(each, AS_ASKED) if parts.query else each):
            continue
        new = [link for link in _look(app, seen, path, hand.get(path)) if link and link not in known]
        known.update(new)
        waiting += dict.fromkeys(new)
    return seen


def _look(app: Flask, seen: Seen, path: str, answer: TestResponse) -> Iterator[str]:
    """Keep an answer with its forms. Where it leads."""
    if answer.status_code == 303:
        yield answer.location
    if answer.status_code not in (200, 204):
        return
    seen.pages[path] = answer
    links, forms = read(answer.text) if answer.mimetype == "text/html" else ([], [])
    yield from (_from(path, link).partition("#")[0] for link in links)
    for form in forms:
        form.address = _from(path, form.address) or path
        there = rule_of(app, form.address, form.method)
        if there is not None:
            _note(seen, there[1], form.address)
            seen.forms.append(form)
            if form.method == "GET":
                yield form.address


def _from(path: str, link: str) -> str:
    return path.partition("?")[0] + link if link.startswith("?") else link


def _note(seen: Seen, values: dict[str, object], path: str) -> None:
    for name, value in values.items():
        seen.values[name].add(str(value))
    query = parse_qsl(urlsplit(path).query)
    if query:
        seen.forms.append(
            Form("GET", path.partition("?")[0], [Field(name, "query", (value,)) for name, value in query])
        )
