"""What can be sent anywhere: each rule of the app with its methods, and the forms that lead there."""

from __future__ import annotations

from dataclasses import dataclass

from tests.attack.arena import Arena
from tests.attack.pages_found import Form, rule_of


@dataclass
class Target:
    """One method of one rule, and its forms by the role that found them."""

    method: str
    rule: str
    forms: dict[str, list[Form]]

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule}"


def targets(arena: Arena) -> list[Target]:
    """All of the app, in the order of their names, whether a form for them was found or not."""
    found: dict[tuple[str, str], dict[str, list[Form]]] = {
        (method, rule.rule): {}
        for rule in arena.app.url_map.iter_rules()
        for method in {"GET", "POST"} & (rule.methods or set())
    }
    for role, seen in arena.seen.items():
        for form in seen.forms:
            there = rule_of(arena.app, form.address, form.method)
            if there is not None and (form.method, there[0]) in found:
                _keep(found[form.method, there[0]].setdefault(role, []), form)
        for path in seen.pages:
            there = rule_of(arena.app, path)
            if there is not None and "?" not in path:
                _keep(found["GET", there[0]].setdefault(role, []), Form("GET", path))
    return [Target(method, rule, forms) for (method, rule), forms in sorted(found.items())]


def _keep(forms: list[Form], form: Form) -> None:
    """Of forms with the same fields the first few."""
    names = [field.name for field in form.fields]
    if sum(names == [field.name for field in known.fields] for known in forms) < 4:
        forms.append(form)
