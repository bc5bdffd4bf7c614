"""The browsers that people are signed in with; and what was decided and what happened lets go of who left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.database import is_postgres
from portal.dialect import kept, statements

STEPS = Path(__file__).with_suffix(".sql")
KEPT = {
    "decision": ("id subject subject_id about what reason coordinator_id at", {"about": "''", "reason": "''"}),
    "session_event": ("id session_id person_id what at", {"person_id": "null"}),
}


def up(_migrator: object, db: Any) -> None:
    for statement in [*statements(STEPS), *_let_go()]:
        db.execute_sql(statement)


def _let_go() -> Iterator[str]:
    for table, (columns, empties) in KEPT.items():
        names = (f"{table}_kept on {table}",) if is_postgres() else (f"{table}_update", f"{table}_delete")
        yield from (f"drop trigger {name}" for name in names)
        yield from kept(table, columns, empties=empties)
    if not is_postgres():  # what it forgets is overwritten from now on, and what it forgot before is gone
        yield "insert into mentor_text(mentor_text, rank) values ('secure-delete', 1)"
        yield "insert into mentor_text(mentor_text) values ('rebuild')"
