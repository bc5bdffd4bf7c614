"""The database: how it is opened, and the one way to change it.

A process serves one database. Connections are kept, one for each thread. All that differs between
SQLite and PostgreSQL is in this module and in the two search modules of the directory.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import apsw
import peewee
from playhouse.apsw_ext import APSWDatabase
from playhouse.db_url import connect as connect_by_url

from portal.errors import SettingsError

Result = TypeVar("Result")
Params = ParamSpec("Params")

TRIES = 4
PAUSE = 0.02
"""Seconds before a second try: at once, it takes its locks again before the one that waits for them wakes."""
RETRIED_SQLSTATES = {"40001", "40P01", "23505"}
"""PostgreSQL: serialization failure, deadlock, and a key that another transaction took first. A second
try resolves them: it sees what the other one did (PostgreSQL manual, 13.5).
"""

db = peewee.DatabaseProxy()


class Table(peewee.Model):
    """What all models share: the process's database."""

    class Meta:
        database = db
        legacy_table_names = False


class _KeyAccessor(peewee.ForeignKeyAccessor):
    """Keeps the key of what is assigned, also where that key is itself a reference (a mentor's key is
    a person); peewee would keep the person.
    """

    def __set__(self, instance: Any, value: Any) -> None:
        is_row = isinstance(value, self.rel_model)
        # By the column's name: by the field's, a key that is itself a reference would be fetched, row by row.
        super().__set__(instance, getattr(value, value._meta.primary_key.safe_name) if is_row else value)
        if is_row:
            instance.__rel__[self.name] = value


class Reference(peewee.ForeignKeyField):
    """A foreign key. With `index=False` where a longer index begins with it."""

    accessor_class = _KeyAccessor


class UTCDateTime(peewee.Field):
    """An instant. Aware datetimes in Python, epoch seconds in both databases: the same everywhere,
    whatever the zone of a driver or a server, and comparable as numbers.
    """

    field_type = "BIGINT"

    def db_value(self, value: datetime | int | None) -> int | None:
        """Epoch seconds; a naive datetime is an error, not a guess."""
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError("a naive datetime is no instant")
            return int(value.timestamp())
        return value

    def python_value(self, value: int | None) -> datetime | None:
        """An aware datetime in UTC."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Words(peewee.Field):
    """A few words kept in one column, each between spaces, so that SQL finds one with `has`."""

    field_type = "TEXT"

    def db_value(self, value: Iterable[str | int] | str | None) -> str | None:
        """ " skill career " """
        if value is None or isinstance(value, str):
            return value
        return "".join(f" {word}" for word in value) + " "

    def python_value(self, value: str | None) -> tuple[str, ...]:
        """The words in the order they were given."""
        return tuple((value or "").split())

    def has(self, word: str) -> peewee.Expression:
        """True in SQL where the word is among them. `word` comes from a fixed list, never as typed."""
        # Spelled out: peewee's own LIKE becomes GLOB on SQLite, where % is only a percent sign.
        return peewee.Expression(self, "like", peewee.Value(f"% {word} %", converter=False))


def open_database(url: str) -> peewee.Database:
    """Make `url` the database of this process. Connects at the first use in each thread."""
    if db.obj is not None:
        db.obj.close()
    database = _sqlite(url) if url.startswith("sqlite:///") else connect_by_url(url)
    db.initialize(database)
    return database


class _Sqlite(APSWDatabase):
    """SQLite as apsw brings it. Dates, which only the history of migrations binds, go in as text."""

    opened = 0
    """Connections so far: what one of them counts says nothing about the next."""

    def _add_conn_hooks(self, conn: apsw.Connection) -> None:
        self.opened += 1
        conn.convert_binding = lambda _cursor, _number, value: str(value)
        super()._add_conn_hooks(conn)


def _sqlite(url: str) -> _Sqlite:
    path = Path(url.removeprefix("sqlite:///"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the folder of the database, {path.parent}, cannot be made: {error.strerror}") from error
    return _Sqlite(
        str(path),
        timeout=10,
        # A transaction that reads and then writes must take the write lock first: a deferred one
        # fails with "database is locked" at once, whatever the timeout.
        lock_type="IMMEDIATE",
        pragmas={
            "busy_timeout": 10_000,
            "journal_mode": "wal",
            # NORMAL loses acknowledged bookings on a power cut.
            "synchronous": "full",
            "foreign_keys": 1,
            "trusted_schema": 0,
            "cache_size": -32_000,
        },
    )


def is_postgres() -> bool:
    """Whether this process serves a PostgreSQL database."""
    return isinstance(db.obj, peewee.PostgresqlDatabase)


def connect() -> None:
    """Open this thread's connection if it is not open."""
    db.connect(reuse_if_open=True)


def disconnect() -> None:
    """Close this thread's connection, so that the next use starts afresh."""
    if not db.is_closed():
        db.close()


def version() -> object:
    """Something that differs after any committed change to the database, whoever made it: what was read
    under one version is true as long as it stands. Costs one tiny statement.
    """
    if is_postgres():
        return db.obj.database, db.execute_sql("select pg_current_wal_insert_lsn()").fetchone()[0]
    others = db.execute_sql("pragma data_version").fetchone()[0]
    return id(db.obj), db.obj.opened, others, db.connection().total_changes()


def write(verb: Callable[Params, Result]) -> Callable[Params, Result]:
    """Run `verb` in one transaction: all of it is on disk when it returns, or none of it.

    Inside another `write` it joins that transaction. The outermost one is run again, a bounded
    number of times, where PostgreSQL asks for it, so a verb does nothing but change data.
    """

    @functools.wraps(verb)
    def transaction(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        if db.in_transaction():
            return verb(*args, **kwargs)
        for attempt in range(1, TRIES + 1):
            try:
                with db.atomic():
                    return verb(*args, **kwargs)
            except (peewee.OperationalError, peewee.IntegrityError) as error:
                if attempt == TRIES or _sqlstate(error) not in RETRIED_SQLSTATES:
                    raise
                time.sleep(PAUSE * attempt)
        raise AssertionError("unreachable")

    return transaction


def _sqlstate(error: peewee.PeeweeException) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)  # peewee keeps the driver's error there


def lock(model: type[Table], ids: Iterable[Any]) -> None:
    """Make other writers of these rows wait until this transaction ends.

    In id order, so that two writers never wait for each other. On SQLite the transaction already
    has the only write lock.
    """
    if is_postgres():
        key: Any = model._meta.primary_key
        list(model.select(key).where(key << sorted(set(ids))).order_by(key).for_update().tuples())


def rows(query: Any) -> list[dict[str, Any]]:
    """The rows of a query as dictionaries: what list pages use."""
    return list(query.dicts())


def tuples(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a query as tuples."""
    return list(query.tuples())


def column(query: Any) -> list[Any]:
    """The first column of a query."""
    return [row[0] for row in query.tuples()]


def skip_locked(query: Any) -> Any:
    """The rows that no other worker is at work on. SQLite has one writer, so none is locked."""
    return query.for_update("FOR UPDATE SKIP LOCKED") if is_postgres() else query


def insert_many(model: type[Table], fields: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """Insert all rows, in statements of a size that both databases take."""
    for batch in peewee.chunked(values, 500):
        model.insert_many(batch, fields=list(fields)).execute()
