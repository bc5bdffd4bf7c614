"""The house keeps its shape: imports point one way, rules know no web, files stay small."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PORTAL = Path(__file__).parent.parent / "portal"
FEATURES = (
    "people",
    "mentors",
    "availability",
    "sessions",
    "preparation",
    "feedback",
    "waiting",
    "directory",
    "moderation",
    "programme",
    "demo",
)
"""From left to right: a feature imports only those before it."""
SEES_ALL = {"portal", "cli", "holders", "schema", "server", "templating", "migrations"}
WEB = {"flask", "flask_login", "flask_wtf", "htmx_flask", "wtforms", "werkzeug", "jinja2", "markupsafe"}
LAYERS = {"models": 0, "forms": 2, "views": 3, "cards": 3}
"""Inside a feature; all other modules are verbs, on layer 1. Cards render, so they belong to views."""
WEB_KERNEL = {"askers", "forms", "headers", "logs", "origin", "pages", "templating", "uploads"}


def imports_of(source: str) -> Iterator[str]:
    """Everything a module imports, as dotted names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def faults(module: str, source: str) -> list[str]:
    """What is wrong with the imports of `module` (as "sessions.booking")."""
    feature, _, name = module.partition(".")
    found = []
    for imported in imports_of(source):
        first, *rest = imported.split(".")
        if first in WEB and feature in FEATURES and layer(name) <= 1 and feature != "demo":
            found.append(f"{module} is a rule and imports {first}")
        if first == "portal" and rest and rest[0] in (*FEATURES, *WEB_KERNEL):
            found += _feature_faults(module, feature, name, rest)
    return found


def _feature_faults(module: str, feature: str, name: str, imported: list[str]) -> Iterator[str]:
    other, their = imported[0], imported[1] if len(imported) > 1 else ""
    if other in WEB_KERNEL:
        if feature in FEATURES and layer(name) <= 1 and feature != "demo":
            yield f"{module} is a rule and imports portal.{other}"
        return
    if feature not in FEATURES:
        if feature not in SEES_ALL:
            yield f"{module} is of the kernel and imports {other}"
    elif FEATURES.index(other) > FEATURES.index(feature):
        yield f"{module} imports {other}, which stands to its right"
    elif other == feature and their and layer(their) > layer(name):
        yield f"{module} imports {their}, which stands above it"


def layer(name: str) -> int:
    """Of "views" as of "booking_views"."""
    return LAYERS.get(name.rsplit("_", 1)[-1], 1)


def modules() -> list[tuple[str, Path]]:
    paths = sorted(PORTAL.rglob("*.py"))
    return [
        (".".join(path.relative_to(PORTAL).with_suffix("").parts).replace("__init__", "") or "portal", path)
        for path in paths
    ]


@pytest.mark.parametrize(("module", "path"), modules(), ids=[name for name, _ in modules()])
def test_imports_point_one_way(module: str, path: Path) -> None:
    assert faults(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("people.account", "from portal.sessions.models import Session"),
        ("sessions.booking", "import flask"),
        ("sessions.booking", "from portal.sessions.views import sessions"),
        ("sessions.models", "from portal.sessions.booking import book"),
        ("sessions.booking", "from portal.pages import page"),
        ("mail.outbox", "from portal.people.models import Person"),
        ("clock", "from portal import people"),
    ],
)
def test_a_planted_fault_is_found(module: str, source: str) -> None:
    assert len(faults(module, source)) >= 1


def test_every_feature_is_in_the_order() -> None:
    folders = {path.parent.name for path in PORTAL.glob("*/models.py")} | {"programme", "demo"}
    assert folders == set(FEATURES)


def test_files_and_functions_stay_small() -> None:
    long = []
    for name, path in modules():
        source = path.read_text(encoding="utf-8")
        if source.count("\n") > 250:
            long.append(name)
        functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
        long += [f"{name}.{node.name}" for node in functions if (node.end_lineno or 0) - node.lineno >= 40]
    assert long == []


def test_what_is_named_in_writing_is_there() -> None:
    """A requirement that is met in a module that has gone is not met."""
    root = PORTAL.parent
    for name in ("README.md", "SECURITY.md"):
        named = re.findall(r"`((?:portal|tests)/[\w./]*)`", (root / name).read_text(encoding="utf-8"))
        assert (name, [path for path in named if not (root / path).exists()]) == (name, [])


def test_the_readme_names_every_folder() -> None:
    readme = (PORTAL.parent / "README.md").read_text(encoding="utf-8")
    folders = [path.name for path in PORTAL.iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert [name for name in folders if f"{name}/" not in readme] == []
