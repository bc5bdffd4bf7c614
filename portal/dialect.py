"""The SQL of migrations, written once for both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from portal.database import db, is_postgres

SQLITE_TYPES = {"serial": "integer", "bigint": "integer", "boolean": "integer", "bytea": "blob"}
"""What SQLite calls PostgreSQL's types."""
KEY = "id integer not null primary key"
"""In SQLite's words, in a table that gives keys again."""
IN_ITS_PLACE = (
    "insert into TABLE_anew select * from TABLE",
    "drop table TABLE",
    "alter table TABLE_anew rename to TABLE",
)
"""Once there is an empty TABLE_anew."""


def statements(file: Path) -> Iterator[str]:
    """The statements of a file, in the words of the database in use. No literal in them holds a semicolon."""
    sql = file.read_text(encoding="utf-8")
    if not is_postgres():
        sql = re.sub(r"\b(" + "|".join(SQLITE_TYPES) + r")\b", lambda found: SQLITE_TYPES[found[0]], sql)
    yield from filter(str.strip, sql.split(";"))


def kept(table: str, columns: str, *, empties: Mapping[str, str]) -> Iterator[str]:
    """Triggers that let rows be added to a table, and nothing be changed or taken away: but these columns may become
    empty, as `empties` writes that in SQL, when a person goes. `columns` are all of them, with blanks between.
    """
    fine = " and ".join(_may_be(name, empties) for name in columns.split())
    otherwise = f"begin select raise(abort, '{table} is kept'); end"
    if is_postgres():
        otherwise = "execute function kept()"
    rows = "for each row when" if is_postgres() else "when"
    yield f"create trigger {table}_update before update on {table} {rows} (not ({fine})) {otherwise}"
    yield f"create trigger {table}_delete before delete on {table} {otherwise}"


def given_once() -> Iterator[str]:
    """Let no key be given again once its row is gone, so that an old page never decides on somebody else. PostgreSQL
    gives none again. SQLite does unless a table is made so: each that is not is made anew with what it holds, while
    foreign keys are not followed. Raises RuntimeError where one leads nowhere in the end.
    """
    if is_postgres():
        return
    yield "pragma legacy_alter_table = on"  # triggers of other tables may name one that is away for a moment
    for table, made in _made("type = 'table' and sql like ?", f"% {KEY},%"):
        others = [sql for _, sql in _made("type in ('index', 'trigger') and tbl_name = ?", table)]
        yield made.replace(table, f"{table}_anew", 1).replace(KEY, f"{KEY} autoincrement", 1)
        yield from (step.replace("TABLE", table) for step in IN_ITS_PLACE)
        yield from others
    yield "pragma legacy_alter_table = off"
    if broken := db.execute_sql("pragma foreign_key_check").fetchall():
        raise RuntimeError(f"rows refer to what is not there: {broken[:5]}")


def _made(which: str, value: str) -> list[tuple[str, str]]:
    """Names and statements of what SQLite has."""
    of_ours = "select name, sql from sqlite_master where sql is not null and "
    return list(db.execute_sql(of_ours + which, (value,)).fetchall())


def _may_be(name: str, empties: Mapping[str, str]) -> str:
    same = f"new.{name} is not distinct from old.{name}"
    return f"({same} or new.{name} is not distinct from {empties[name]})" if name in empties else same
