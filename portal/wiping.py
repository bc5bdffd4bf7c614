"""What was deleted is to be nowhere: neither beside the tables nor in what a database keeps of them."""

from __future__ import annotations

from portal.database import db, is_postgres
from portal.held import HELD

PATIENCE = 1000
"""Milliseconds to wait for those who read or write just now."""


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
    """The same, and PostgreSQL forgets dead rows: no statement reads them any more, and their place is used again."""
    wipe_log()
    if is_postgres():
        db.execute_sql(f"vacuum {', '.join(table._meta.table_name for table in HELD)}")
