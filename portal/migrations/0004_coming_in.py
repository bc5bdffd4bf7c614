"""The browsers that people are signed in with, other ways to sign in, the audit, reports, photos, and invitations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portal.database import is_postgres
from portal.dialect import statements

STEPS = Path(__file__).with_suffix(".sql")
KEPT = ("decision", "session_event", "audit")
SAME = ("id", "at", "what", "by_person", "thing", "detail")
"""Columns of the audit that nothing changes. Those that name a person become empty once that person is erased."""


def _gone(column: str, is_not_distinct: str) -> str:
    erased = f"(new.{column} is null and not exists (select 1 from person where id = old.{column}))"  # noqa: S608  # our columns
    return f"(new.{column} {is_not_distinct} old.{column} or {erased})"


def _only_erases(is_not_distinct: str) -> str:
    same = [f"new.{column} {is_not_distinct} old.{column}" for column in SAME]
    return " and ".join([*same, *(_gone(column, is_not_distinct) for column in ("person_id", "about_id"))])


SQLITE = (
    f"create trigger audit_update before update on audit when not ({_only_erases('is')})"
    " begin select raise(abort, 'audit is kept'); end",
    "create trigger audit_delete before delete on audit begin select raise(abort, 'audit is kept'); end",
    # "insert or replace" takes a row away without asking the trigger before delete.
    *(
        f"create trigger {table}_replace before insert on {table}"  # noqa: S608  # our tables
        f" when exists (select 1 from {table} where id = new.id)"
        f" begin select raise(abort, '{table} is kept'); end"
        for table in KEPT
    ),
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


def up(_migrator: object, db: Any) -> None:
    for statement in [*statements(STEPS), *(POSTGRES if is_postgres() else SQLITE)]:
        db.execute_sql(statement)
