"""The browsers that people are signed in with, other ways to sign in, the audit, reports, photos, and invitations. What
was decided and what happened lets go of who left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.database import is_postgres
from portal.dialect import given_once, kept, statements

STEPS = Path(__file__).with_suffix(".sql")
KEPT = ("decision", "session_event", "audit")
SAME = ("id", "at", "what", "by_person", "thing", "detail")
"""Columns of the audit that nothing changes. Those that name a person become empty once that person is erased."""
ERASED = "(new.COLUMN is null and not exists (select 1 from person where id = old.COLUMN and email <> 'left-' || id))"
REPLACE = (
    "create trigger TABLE_replace before insert on TABLE when exists (select 1 from TABLE where id = new.id)"
    " begin select raise(abort, 'TABLE is kept'); end"
)


def _gone(column: str, is_not_distinct: str) -> str:
    return f"(new.{column} {is_not_distinct} old.{column} or {ERASED.replace('COLUMN', column)})"


def _only_erases(is_not_distinct: str) -> str:
    same = [f"new.{column} {is_not_distinct} old.{column}" for column in SAME]
    return " and ".join([*same, *(_gone(column, is_not_distinct) for column in ("person_id", "about_id"))])


SQLITE = (
    f"create trigger audit_update before update on audit when not ({_only_erases('is')})"
    " begin select raise(abort, 'audit is kept'); end",
    "create trigger audit_delete before delete on audit begin select raise(abort, 'audit is kept'); end",
    # "insert or replace" takes a row away without asking the trigger before delete.
    *(REPLACE.replace("TABLE", table) for table in KEPT),
)
POSTGRES = (
    "create function audit_kept() returns trigger language plpgsql as"
    f" $$ begin if tg_op = 'UPDATE' then if {_only_erases('is not distinct from')} then return new; end if; end if;"
    " raise exception 'audit is kept' using errcode = 'integrity_constraint_violation'; end $$",
    "create trigger audit_kept before update or delete on audit for each row execute function audit_kept()",
    *(
        f"create trigger {table}_emptied before truncate on {table} for each statement execute function"
        f" {'audit_kept' if table == 'audit' else 'kept'}()"
        for table in KEPT
    ),
)


TELL = "update outbox set words = ? where id = ?"
EMPTIED = {
    "decision": ("id subject subject_id about what reason coordinator_id at", {"about": "''", "reason": "''"}),
    "session_event": ("id session_id person_id what at", {"person_id": "null"}),
}
"""Columns of what was kept before, and which of them become empty, with what."""


def up(_migrator: object, db: Any) -> None:
    for statement in [*statements(STEPS), *_let_go(), *(POSTGRES if is_postgres() else SQLITE)]:
        db.execute_sql(statement)
    for statement in given_once():
        db.execute_sql(statement)
    _forget_what_was_quoted(db, "%s" if is_postgres() else "?")


def _forget_what_was_quoted(db: Any, mark: str) -> None:
    """A letter about a message names which it is to begin with, and looks it up when it is sent."""
    quoting = (
        "select id, version, words from outbox where kind = 'preparation/message' and state in ('waiting', 'dead')"
    )
    for key, version, words in db.execute_sql(quoting).fetchall():
        facts = {**json.loads(words), "message": int(version.removeprefix("after ")) + 1}
        kept_facts = {name: value for name, value in facts.items() if name not in ("excerpt", "who")}
        db.execute_sql(TELL.replace("?", mark), (json.dumps(kept_facts), key))


def _let_go() -> Iterator[str]:
    for table, (columns, empties) in EMPTIED.items():
        names = (f"{table}_kept on {table}",) if is_postgres() else (f"{table}_update", f"{table}_delete")
        yield from (f"drop trigger {name}" for name in names)
        yield from kept(table, columns, empties=empties)
    if not is_postgres():  # what it forgets is overwritten from now on, and what it forgot before is gone
        yield "insert into mentor_text(mentor_text, rank) values ('secure-delete', 1)"
        yield "insert into mentor_text(mentor_text) values ('rebuild')"
