"""What was deleted is to be nowhere: neither beside the tables nor in what a database keeps of them."""

from __future__ import annotations

import logging

import peewee

from portal.database import db, is_postgres
from portal.held import HELD

PATIENCE = 1000
"""Milliseconds to wait for those who read or write just now."""
log = logging.getLogger(__name__)


def wipe_log() -> None:
    """SQLite: bring the file up to date and empty its log, which still has what the file has not. What somebody
    reads just now stays until the next time. Outside a transaction.
    """
    if is_postgres():
        return
    before = db.execute_sql("pragma busy_timeout").fetchone()[0]
    db.execute_sql(f"pragma busy_timeout = {PATIENCE}")
    try:
        db.execute_sql("pragma wal_checkpoint(truncate)").fetchall()
    finally:
        db.execute_sql(f"pragma busy_timeout = {before}")


def wipe() -> None:
    """The whole of it, for the worker: it takes as long as the database is large. SQLite writes its file anew, because
    a page from which rows moved to another may keep a copy of them, whatever `secure_delete` says. PostgreSQL
    forgets dead rows: no statement reads them any more, and their place is used again.
    """
    tables = f" {', '.join(table._meta.table_name for table in HELD)}" if is_postgres() else ""
    try:
        db.execute_sql(f"vacuum{tables}")
    except peewee.OperationalError:
        log.warning("what was deleted is wiped later: the database is busy")
    wipe_log()
