"""Letters in order and out of it, feeds, busy times, reminders, hours that are still good, and waiting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from portal.clock import now
from portal.database import is_postgres
from portal.dialect import statements

STEPS = Path(__file__).with_suffix(".sql")
TWO_WEEKS = 14 * 24 * 3600
CONFIRM = (
    "update availability set busy = ?, confirmed_at"
    " = ? - (cast(mentor_id as bigint) * 9973 - cast(mentor_id as bigint) * 9973 / ? * ?)"
)


def up(_migrator: object, db: Any) -> None:
    for statement in statements(STEPS):
        db.execute_sql(statement)
    mark = "%s" if is_postgres() else "?"
    # Bound, because SQLite takes '' for a text. And whoever has hours now is asked in two to four weeks whether they
    # are still good, not all in the same minute.
    db.execute_sql(CONFIRM.replace("?", mark), (b"", int(now().timestamp()), TWO_WEEKS, TWO_WEEKS))
    _complete_waiting_letters(db, mark)


def _complete_waiting_letters(db: Any, mark: str) -> None:
    """With what mails say since this version."""
    waiting = "select id, words, created_at from outbox where state = 'waiting'"
    complete = "update outbox set words = ? where id = ?"
    for key, words, created_at in db.execute_sql(waiting).fetchall():
        facts = {"where": "", **json.loads(words)}
        if facts.get("calendar"):
            facts["calendar"] = {"revised": created_at, **facts["calendar"]}
        db.execute_sql(complete.replace("?", mark), (json.dumps(facts), key))
