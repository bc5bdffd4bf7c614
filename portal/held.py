"""What is held about people: each table says so beside its model, column by column.

Three things follow from it: the download of everything about a person, erasing an account, and removing private
texts long after their session. A column that nobody has spoken for fails a test.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

import peewee

from portal.database import Table, tuples

KEY = "a number that the database gives"
GOES = None
"""What becomes of a row: it is deleted."""
STAYS: Mapping[str, Any] = {}
"""It stays as it is: a count, or the other side's."""
GONE = "Somebody who left"
"""What an erased person is called."""


@dataclass(frozen=True)
class Who:
    """The person whose rows are meant."""

    id: int
    email: str


Whose = peewee.Field | Callable[[Who], Any]
"""Whose a row is: the column that holds the key or the address of a person, or what makes the condition in SQL."""


@dataclass(frozen=True)
class Part:
    """Rows of a table that are somebody's. They are called `name` in the download, without one they are left out."""

    name: str
    of: Whose
    shows: str = ""
    """The fields that a download has, with blanks between; what refers to another table shows what that is called."""
    untold: Mapping[str, str] = field(default_factory=dict)
    """Fields that are personal, and why no download has them."""
    as_json: str = ""
    """Which of them are kept as JSON: the download has what that says."""
    erased: Mapping[str, Any] | None = GOES
    """What erasing the account makes of the row: it goes, it stays, or these fields become something else."""

    def rows(self, who: Who) -> Any:
        """The condition in SQL."""
        if isinstance(self.of, peewee.Field):
            return self.of == (who.id if isinstance(self.of, peewee.ForeignKeyField | peewee.AutoField) else who.email)
        return self.of(who)

    @property
    def fields(self) -> set[str]:
        """Those that it speaks for."""
        key = {self.of.name} if isinstance(self.of, peewee.Field) else set()
        return key | set(self.shows.split()) | set(self.untold)


@dataclass(frozen=True)
class Fading:
    """Private text of a session, removed long after it: the row goes, or these fields become something else."""

    session: peewee.Field
    becomes: Mapping[str, Any] | None = GOES

    def is_there(self, model: type[Table]) -> Any:
        """Whether there is something to remove yet, in SQL."""
        if self.becomes is GOES:
            return True
        return reduce(or_, (model._meta.fields[name] != value for name, value in self.becomes.items()))


@dataclass(frozen=True)
class Held:
    """All that a table says of its columns."""

    parts: tuple[Part, ...]
    plain: Mapping[str, str]
    """Fields that say nothing about anybody, and why."""
    fades: Fading | None

    @property
    def fields(self) -> set[str]:
        """Those that are spoken for."""
        return set(self.plain).union(*(part.fields for part in self.parts))


HELD: dict[type[Table], Held] = {}
"""By table, in the order in which features name them."""
DERIVED: dict[str, str] = {}
"""Tables that have no model, and why nothing of a person stays in them."""
_CALLED: dict[type[Table], peewee.Field] = {}

Leaving = Callable[[Who], object]
Warn = Callable[[Who], str]
Touch = Callable[[Who], Iterable[int]]
_leaving: list[Leaving] = []
_warns: list[Warn] = []
_touches: list[Touch] = []


def holds(
    model: type[Table], *parts: Part, plain: Mapping[str, str] | None = None, fades: Fading | None = None
) -> None:
    """Say of every column of a table whose it is, or why it is nobody's."""
    HELD[model] = Held(parts, plain or {}, fades)


def derived(*tables: str, why: str) -> None:
    """Say it of tables that have no model."""
    DERIVED.update(dict.fromkeys(tables, why))


def called(label: peewee.Field) -> None:
    """What refers to this table is told by this column of it."""
    _CALLED[label.model] = label


def leaving(then: Leaving) -> Leaving:
    """Let this happen when somebody leaves, in the same transaction. By then their texts are blank, and they are called
    as `GONE` says.
    """
    _leaving.append(then)
    return then


def warns(say: Warn) -> Warn:
    """Let this be said before somebody leaves, where it says something."""
    _warns.append(say)
    return say


def touches(others: Touch) -> Touch:
    """Let these be locked with somebody who leaves: the ids of those whose time it changes."""
    _touches.append(others)
    return others


def warnings(who: Who) -> list[str]:
    """What happens besides when this person leaves."""
    return [said for warn in _warns if (said := warn(who))]


def touched(who: Who) -> set[int]:
    """Whose rows change when this person leaves."""
    return {who.id, *(other for others in _touches for other in others(who))}


def erase(who: Who) -> None:
    """Let the person go, inside a transaction: first what they wrote, then what follows from that, then the rows."""
    for model, part in _parts():
        if part.erased:
            model.update(_filled(part.erased, who)).where(part.rows(who)).execute()
    for then in _leaving:
        then(who)
    for model, part in _parts():
        if part.erased is GOES:
            model.delete().where(part.rows(who)).execute()


def _parts() -> Iterator[tuple[type[Table], Part]]:
    return ((model, part) for model, held in HELD.items() for part in held.parts)


def _filled(values: Mapping[str, Any], who: Who) -> dict[str, Any]:
    return {name: value.format(id=who.id) if isinstance(value, str) else value for name, value in values.items()}


def everything(who: Who) -> dict[str, Any]:
    """All that is held about the person and theirs to see, by name: one statement for each part."""
    found: dict[str, Any] = {}
    for model, part in _parts():
        if part.name:
            found.setdefault(part.name, []).extend(_told(model, part, who))
    return found


def _told(model: type[Table], part: Part, who: Who) -> list[dict[str, Any]]:
    names = part.shows.split()
    columns, query = [], model.select()
    for name in names:
        column = model._meta.fields[name]
        if isinstance(column, peewee.ForeignKeyField):
            other = column.rel_model.alias()
            key = getattr(other, column.rel_field.name)
            query = query.join_from(model, other, peewee.JOIN.LEFT_OUTER, on=column == key)
            column = getattr(other, _CALLED[column.rel_model].name)
        columns.append(column)
    rows = tuples(query.select(*columns).where(part.rows(who)).order_by(*_order(model)))
    is_json = [name in part.as_json.split() for name in names]
    return [dict(zip(names, map(_plain, row, is_json), strict=True)) for row in rows]


def _order(model: type[Table]) -> list[peewee.Field]:
    key: Any = model._meta.primary_key
    return [model._meta.fields[name] for name in key.field_names] if hasattr(key, "field_names") else [key]


def _plain(value: Any, is_json: bool) -> Any:
    """As JSON has it: instants in ISO 8601, bytes in base64."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return json.loads(value) if is_json else value
