"""A database that cannot be reached, or cannot be written: told as such, and nothing is half done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import apsw
import peewee
import psycopg
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import database
from portal.availability.models import Claim, Hold
from portal.mail.outbox import Outbox, put
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.models import Session, SessionEvent
from portal.settings import Settings
from tests.cast import BOOKING, Visitor, opening, value_of
from tests.conftest import Engine, Time
from tests.engines import free_port
from tests.letters import PLAIN


def counts() -> list[int]:
    tables = (Session, SessionEvent, Outbox, Claim, Hold.select().where(~Hold.is_released), Hold)
    return [int(table.select().count()) for table in tables]


def is_told(answer: TestResponse) -> bool:
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert [word for word in ("Traceback", "sql", "SQL", "connection", "lock") if word in answer.text] == []
    return "Nothing was changed. Please try again in a minute." in answer.text


@contextmanager
def written_by_somebody_else(settings: Settings) -> Iterator[None]:
    """Another process is writing and does not end; ours waits a moment, not ten seconds."""
    if database.is_postgres():
        database.db.execute_sql("set lock_timeout = 100")
        with psycopg.connect(settings.database_url) as other:
            other.execute("lock table outbox in access exclusive mode")  # what booking writes last
            yield
            other.rollback()
    else:
        database.db.execute_sql("pragma busy_timeout = 50")
        other_one = apsw.Connection(settings.database_url.removeprefix("sqlite:///"))
        other_one.execute("begin immediate")
        yield
        other_one.execute("rollback")
        other_one.close()


def test_write_that_cannot_be_made_is_told_and_nothing_is_half_done(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person
) -> None:
    sam, wanted = Visitor(app, mentee), opening(mentor)
    held = sam.hold(wanted).location.rsplit("/", 1)[1]
    form = {"opening": value_of(wanted), "hold": held, **BOOKING, "csrf_token": sam.token()}
    before = counts()
    with written_by_somebody_else(settings):
        assert is_told(sam.client.post("/sessions", data=form))
    assert counts() == before
    assert sam.client.post("/sessions", data=form).status_code == 303
    assert counts() != before


def test_disk_that_is_full_keeps_nothing(app: Flask, engine: Engine, mentor: Mentor, mentee: Person) -> None:
    """The letters, which booking writes last, do not fit any more."""
    sam, wanted = Visitor(app, mentee), opening(mentor)
    held = sam.hold(wanted).location.rsplit("/", 1)[1]
    form = {"opening": value_of(wanted), "hold": held, **BOOKING, "csrf_token": sam.token()}
    fill_up(engine)
    before = counts()
    assert is_told(sam.client.post("/sessions", data=form))
    make_room(engine)
    assert counts() == before
    assert sam.client.post("/sessions", data=form).status_code == 303


def fill_up(engine: Engine) -> None:
    """SQLite may not grow, and letters fill what is left; PostgreSQL says what it says when a disk is full."""
    if engine.name == "sqlite":
        pages = database.db.execute_sql("pragma page_count").fetchall()[0][0]
        database.db.execute_sql(f"pragma max_page_count = {pages}")
        for size in (2000, 200, 20, 1):
            with pytest.raises(peewee.OperationalError, match="full"):
                write_letters(size)
    else:
        database.db.execute_sql(
            "create function full_disk() returns trigger language plpgsql as"
            " $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$"
        )
        database.db.execute_sql("create trigger full_disk before insert on outbox execute function full_disk()")


def write_letters(size: int) -> None:
    for number in range(10_000):
        put(PLAIN, subject=f"{size} {number}", to="@" * size, zone="", words={})


def make_room(engine: Engine) -> None:
    if engine.name == "sqlite":
        database.db.execute_sql("pragma max_page_count = 1000000")
    else:
        database.db.execute_sql("drop trigger full_disk on outbox")


@pytest.mark.parametrize("path", ["/", "/sessions", "/mentors/laila-mansour", "/nothing"])
def test_database_out_of_reach_is_told_on_every_page(
    app: Flask, engine: Engine, settings: Settings, mentee: Person, world: Time, path: str
) -> None:
    sam = Visitor(app, mentee)
    out_of_reach = (
        f"sqlite:///{settings.data}" if engine.name == "sqlite" else f"postgresql://127.0.0.1:{free_port()}/x"
    )
    database.open_database(out_of_reach)
    assert is_told(sam.get(path))
    assert is_told(sam.part(path))
    assert sam.get("/static/portal.css", buffered=True).status_code == 200
    database.open_database(settings.database_url)
    assert sam.get(path).status_code == {"/nothing": 404, "/mentors/laila-mansour": 404}.get(path, 200)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_connection_that_was_cut_is_made_anew(app: Flask, settings: Settings, mentee: Person) -> None:
    """One request fails when the server was restarted; the next one works. SQLite has no server."""
    sam = Visitor(app, mentee)
    with psycopg.connect(settings.database_url, autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    assert is_told(sam.get("/sessions"))
    assert sam.get("/sessions").status_code == 200
