"""The table of access, as it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from tests.access.roles import ROLES

FILE = Path(__file__).with_name("answers.txt")


@dataclass(frozen=True)
class Row:
    """One address: the answer to each role in order."""

    method: str
    rule: str
    thing: str
    answers: tuple[str, ...]
    leads_to: str

    @property
    def places(self) -> dict[str, str]:
        """Where a 303 leads to, and a 303b: "/you b /you/address"."""
        first, _, second = self.leads_to.partition(" b ")
        return {"": first, "b": second} if second else {"": first} if first else {}

    @property
    def route(self) -> tuple[str, str]:
        return self.method, self.rule

    def __str__(self) -> str:
        return " ".join(filter(None, (self.method, self.rule, self.thing and f"({self.thing})")))


def rows(text: str = "") -> list[Row]:
    """Of the file, or of this text."""
    return [
        _row(line)
        for line in (text or FILE.read_text(encoding="utf-8")).splitlines()
        if line.startswith(("GET ", "POST "))
    ]


def _row(line: str) -> Row:
    route, thing, *answers, leads_to = (cell.strip() for cell in line.split("|"))
    if len(answers) != len(ROLES):
        raise ValueError(f"{len(answers)} answers for {len(ROLES)} roles: {line}")
    method, rule = route.split()
    return Row(method, rule, thing, tuple(answers), leads_to)


def short(rule: Rule) -> str:
    """Without converters: "/blocks/<key>/end"."""
    return re.sub(r"<(?:[^>]*[:)] ?)?(\w+)>", r"<\1>", rule.rule)


def routes(*apps: Flask) -> dict[tuple[str, str], Rule]:
    """Every method and address there is."""
    return {
        (method, short(rule)): rule
        for app in apps
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
