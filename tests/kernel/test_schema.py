"""Migrations lead to the schema that the models describe."""

from __future__ import annotations

import re

import pytest

from portal import database, schema
from portal.database import db
from portal.directory import text_postgres
from tests.conftest import Engine


def shape_of_tables() -> dict[str, object]:
    """Columns, keys, indexes and checks of every table, as the database itself tells them."""
    return {
        table: (
            sorted((c.name, c.data_type.upper(), c.null, c.primary_key) for c in db.get_columns(table)),
            sorted((tuple(index.columns), index.unique) for index in db.get_indexes(table)),
            sorted((key.column, key.dest_table, key.dest_column) for key in db.get_foreign_keys(table)),
            checks_of(table),
        )
        for table in sorted(model._meta.table_name for model in schema.TABLES)
    }


def checks_of(table: str) -> list[str]:
    if database.is_postgres():
        sql = "select pg_get_constraintdef(oid) from pg_constraint where contype = 'c' and conrelid = %s::regclass"
        return sorted(row[0] for row in db.execute_sql(sql, (table,)).fetchall())
    made = db.execute_sql("select sql from sqlite_master where name = ?", (table,)).fetchall()[0][0]
    flat = " ".join(made.lower().replace('"', "").split())
    return sorted(part.strip(" ()") for part in re.split(r"check", flat)[1:])


def test_migrating_from_empty_gives_what_the_models_say(engine: Engine, database_url: str) -> None:
    database.open_database(database_url)
    database.connect()
    migrated = shape_of_tables()
    if engine.name == "sqlite":
        db.execute_sql("drop table mentor_text")
        db.execute_sql("pragma foreign_keys = off")
    db.drop_tables(schema.TABLES, cascade=engine.name == "postgres")
    db.create_tables(schema.TABLES)
    for statement in text_postgres.CREATE if engine.name == "postgres" else ():
        db.execute_sql(statement)
    described = shape_of_tables()
    assert {name: shape for name, shape in described.items() if migrated[name] != shape} == {}
    assert len(described) == len(schema.TABLES)


def test_a_missing_check_would_be_seen(database_url: str) -> None:
    database.open_database(database_url)
    database.connect()
    before = shape_of_tables()
    db.execute_sql("drop table standing")
    db.execute_sql("create table standing (mentor_id integer primary key, ratings integer not null)")
    assert shape_of_tables() != before


def test_migrating_twice_does_nothing(database_url: str) -> None:
    database.open_database(database_url)
    database.connect()
    assert (schema.migrate(), schema.pending()) == ([], [])


@pytest.mark.parametrize("table", ["decision", "session_event"])
def test_what_happened_can_only_be_added_to(database_url: str, table: str) -> None:
    database.open_database(database_url)
    database.connect()
    person = "insert into person (email, name, headline, time_zone, is_coordinator, created_at)"
    true = "true" if database.is_postgres() else "1"
    db.execute_sql(f"{person} values ('a@example.org', '', '', 'Etc/UTC', {true}, 0)")
    if table == "decision":
        db.execute_sql(
            "insert into decision (subject, subject_id, about, what, reason, coordinator_id, at)"
            " select 'line', 1, '', 'shown', '', id, 0 from person"
        )
        for change in ("update decision set what = 'refused'", "delete from decision"):
            with pytest.raises(database.peewee.PeeweeException, match="kept"):
                db.execute_sql(change)
    else:
        with pytest.raises(database.peewee.PeeweeException):
            db.execute_sql("insert into session_event (session_id, what, at) values (1, 'x', 0)")
