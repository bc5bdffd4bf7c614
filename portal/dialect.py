"""The SQL of migrations, written once in PostgreSQL's types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from portal.database import is_postgres

SQLITE_TYPES = {"serial": "integer", "bigint": "integer", "boolean": "integer", "bytea": "blob"}
"""What SQLite calls PostgreSQL's types."""


def statements(file: Path) -> Iterator[str]:
    """The statements of a file, in the words of the database in use. No literal in them holds a semicolon."""
    sql = file.read_text(encoding="utf-8")
    if not is_postgres():
        sql = re.sub(r"\b(" + "|".join(SQLITE_TYPES) + r")\b", lambda found: SQLITE_TYPES[found[0]], sql)
    yield from filter(str.strip, sql.split(";"))
