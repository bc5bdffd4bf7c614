"""All tables of the first version, full text search, and what may only be added to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portal.database import is_postgres
from portal.dialect import statements
from portal.directory import text_postgres, text_sqlite

TABLES = Path(__file__).with_suffix(".sql")
# What was decided and what happened is only ever added to.
KEPT = ("decision", "session_event")
SQLITE = (
    *text_sqlite.CREATE,
    *(
        f"create trigger {table}_{what} before {what} on {table} begin select raise(abort, '{table} is kept'); end"
        for table in KEPT
        for what in ("update", "delete")
    ),
)
POSTGRES = (
    *text_postgres.CREATE,
    "create function kept() returns trigger language plpgsql as"
    " $$ begin raise exception 'what was decided is kept' using errcode = 'integrity_constraint_violation'; end $$",
    *(f"create trigger {table}_kept before update or delete on {table} execute function kept()" for table in KEPT),
)


def up(_migrator: object, db: Any) -> None:
    for statement in [*statements(TABLES), *(POSTGRES if is_postgres() else SQLITE)]:
        db.execute_sql(statement)
