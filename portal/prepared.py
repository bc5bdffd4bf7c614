"""Queries whose statement is put together once, for the pages that everybody opens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

import peewee

from portal.database import db, is_postgres

Params = ParamSpec("Params")
Made = TypeVar("Made", bound="Prepared")


@dataclass(frozen=True)
class Slot:
    """A value that a prepared query gets each time it runs."""

    name: str


def slot(name: str) -> peewee.Value:
    """A place in a query for such a value."""
    return peewee.Value(Slot(name), converter=False)


class Prepared:
    """A query whose statement is put together once.

    Rows come as plain tuples, as the database has them. A list of keys goes into one slot: see `among`.
    """

    def __init__(self, query: Any) -> None:
        self._sql, self._values = query.sql()

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """Run it. `given` has a value for each slot."""
        return list(self._filled(given).execute().fetchall())

    def _filled(self, given: dict[str, Any]) -> _Statement:
        values = [given[value.name] if isinstance(value, Slot) else value for value in self._values]
        return _Statement(self._sql, values)


class PreparedModels(Prepared):
    """The same for a query whose rows are wanted as models, with those that are joined. Which column belongs to which
    of them is worked out at the first row.
    """

    def __init__(self, query: Any) -> None:
        super().__init__(query)
        self._query = query
        self._model_of: Callable[[Any], Any] | None = None

    def models(self, **given: Any) -> list[Any]:
        """Run it."""
        statement = self._filled(given)
        if self._model_of is not None:
            return [self._model_of(row) for row in statement.execute().fetchall()]
        result = self._query.clone().execute(statement)
        models = list(result)
        if models:
            self._model_of = result.process_row
            result.cursor, result.row_cache = None, []  # what was read is not kept
        return models


@dataclass(frozen=True)
class _Statement:
    """A statement with its values. It may stand where a query wants a database: it runs as it is, for any query."""

    sql: str
    values: list[Any]

    def execute(self, _query: object = None) -> Any:
        return db.execute_sql(self.sql, self.values)


def once_for_each_engine(make: Callable[Params, Made]) -> Callable[Params, Made]:
    """Decorates what makes a prepared query: it is made once for the same arguments, and anew for another engine,
    whose words are others. For each engine the last 512 are kept.
    """
    made: dict[bool, Callable[..., Made]] = {engine: lru_cache(maxsize=512)(make) for engine in (False, True)}

    @wraps(make)
    def for_this_engine(*args: Params.args, **kwargs: Params.kwargs) -> Made:
        return made[is_postgres()](*args, **kwargs)

    return for_this_engine


def among(field: Any, name: str) -> Any:
    """True in SQL where `field` is one of the keys in a slot; fill it with `keys(...)`."""
    if is_postgres():
        return peewee.Expression(field, "=", peewee.fn.ANY(slot(name)), flat=True)
    listed = peewee.NodeList((peewee.SQL("(select value from json_each("), slot(name), peewee.SQL("))")))
    return peewee.Expression(field, peewee.OP.IN, listed)


def keys(found: Iterable[int]) -> object:
    """What an `among` slot is filled with."""
    return list(found) if is_postgres() else json.dumps(list(found))
